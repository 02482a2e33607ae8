import io
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loginfix.errors import BackupDamagedError, ExitCode, ProfileWriteError
from loginfix.stores.model import Row, SavedFile, SavedStore, Value
from loginfix.vault import chunks
from loginfix.vault.errors import BackupTooNewError, BackupUnreadableError
from loginfix.vault.reader import Backup
from loginfix.vault.writer import BackupWriter
from test_vault_model import MANIFEST
from test_vault_values import ROWS, same
from test_vault_writer import CACHE, COOKIES, PROFILE, needs_posix, start_store, write_backup

SHARED_PATH = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def edit(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_everything_comes_back_in_order(tmp_path: Path) -> None:
    with Backup.open(write_backup(tmp_path)) as backup:
        assert backup.manifest == MANIFEST
        assert dict(backup.profiles) == {1: PROFILE}
        cookies, cache = backup.stores
        assert (cookies.record, cookies.rows) == (COOKIES, {"cookies": 2, "meta": 1})
        assert (cache.record, cache.rows) == (CACHE, {})
        assert (cache.profile, cache.files, cache.size) == (1, 2, 500)
        saved: SavedStore = backup.saved(cookies.key)
        assert saved.notes == {"schema": "24"}
        first, second = saved.rows("cookies")
        assert first.before == {"name": "session-id", "value": b"\x00\xff"}
        assert (first.change, first.after) == ("deleted", None)
        assert (second.change, second.after) == ("updated", {"name": "x", "n": 2})
        assert [file.rel for file in backup.saved(cache.key).files()] == ["a_0", "empty"]
        assert list(backup.saved(cache.key).rows("cookies")) == []


@SHARED_PATH
@given(st.lists(st.tuples(ROWS, st.none() | ROWS), max_size=5), st.data())
def test_rows_of_any_kind_come_back_exactly(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[Row, Row | None]],
    data: st.DataObject,
) -> None:
    table = data.draw(st.text(st.characters(exclude_categories=["Cs"])))
    with BackupWriter(tmp_path_factory.mktemp("vault"), MANIFEST) as writer:
        store = start_store(writer)
        for before, after in rows:
            store.row(table, "deleted" if after is None else "updated", before, after)
        path = writer.seal()

    def equal(one: Row | None, other: Row | None) -> bool:
        if one is None or other is None:
            return one is other
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)

    with Backup.open(path) as backup:
        (kept,) = backup.stores
        found = list(backup.saved(kept.key).rows(table))
    assert len(found) == len(rows)
    for saved, (before, after) in zip(found, rows, strict=True):
        assert equal(saved.before, before)
        assert equal(saved.after, after)


@pytest.mark.parametrize("text", ["plain", "é\udcff", "a\0b", ""])
def test_what_sqlite_calls_text_goes_back_into_sqlite(tmp_path: Path, text: str) -> None:
    raw = text.encode("utf-8", "surrogateescape")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.text_factory = lambda found: found.decode("utf-8", "surrogateescape")
        value: Value = connection.execute("SELECT CAST(? AS TEXT)", (raw,)).fetchone()[0]
    with BackupWriter(tmp_path, MANIFEST) as writer:
        start_store(writer).row("t", "deleted", {"v": value})
        path = writer.seal()
    with Backup.open(path) as backup:
        (row,) = backup.saved(backup.stores[0].key).rows("t")
    again = row.before["v"]
    assert isinstance(again, str)
    assert again.encode("utf-8", "surrogateescape") == raw


@pytest.mark.parametrize(
    "size", [0, 1, chunks.CHUNK_SIZE - 1, chunks.CHUNK_SIZE, 2 * chunks.CHUNK_SIZE + 1]
)
def test_files_of_any_size_come_back(tmp_path: Path, size: int) -> None:
    content = os.urandom(size // 2) + bytes(size - size // 2)
    with BackupWriter(tmp_path, MANIFEST) as writer:
        store = start_store(writer)
        store.file(
            "d/\udcff", io.BytesIO(content), mode=0o104640, mtime_ns=1_700_000_000_123_456_700
        )
        path = writer.seal()
    with Backup.open(path) as backup:
        backup.verify()
        saved = backup.saved(backup.stores[0].key)
        (file,) = saved.files()
        saved.write_file(file, tmp_path / "out")
    found = (tmp_path / "out").stat()
    assert (tmp_path / "out").read_bytes() == content
    assert (file.rel, file.size, file.mode) == ("d/\udcff", size, 0o4640)
    assert found.st_mtime_ns == file.mtime_ns == 1_700_000_000_123_456_700
    if os.name != "nt":
        assert found.st_mode == 0o100640


def test_a_note_given_twice_keeps_its_last_value(tmp_path: Path) -> None:
    with BackupWriter(tmp_path, MANIFEST) as writer:
        store = start_store(writer)
        store.note("schema", "1")
        store.note("schema", "2")
        path = writer.seal()
    with Backup.open(path) as backup:
        assert backup.saved(backup.stores[0].key).notes == {"schema": "2"}


def test_reading_changes_not_one_byte_and_needs_no_right_to_write(tmp_path: Path) -> None:
    path = write_backup(tmp_path)
    path.chmod(0o400)
    before = {
        each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in tmp_path.iterdir()
    }
    with Backup.open(path) as backup:
        backup.verify()
        list(backup.saved(1).rows("cookies"))
    after = {each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in tmp_path.iterdir()}
    assert after == before


def test_nothing_beside_a_backup_changes_what_it_says(tmp_path: Path) -> None:
    path = write_backup(tmp_path)
    journal = path.with_name(path.name + "-journal")
    journal.write_bytes(bytes.fromhex("d9d505f920a163d7") + bytes(1000))
    with Backup.open(path) as backup:
        assert backup.verify() == ()
    assert journal.exists()


@needs_posix
def test_a_directory_of_any_name_will_do(tmp_path: Path) -> None:
    odd = tmp_path / "a?b#c%20d \udcff"
    with Backup.open(write_backup(odd)) as backup:
        assert backup.verify() == ()


@needs_posix
def test_the_directory_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "backups").symlink_to("disk")
    with Backup.open(write_backup(tmp_path / "backups")) as backup:
        assert backup.verify() == ()


