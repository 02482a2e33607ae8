"""Compiled scripts: small entries by URL, and the bodies that only their hashes name."""

import re
import shutil
import struct
from pathlib import Path

import pytest

from loginfix.browsers.model import Engine
from loginfix.files.tree import Tree
from loginfix.formats import simple_cache
from loginfix.stores.catalog import declared_stores
from loginfix.stores.model import Place, Root, State, Store
from recorder.recordings import unpack
from store_doubles import WISH, DirectWorkspace, MemoryBackup

HASH = re.compile(rb"[0-9A-F]{64}")
FLAVOURS = ("chromium-156-blockfile", "chromium-156-sql")
# The wish of these tests: what is in frames of these sites, but for AWS.
TARGET = re.compile(rb"_keyhttps://(?!\S*\.aws\.)\S* \nhttps://amazon\.(com|co\.jp)/$")
SHARED = b"A" * 64


@pytest.fixture(params=FLAVOURS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """The script cache of a recording."""
    return Place(Tree(unpack(request.param, tmp_path / "home").cache), Root.CACHE, "Code Cache/js")


def store() -> Store:
    declared = declared_stores(Engine.CHROMIUM)
    return next(each.store for each in declared if each.store.id == "chromium.code_cache")


def contents(place: Place) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in place.path.glob("*_0")}


def key_of(data: bytes) -> bytes:
    (length,) = struct.unpack_from("<I", data, 12)
    return data[24 : 24 + length]


def clear(place: Place, scratch: Path) -> MemoryBackup:
    backup = MemoryBackup()
    work = DirectWorkspace(place.tree.root, scratch)
    store().clear(place, WISH, work, backup)
    work.apply()
    return backup


def write(place: Place, key: bytes, stream0: bytes, stream1: bytes = b"") -> None:
    path = place.path / simple_cache.entry_file_name(key, "0")
    path.write_bytes(simple_cache.build_entry(key, stream0, stream1))


def test_entries_and_their_bodies_go_and_those_of_others_stay(place: Place, tmp_path: Path) -> None:
    before = contents(place)
    small = {name: data for name, data in before.items() if key_of(data).startswith(b"_key")}
    target = {name for name, data in small.items() if TARGET.search(key_of(data))}
    others = small.keys() - target
    bodies_of_others = {
        found for name in others for found in HASH.findall(small[name][len(key_of(small[name])) :])
    }
    assert len(target) > 5
    assert len(bodies_of_others) >= 3
    clear(place, tmp_path / "scratch")
    after = contents(place)
    assert {key_of(data) for data in after.values()} == (
        {key_of(small[name]) for name in others} | bodies_of_others
    )
    assert not any(re.search(rb"(?<![a-z.])www\.amazon\.co", data) for data in after.values())
    assert all(before[name] == data for name, data in after.items())
    assert store().find(place, WISH).state is State.CLEAN


def test_a_body_that_another_site_uses_too_stays_until_that_goes(
    place: Place, tmp_path: Path
) -> None:
    reference = struct.pack("<QI", 1, 20_000) + SHARED
    write(place, b"_keyhttps://www.amazon.com/static/lib.js \nhttps://amazon.com/", reference)
    write(place, b"_keyhttps://www.example.net/static/lib.js \nhttps://example.net/", reference)
    write(place, SHARED, b"", b"compiled code that names nobody")
    body = simple_cache.entry_file_name(SHARED, "0")
    clear(place, tmp_path / "scratch")
    assert body in contents(place)
    write(place, b"_keyhttps://www.amazon.com/static/lib.js \nhttps://amazon.com/", reference)
    other = b"_keyhttps://www.example.net/static/lib.js \nhttps://example.net/"
    (place.path / simple_cache.entry_file_name(other, "0")).unlink()
    clear(place, tmp_path / "scratch2")
    assert body not in contents(place)


def test_a_body_without_an_entry_goes_only_if_the_site_is_in_it(
    place: Place, tmp_path: Path
) -> None:
    write(place, b"B" * 64, b"", b"label of www.amazon.co.jp")
    write(place, b"C" * 64, b"", b"label of www.notamazon.com")
    clear(place, tmp_path / "scratch")
    keys = {key_of(data) for data in contents(place).values()}
    assert b"B" * 64 not in keys
    assert b"C" * 64 in keys


def test_restoring_gives_back_every_byte(place: Place, tmp_path: Path) -> None:
    before = contents(place)
    kept = shutil.copytree(place.path, tmp_path / "kept")
    backup = clear(place, tmp_path / "scratch")
    work = DirectWorkspace(place.tree.root, tmp_path / "scratch2")
    outcome = store().restore(place, backup, work, overwrite=False)
    work.apply()
    assert outcome.problems == ()
    assert contents(place) == before
    index = Path("index-dir") / "the-real-index"
    assert (place.path / index).read_bytes() == (kept / index).read_bytes()
