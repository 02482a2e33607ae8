"""A site's records in LevelDB databases: taken out with every trace, and merged back."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from leveldbs import database_of, opener
from loginfix.browsers.model import Engine
from loginfix.errors import (
    ConfigurationError,
    DamagedFileError,
    NotUnderstoodError,
    VerificationError,
)
from loginfix.files.exact import write_exactly
from loginfix.formats.leveldb import Version, build, read_database
from loginfix.formats.leveldb.batches import build_batches
from loginfix.formats.leveldb.log import build_log
from loginfix.sites.catalog import load_catalog
from loginfix.stores import catalog
from loginfix.stores.catalog import declared_stores
from loginfix.stores.leveldb import files
from loginfix.stores.leveldb.selection import Selection
from loginfix.stores.leveldb.store import LevelDBStore
from loginfix.stores.model import Restored, State, Wish
from oracle import URL_HOST, Oracle
from recorder.recordings import unpack
from store_doubles import WISH, MemoryBackup, place_of, workspace_for

Pairs = dict[bytes, bytes]

LOCAL = "chromium.local_storage"
DOWNLOADS = "chromium.downloads_copy"
PATHS = {LOCAL: "Local Storage/leveldb", DOWNLOADS: "shared_proto_db"}
RECORDINGS = ["chromium-156", "chromium-150", "chromium-156-killed"]

TARGET = b"_https://www.amazon.com\0\x01token"
PARTITIONED = b"_https://ads.example/^0https://amazon.co.jp\0\x01id"
OTHERS = {
    b"VERSION": b"1",
    b"_https://www.notamazon.com\0\x01token": b"https://www.amazon.com/",
    b"_https://console.aws.amazon.com\0\x01token": b"engineer",
    b"META:https://amazon.com.something.example": b"\x08\x01",
}


def store(identifier: str) -> LevelDBStore:
    found = {each.store.id: each.store for each in declared_stores(Engine.CHROMIUM)}[identifier]
    assert isinstance(found, LevelDBStore)
    return found


def pairs(directory: Path) -> Pairs:
    files = {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}
    return dict(read_database(files, opener(files)).live())


def write(directory: Path, content: Pairs) -> Path:
    directory.mkdir()
    for name, data in build(sorted(content.items()), last_sequence=5, next_file_number=3):
        (directory / name).write_bytes(data)
    return directory


def append(directory: Path, *versions: Version) -> None:
    (log,) = directory.glob("*.log")
    log.write_bytes(log.read_bytes() + build_log(build_batches(versions)))


def clear(identifier: str, directory: Path, wish: Wish = WISH) -> MemoryBackup:
    backup = MemoryBackup()
    place = place_of(directory)
    work = workspace_for(place, directory.parent / "scratch")
    finding = store(identifier).clear(place, wish, work, backup)
    assert finding.state is State.FOUND
    work.apply()
    assert store(identifier).find(place, wish).state is State.CLEAN
    return backup


def restore(
    identifier: str, directory: Path, backup: MemoryBackup, *, overwrite: bool = False
) -> Restored:
    place = place_of(directory)
    work = workspace_for(place, directory.parent / "scratch")
    restored = store(identifier).restore(place, backup, work, overwrite=overwrite)
    work.apply()
    return restored


def raw(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.iterdir() if path.is_file())


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.parametrize("identifier", PATHS)
def test_a_recorded_database_loses_the_site_and_nothing_else(
    identifier: str, name: str, tmp_path: Path
) -> None:
    oracle = Oracle(unpack(name, tmp_path / "home"))
    directory = oracle.recording.profile / PATHS[identifier]
    before = pairs(directory)
    backup = clear(identifier, directory, Wish(load_catalog().resolve("amazon")))
    after = pairs(directory)
    gone = before.keys() - after.keys()
    assert gone
    assert after == {key: value for key, value in before.items() if key not in gone}
    hosts = [match[1].decode("latin-1") for match in URL_HOST.finditer(raw(directory))]
    # Other sites' values may quote an address of the site; no record is its own.
    quoted = [
        match[1].decode("latin-1") for value in after.values() for match in URL_HOST.finditer(value)
    ]
    for host in quoted:
        hosts.remove(host)
    assert not [host for host in hosts if oracle.is_target(re.split(r"[\0-\x20^]", host)[0])]
    for key in gone:
        named = [match[1].decode("latin-1") for match in URL_HOST.finditer(key + before[key])]
        assert any(oracle.is_target(re.split(r"[\0-\x20^]", host)[0]) for host in named), key
    assert restore(identifier, directory, backup).restored == len(gone)
    assert pairs(directory) == before
    assert restore(identifier, directory, backup) == Restored(unchanged=len(gone))


def test_what_is_of_the_site_or_under_it_goes(tmp_path: Path) -> None:
    own = {
        TARGET: b"secret",
        PARTITIONED: b"1",
        b"META:https://www.amazon.com": b"",
        b"METAACCESS:https://www.amazon.com": b"",
    }
    directory = write(tmp_path / "db", {**OTHERS, **own})
    (directory / "LOCK").touch()
    (directory / "exp-v1").touch()
    (directory / "LOG").write_text("Level-0 table: _https://www.amazon.com")
    finding = store(LOCAL).find(place_of(directory), WISH)
    assert finding.items == 2
    assert finding.hosts == {"ads.example": 1, "www.amazon.com": 1}
    backup = clear(LOCAL, directory)
    assert pairs(directory) == OTHERS
    assert {path.name for path in directory.iterdir()} >= {"LOCK", "exp-v1", "CURRENT"}
    assert not (directory / "LOG").exists()
    assert b"secret" not in raw(directory)
    assert {row.before["key"]: row.before["value"] for row in backup.all_rows} == own


@pytest.mark.parametrize(
    "change", [Version(TARGET, 50, None), Version(TARGET, 50, b"https://other.example/")]
)
def test_old_states_of_a_record_are_traces_too(change: Version, tmp_path: Path) -> None:
    directory = write(tmp_path / "db", {**OTHERS, TARGET: b"secret-of-old"})
    append(directory, change)
    clear(LOCAL, directory)
    assert b"secret-of-old" not in raw(directory)
    assert pairs(directory) == OTHERS


def test_a_database_without_the_site_is_clean_and_not_rewritten(tmp_path: Path) -> None:
    directory = write(tmp_path / "db", OTHERS)
    place = place_of(directory)
    work = workspace_for(place, tmp_path / "scratch")
    assert store(LOCAL).clear(place, WISH, work, MemoryBackup()).state is State.CLEAN
    assert work.operations == []


def test_it_means_before_or_after_at_every_moment(tmp_path: Path) -> None:
    before = {**OTHERS, TARGET: b"secret"}
    directory = write(tmp_path / "db", before)
    place = place_of(directory)
    work = workspace_for(place, tmp_path / "scratch")
    store(LOCAL).clear(place, WISH, work, MemoryBackup())
    seen = []
    for number in range(len(work.operations) + 1):
        copy = shutil.copytree(directory, tmp_path / str(number) / "db")
        work.root = copy.parent
        work.apply(stop_after=number)
        seen.append(pairs(copy))
    assert seen[0] == before
    assert seen[-1] == OTHERS
    assert all(each in (before, OTHERS) for each in seen)


def test_what_was_stored_since_stays_unless_asked_for(tmp_path: Path) -> None:
    directory = write(tmp_path / "db", {**OTHERS, TARGET: b"old", PARTITIONED: b"1"})
    backup = clear(LOCAL, directory)
    append(directory, Version(TARGET, 60, b"new"), Version(b"_https://a.example\0k", 61, b"v"))
    outcome = restore(LOCAL, directory, backup)
    assert outcome == Restored(restored=1, kept_newer=("_https://www.amazon.com",))
    assert pairs(directory) == {
        **OTHERS,
        TARGET: b"new",
        PARTITIONED: b"1",
        b"_https://a.example\0k": b"v",
    }
    restore(LOCAL, directory, backup, overwrite=True)
    assert pairs(directory)[TARGET] == b"old"


def _cut(directory: Path) -> None:
    (manifest,) = directory.glob("MANIFEST-*")
    manifest.write_bytes(manifest.read_bytes()[:-9])


def _flip(directory: Path) -> None:
    (log,) = directory.glob("*.log")
    data = bytearray(log.read_bytes())
    data[20] ^= 1
    log.write_bytes(data)


def _lose(directory: Path) -> None:
    (directory / "CURRENT").unlink()


@pytest.mark.parametrize("damage", [_cut, _flip, _lose])
def test_a_damaged_database_is_left_alone(damage: Callable[[Path], None], tmp_path: Path) -> None:
    directory = write(tmp_path / "db", {**OTHERS, TARGET: b"secret"})
    damage(directory)
    place = place_of(directory)
    work = workspace_for(place, tmp_path / "scratch")
    with pytest.raises(NotUnderstoodError, match="left alone"):
        store(LOCAL).find(place, WISH)
    with pytest.raises(NotUnderstoodError) as caught:
        store(LOCAL).clear(place, WISH, work, MemoryBackup())
    assert str(directory) in caught.value.message
    assert work.operations == []


def test_a_database_of_an_unknown_order_is_looked_at_and_left_alone(tmp_path: Path) -> None:
    directory = tmp_path / "db"
    directory.mkdir()
    versions = [Version(key, number, b"") for number, key in enumerate([TARGET, *OTHERS], 1)]
    for name, data in database_of([versions], comparator="idb_cmp1").items():
        (directory / name).write_bytes(data)
    place = place_of(directory)
    work = workspace_for(place, tmp_path / "scratch")
    assert store(LOCAL).find(place, WISH).items == 1
    with pytest.raises(NotUnderstoodError, match="unknown way idb_cmp1"):
        store(LOCAL).clear(place, WISH, work, MemoryBackup())
    assert work.operations == []


def test_an_edited_copy_that_reads_otherwise_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = write(tmp_path / "db", {**OTHERS, TARGET: b"secret"})
    place = place_of(directory)

    def lose_one(path: Path, content: bytes) -> None:
        if path.suffix == ".log":
            content = build_log(build_batches([Version(b"VERSION", 9, b"1")]))
        write_exactly(path, content)

    monkeypatch.setattr("loginfix.stores.leveldb.files.write_exactly", lose_one)
    work = workspace_for(place, tmp_path / "scratch")
    with pytest.raises(VerificationError, match="not what it should be"):
        store(LOCAL).clear(place, WISH, work, MemoryBackup())
    assert work.operations == []


def test_a_database_that_chooses_otherwise_the_second_time_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = place_of(write(tmp_path / "db", {**OTHERS, TARGET: b"secret"}))
    monkeypatch.setattr(Selection, "takes", lambda *_: False)
    work = workspace_for(place, tmp_path / "scratch")
    with pytest.raises(VerificationError, match="not what it should be"):
        store(LOCAL).clear(place, WISH, work, MemoryBackup())


def test_a_file_that_no_browser_lets_become_so_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = place_of(write(tmp_path / "db", {**OTHERS, TARGET: b"secret"}))
    largest = max(path.stat().st_size for path in place.path.iterdir())
    monkeypatch.setattr(files, "_MAX_FILE", largest)
    assert store(LOCAL).find(place, WISH).state is State.FOUND
    monkeypatch.setattr(files, "_MAX_FILE", largest - 1)
    with pytest.raises(NotUnderstoodError, match="is too large"):
        store(LOCAL).find(place, WISH)


@pytest.mark.parametrize(
    "other",
    [
        [],
        [(b"a", b"bc")],
        [(b"a", b"bc"), (b"d", b"")],
        [(b"a", b"bc"), (b"e", b"d"), (b"", b"")],
        [(b"ab", b"c"), (b"d", b"e")],
        [(b"abc", b""), (b"de", b"")],
        [(b"a", b"bC"), (b"d", b"e")],
    ],
)
def test_other_pairs_are_told_from_those_that_were_written(
    other: list[tuple[bytes, bytes]],
) -> None:
    written = files._Digest()
    pairs = [(b"a", b"bc"), (b"d", b"e")]
    assert [*written.of(pairs)] == pairs
    assert written.is_of(pairs)
    assert not written.is_of(other)
    assert not written.is_of(pairs[::-1])


def test_a_download_that_cannot_be_read_is_not_guessed_at(tmp_path: Path) -> None:
    directory = write(tmp_path / "db", {b"21_download,1": b"\x0a\x7fhttps://www.amazon.com/"})
    with pytest.raises(DamagedFileError, match="cannot be read"):
        store(DOWNLOADS).find(place_of(directory), WISH)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("{ site = 'url' }", "needs a 'key'"),
        ("{ key = '(', site = 'url' }", "not a pattern"),
        ("{ key = 'a', site = 'url' }", "a group of that name"),
        ("{ key = '(?P<site>a)', site = 'pie' }", "not 'pie'"),
        ("{ key = 'a' }", "needs 'site'"),
        ("{ key = 'a', hash = 'md5' }", "'hash' wants md5"),
        ("{ key = '(?P<site>a)', hash = 'crc' }", "'hash' wants md5"),
        ("{ key = 'a', keys = 'b' }", "unknown key 'keys'"),
    ],
)
def test_a_broken_declaration_says_what_is_wrong(
    record: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stores" / "chromium").mkdir(parents=True)
    (tmp_path / "stores" / "chromium" / "a.toml").write_text(
        '[a]\ntitle = "A"\ncategory = "cache"\nformat = "leveldb"\nroot = "cache"\npaths = []\n'
        f"record = [{record}]\n",
        "utf-8",
    )
    monkeypatch.setattr(catalog, "data_root", lambda: tmp_path)
    declared_stores.cache_clear()
    try:
        with pytest.raises(ConfigurationError) as caught:
            [each.store for each in declared_stores(Engine.CHROMIUM)]
        assert said in caught.value.message
    finally:
        declared_stores.cache_clear()
