"""The unit of a database and its side files, and databases that cannot be used."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from databases import column, copy_database, dump
from loginfix.errors import DamagedFileError, NotUnderstoodError, ProfileWriteError
from loginfix.files.sqlite import UNCHANGED, connect
from loginfix.stores.model import State
from loginfix.stores.sqlite.files import fold_in
from sqlite_stores import Database, clear, hot_journal, store_of, write_ahead
from store_doubles import WISH, MemoryBackup, place_of, workspace_for


@pytest.mark.parametrize("leave", [write_ahead, hot_journal])
def test_at_every_step_of_the_swap_the_files_mean_before_or_after(
    leave: Callable[[Path], None], database: Database, tmp_path: Path
) -> None:
    path = database("chromium.history", "chromium-156")
    leave(path)
    before = dump(path, tmp_path)
    place = place_of(path)
    work = workspace_for(place, tmp_path / "scratch")
    store_of("chromium.history").clear(place, WISH, work, MemoryBackup())
    steps = len(work.operations)
    assert steps > 2
    seen = []
    for step in range(steps + 1):
        copy = copy_database(path, tmp_path / f"step{step}" / path.name)
        work.root = copy.parent
        work.apply(stop_after=step)
        seen.append(dump(copy, tmp_path))
    after = seen[-1]
    assert after != before
    assert all(state in (before, after) for state in seen)
    assert not any(
        Path(f"{tmp_path}/step{steps}/{path.name}{s}").exists() for s in ("-wal", "-shm")
    )


@pytest.mark.parametrize("leave", [write_ahead, hot_journal])
def test_the_log_and_a_hot_journal_are_part_of_the_database(
    leave: Callable[[Path], None], database: Database, tmp_path: Path
) -> None:
    path = database("chromium.history", "chromium-156")
    leave(path)
    names = set(column(copy_database(path, tmp_path / "c"), "SELECT url FROM urls"))
    clear("chromium.history", path)
    urls = set(column(path, "SELECT url FROM urls"))
    assert not any(str(url).startswith("https://www.amazon.com/") for url in urls)
    assert ("https://other.example/log" in urls) == ("https://other.example/log" in names)
    assert not any("half.example" in str(url) for url in urls)


@pytest.mark.parametrize("damage", ["truncated", "overwritten", "foreign", "cut header"])
def test_a_damaged_database_is_left_alone(damage: str, database: Database) -> None:
    path = database("firefox.places", "firefox-esr-153")
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    content = bytearray(path.read_bytes())
    match damage:
        case "truncated":
            del content[20 * 32768 :]
        case "overwritten":
            content[40000:300000] = os.urandom(260000)
        case "foreign":
            content = bytearray(b"this is not a database " * 100)
        case _:
            del content[50:]
    path.write_bytes(content)
    with pytest.raises(DamagedFileError, match=r"places\.sqlite") as caught:
        clear("firefox.places", path)
    assert caught.value.next_step
    assert path.read_bytes() == content


def test_an_encrypted_database_is_left_alone(database: Database) -> None:
    path = database("firefox.cookies", "firefox-esr-153")
    content = bytearray(path.read_bytes())
    content[16:18] = (8192).to_bytes(2, "big")
    content[20] = 32
    path.write_bytes(content)
    with pytest.raises(NotUnderstoodError, match="encrypted"):
        store_of("firefox.cookies").find(place_of(path), WISH)


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "Shortcuts"
    path.touch()
    assert store_of("chromium.shortcuts").find(place_of(path), WISH).state is State.CLEAN


def test_the_journal_mode_is_the_browsers(database: Database) -> None:
    for store, recording in (
        ("firefox.cookies", "firefox-esr-153"),
        ("chromium.cookies", "chromium-156"),
    ):
        path = database(store, recording)
        before = path.read_bytes()[18:20]
        clear(store, path)
        assert path.read_bytes()[18:20] == before
        log = Path(f"{path}-wal")
        assert not log.exists() or log.stat().st_size == 0


@pytest.mark.parametrize("store", ["firefox.cookies", "chromium.bounce_tracking"])
def test_a_journal_mode_that_cannot_be_set_is_told(
    store: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = store.partition(".")[0]
    path = database(store, {"firefox": "firefox-esr-153", "chromium": "chromium-156"}[engine])
    before = path.read_bytes()

    def closed(path: Path) -> sqlite3.Connection:
        return connect(path, UNCHANGED if "result" in path.name else "")

    monkeypatch.setattr("loginfix.stores.sqlite.store.open_private", closed)
    with pytest.raises(ProfileWriteError, match="could not be written"):
        clear(store, path)
    assert path.read_bytes() == before


def test_a_log_that_cannot_be_folded_in_is_told(tmp_path: Path) -> None:
    path = tmp_path / "database"
    with closing(connect(path)) as writer, closing(connect(path)) as reader:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("CREATE TABLE t AS SELECT 1 AS c")
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM t").fetchall()
        writer.execute("INSERT INTO t VALUES (2)")
        with pytest.raises(sqlite3.OperationalError, match="folded in"):
            fold_in(writer)
