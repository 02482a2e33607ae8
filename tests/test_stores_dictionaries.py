"""Shared dictionaries: rows and the bodies that belong to them, always together."""

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from databases import dump, run
from loginfix.browsers.model import Engine
from loginfix.files.tree import Tree
from loginfix.formats import simple_cache
from loginfix.stores.catalog import declared_stores
from loginfix.stores.model import Place, Restored, Root, State, Store
from recorder.recordings import unpack
from store_doubles import WISH, DirectWorkspace, MemoryBackup

REL = "Shared Dictionary"


@pytest.fixture(params=["chromium-156-blockfile", "chromium-156-sql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(Tree(unpack(request.param, tmp_path / "home").profile), Root.PROFILE, REL)


def store() -> Store:
    declared = declared_stores(Engine.CHROMIUM)
    return next(each.store for each in declared if each.store.id == "chromium.shared_dictionary")


def clear(place: Place, scratch: Path) -> MemoryBackup:
    backup = MemoryBackup()
    work = DirectWorkspace(place.tree.root, scratch)
    store().clear(place, WISH, work, backup)
    work.apply()
    return backup


def restore(place: Place, backup: MemoryBackup, scratch: Path) -> Restored:
    work = DirectWorkspace(place.tree.root, scratch)
    outcome = store().restore(place, backup, work, overwrite=False)
    work.apply()
    return outcome


def bodies(place: Place) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (place.path / "cache").glob("*_0")}


def rows(place: Place) -> dict[str, str]:
    """The URL of each dictionary by the name of its body's file."""
    with closing(sqlite3.connect(place.path / "db")) as database:
        found = database.execute("SELECT url, token_high, token_low FROM dictionaries").fetchall()
    return {
        simple_cache.entry_file_name(f"{high % 2**64:016X}{low % 2**64:016X}", "0"): url
        for url, high, low in found
    }


def total(place: Place) -> tuple[int, int]:
    with closing(sqlite3.connect(place.path / "db")) as database:
        (stated,) = database.execute(
            "SELECT value FROM meta WHERE key = 'total_dict_size'"
        ).fetchone()
        (real,) = database.execute("SELECT coalesce(sum(size), 0) FROM dictionaries").fetchone()
    return int(stated), real


def test_rows_and_bodies_go_and_come_back_together(place: Place, tmp_path: Path) -> None:
    before, held, database = rows(place), bodies(place), dump(place.path / "db", tmp_path)
    assert before.keys() == held.keys()
    assert store().find(place, WISH).details == {"dictionaries": 2, "files": 2}
    backup = clear(place, tmp_path / "scratch")
    left = rows(place)
    assert left == {name: url for name, url in before.items() if "example" in url}
    assert bodies(place) == {name: held[name] for name in left}
    assert not any(re.search(rb"www\.amazon\.co", data) for data in bodies(place).values())
    assert total(place)[0] == total(place)[1] > 0
    assert store().find(place, WISH).state is State.CLEAN
    restore(place, backup, tmp_path / "scratch2")
    assert (rows(place), bodies(place)) == (before, held)
    assert dump(place.path / "db", tmp_path) == database


def test_a_dictionary_that_came_anew_keeps_its_own_body(place: Place, tmp_path: Path) -> None:
    shutil.copyfile(place.path / "db", tmp_path / "db")
    backup = clear(place, tmp_path / "scratch")
    run(
        place.path / "db",
        f"ATTACH '{tmp_path / 'db'}' AS old",
        "INSERT INTO dictionaries SELECT * FROM old.dictionaries WHERE url LIKE '%amazon.com/%'",
        "UPDATE dictionaries SET token_low = 77, size = 9 WHERE url LIKE '%amazon.com/%'",
    )
    outcome = restore(place, backup, tmp_path / "scratch2")
    assert len(outcome.kept_newer) == 1
    known = rows(place)
    assert bodies(place).keys() < known.keys()
    assert [url for name, url in known.items() if name not in bodies(place)] == [
        "https://www.amazon.com/static/program.js?build=7"
    ]
    assert total(place)[0] == total(place)[1]


def test_a_body_without_a_row_goes_when_it_names_the_site(place: Place, tmp_path: Path) -> None:
    for token, body in ((b"A" * 32, b"of www.amazon.com"), (b"B" * 32, b"of www.notamazon.com")):
        path = place.path / "cache" / simple_cache.entry_file_name(token, "0")
        path.write_bytes(simple_cache.build_entry(token, b"", body))
    clear(place, tmp_path / "scratch")
    left = b"".join(bodies(place).values())
    assert b"of www.amazon.com" not in left
    assert b"of www.notamazon.com" in left


@pytest.mark.parametrize("missing", ["db", "cache"])
def test_either_part_may_be_missing(missing: str, place: Place, tmp_path: Path) -> None:
    path = place.path / missing
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    assert store().find(place, WISH).state is State.FOUND
    clear(place, tmp_path / "scratch")
    assert store().find(place, WISH).state is State.CLEAN