def test_writing_a_file_never_replaces_one(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"precious")
    with Backup.open(write_backup(tmp_path / "vault")) as backup:
        saved = backup.saved(2)
        with pytest.raises(ProfileWriteError):
            saved.write_file(next(saved.files()), tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"precious"


def test_a_file_that_the_backup_does_not_hold_is_not_written(tmp_path: Path) -> None:
    with Backup.open(write_backup(tmp_path / "vault")) as backup:
        file = SavedFile("a_0", 499, 0o600, 0, "")
        with pytest.raises(BackupDamagedError, match="no longer holds"):
            backup.saved(2).write_file(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_damage_found_while_writing_a_file_takes_it_away_again(tmp_path: Path) -> None:
    path = write_backup(tmp_path / "vault")
    edit(path, "UPDATE chunks SET sha256 = ''")
    with Backup.open(path) as backup:
        saved = backup.saved(2)
        with pytest.raises(BackupDamagedError, match="has changed"):
            saved.write_file(next(saved.files()), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_of_which_the_disk_took_less_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with BackupWriter(tmp_path, MANIFEST) as writer:
        start_store(writer).file("f", io.BytesIO(b"content"), mode=0o600, mtime_ns=0)
        path = writer.seal()
    monkeypatch.setattr("loginfix.vault.saved.read_content", lambda *_: iter([b"cont"]))
    with Backup.open(path) as backup:
        saved = backup.saved(1)
        with pytest.raises(ProfileWriteError, match="could not be written"):
            saved.write_file(next(saved.files()), tmp_path / "out")


def test_damage_is_found_while_reading_rows(tmp_path: Path) -> None:
    path = write_backup(tmp_path)
    edit(path, """UPDATE rows SET before = replace(before, 'session', 'evil')""")
    with Backup.open(path) as backup, pytest.raises(BackupDamagedError, match="has changed"):
        list(backup.saved(1).rows("cookies"))


@pytest.mark.parametrize("rel", ["../../.bashrc", "/etc/passwd", "..\\..\\x", "C:x", "a/.. /b"])
def test_a_path_in_a_backup_cannot_leave_the_profile(tmp_path: Path, rel: str) -> None:
    stores, files = tmp_path / "1", tmp_path / "2"
    path = write_backup(stores)
    shutil.copytree(stores, files)
    edit(path, f"UPDATE stores SET rel = '{rel}'")
    with Backup.open(path) as backup, pytest.raises(BackupDamagedError, match="cannot leave"):
        _ = backup.stores
    edit(files / path.name, f"UPDATE files SET rel = '{rel}' WHERE id = 1")
    with (
        Backup.open(files / path.name) as backup,
        pytest.raises(BackupDamagedError, match="cannot leave"),
    ):
        list(backup.saved(2).files())


def test_an_unknown_root_is_refused(tmp_path: Path) -> None:
    path = write_backup(tmp_path)
    edit(path, "UPDATE stores SET root = 'home'")
    with Backup.open(path) as backup, pytest.raises(BackupDamagedError, match="unknown place"):
        _ = backup.stores


def test_a_newer_format_is_refused_with_its_own_exit_code(tmp_path: Path) -> None:
    path = write_backup(tmp_path)
    edit(path, "PRAGMA user_version = 3", "UPDATE manifest SET value = '3' WHERE key = 'format'")
    with pytest.raises(BackupTooNewError) as caught:
        Backup.open(path)
    assert caught.value.exit_code is ExitCode.REFUSED
    assert "Update loginfix" in caught.value.next_step


@pytest.mark.parametrize(
    "statement",
    [
        "PRAGMA user_version = 2",
        "PRAGMA application_id = 0",
        "UPDATE manifest SET value = 'open' WHERE key = 'state'",
        "DELETE FROM manifest WHERE key = 'created'",
        "UPDATE manifest SET value = x'00' WHERE key = 'machine'",
        "DROP TABLE notes",
        "ALTER TABLE rows ADD COLUMN more TEXT",
        "CREATE TRIGGER t AFTER DELETE ON rows BEGIN SELECT 1; END",
        "CREATE VIEW more AS SELECT 1",
    ],
)
def test_what_is_not_a_sealed_backup_is_refused(tmp_path: Path, statement: str) -> None:
    path = write_backup(tmp_path)
    edit(path, statement)
    with pytest.raises(BackupDamagedError) as caught:
        Backup.open(path)
    assert str(path) in caught.value.message
    assert "backups list" in caught.value.next_step


@pytest.mark.parametrize("content", [b"", b"not a database" * 100])
def test_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.loginfix").write_bytes(content)
    with pytest.raises(BackupDamagedError):
        Backup.open(tmp_path / "x.loginfix")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackupUnreadableError, match="absent"):
        Backup.open(tmp_path / "absent.loginfix")


@needs_posix
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.loginfix")
    with pytest.raises(BackupDamagedError, match="not a file"):
        Backup.open(tmp_path / "x.loginfix")
