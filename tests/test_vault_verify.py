import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from loginfix.errors import BackupDamagedError
from loginfix.vault import database
from loginfix.vault.errors import BackupUnreadableError
from loginfix.vault.reader import Backup
from test_vault_reader import edit
from test_vault_writer import write_backup


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_backup(tmp_path)


def checksum_of(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def recompute_checksum(path: Path) -> None:
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    checksum_of(path).write_bytes(f"{found}  {path.name}\n".encode())


def verify(path: Path) -> list[str]:
    with Backup.open(path) as backup:
        return [problem.code for problem in backup.verify()]


def content(path: Path) -> object:
    """All that a restore would be given."""
    with Backup.open(path) as backup:
        held = []
        for store in backup.stores:
            saved = backup.saved(store.key)
            files = list(saved.files())
            for file in files:
                target = path.with_name("content")
                saved.write_file(file, target)
                held.append(target.read_bytes())
                target.unlink()
            rows = [list(saved.rows(table)) for table in ("cookies", "meta")]
            held.append(repr((store, dict(saved.notes), rows, files)).encode())
        return backup.manifest, dict(backup.profiles), held


def flips(original: bytes, positions: Iterable[int]) -> Iterator[bytes]:
    """Flip one bit at each of ``positions``, another one each time."""
    for number, position in enumerate(positions):
        changed = bytearray(original)
        changed[position] ^= 1 << number % 8
        yield bytes(changed)


def test_a_whole_backup_passes(path: Path) -> None:
    assert verify(path) == []


def test_one_flipped_bit_anywhere_in_the_file_is_found(path: Path) -> None:
    original = path.read_bytes()
    for changed in flips(original, range(0, len(original), 101)):
        path.write_bytes(changed)
        with pytest.raises(BackupDamagedError, match=re.escape(str(path))):
            verify(path)


def test_one_flipped_bit_anywhere_in_the_checksum_file_is_found(path: Path) -> None:
    beside = checksum_of(path)
    original = beside.read_bytes()
    for changed in flips(original, range(len(original))):
        beside.write_bytes(changed)
        with pytest.raises(BackupDamagedError, match="checksum file") as caught:
            verify(path)
        assert "delete" in caught.value.next_step


@pytest.mark.parametrize("changed", [b"", b"\n", b" " * 5000])
def test_a_checksum_file_that_holds_something_else_is_found(path: Path, changed: bytes) -> None:
    checksum_of(path).write_bytes(checksum_of(path).read_bytes() + changed if changed else b"")
    with pytest.raises(BackupDamagedError):
        verify(path)


def test_without_the_checksum_file_flipped_content_is_found_all_the_same(path: Path) -> None:
    checksum_of(path).unlink()
    assert verify(path) == ["checksum-missing"]
    expected = content(path)
    original = path.read_bytes()
    used = [position for position, byte in enumerate(original) if byte]
    found = 0
    for changed in flips(original, used[::7]):
        path.write_bytes(changed)
        try:
            verify(path)
        except BackupDamagedError:
            found += 1
        else:
            # What is not found is a bit that means nothing.
            assert content(path) == expected
    assert found > len(used[::7]) // 2


def test_a_checksum_file_that_cannot_be_read_is_not_taken_for_a_missing_one(path: Path) -> None:
    checksum_of(path).unlink()
    checksum_of(path).mkdir()
    with pytest.raises(BackupUnreadableError):
        verify(path)


def test_a_file_cut_short_anywhere_is_found(path: Path) -> None:
    original = path.read_bytes()
    for recomputed in (False, True):
        for size in [*range(0, len(original), 2048), len(original) - 1]:
            path.write_bytes(original[:size])
            if recomputed:
                recompute_checksum(path)
            with pytest.raises(BackupDamagedError):
                verify(path)


EDITS = [
    "DELETE FROM rows WHERE id = 1",
    "DELETE FROM rows",
    "INSERT INTO rows SELECT id + 9, store, table_name, change, before, after, sha256 FROM rows",
    "UPDATE rows SET before = replace(before, 'session-id', 'other')",
    "UPDATE rows SET after = NULL",
    "UPDATE rows SET after = x'00' WHERE id = 1",
    "UPDATE rows SET change = 'deleted'",
    "UPDATE rows SET table_name = 'meta'",
    "UPDATE rows SET store = 2",
    "UPDATE rows SET store = 99 WHERE id = 1",
    "UPDATE rows SET id = 100 - id",
    "DELETE FROM files WHERE rel = 'empty'",
    "INSERT INTO files SELECT 99, 1, rel, mode, mtime_ns, size, sha256 FROM files WHERE id = 2",
    "UPDATE files SET rel = 'other' WHERE id = 1",
    "UPDATE files SET mode = 4095",
    "UPDATE files SET mtime_ns = 0",
    "UPDATE files SET size = 499 WHERE id = 1",
    "UPDATE files SET sha256 = '' WHERE id = 1",
    "UPDATE files SET store = 1",
    "DELETE FROM chunks",
    "UPDATE chunks SET number = 1",
    "UPDATE chunks SET size = size - 1",
    "UPDATE chunks SET sha256 = ''",
    "UPDATE chunks SET data = x'00'",
    "UPDATE chunks SET file = 2",
    "INSERT INTO chunks SELECT 99, file, 1, size, sha256, data FROM chunks",
    "DELETE FROM notes",
    "UPDATE notes SET value = '25'",
    "UPDATE notes SET value = x'3234'",
    "INSERT INTO notes VALUES (99, 1, 'more', '1')",
    "UPDATE stores SET rel = 'History' WHERE id = 1",
    "UPDATE stores SET root = 'cache' WHERE id = 1",
    "UPDATE stores SET store = 'chromium.history' WHERE id = 1",
    "UPDATE stores SET profile = 2",
    "INSERT INTO stores VALUES (99, 1, 's', 't', 'c', 'profile', 'r')",
    "DELETE FROM profiles",
    "UPDATE profiles SET path = '/elsewhere'",
    "UPDATE profiles SET name = 1e999",
    "UPDATE manifest SET value = '[]' WHERE key = 'sites'",
    "UPDATE manifest SET value = 'else' WHERE key = 'machine'",
    "UPDATE manifest SET value = '' WHERE key = 'digest'",
    "DELETE FROM manifest WHERE key = 'digest'",
    "INSERT INTO manifest VALUES ('more', '')",
]


@pytest.mark.parametrize("statement", EDITS)
def test_an_edited_record_is_found_though_the_checksum_file_was_recomputed(
    path: Path, statement: str
) -> None:
    before = path.read_bytes()
    edit(path, statement)
    assert path.read_bytes() != before
    recompute_checksum(path)
    with pytest.raises(BackupDamagedError):
        verify(path)


RECOMPUTED = [
    ("UPDATE chunks SET data = zeroblob(size)", "content of the file 'a_0' has changed"),
    ("DELETE FROM chunks", "content of the file 'a_0' has changed"),
    ("UPDATE files SET size = 1 WHERE id = 1", "content of the file 'a_0' has changed"),
    ("UPDATE rows SET before = '{}'", "a row of the table 'cookies' has changed"),
    ("UPDATE files SET rel = '../x' WHERE id = 1", "cannot leave the profile"),
    ("UPDATE stores SET rel = '../x' WHERE id = 1", "cannot leave the profile"),
    ("UPDATE stores SET root = 'home'", "unknown place"),
    ("UPDATE rows SET store = 99", "belongs to nothing"),
]


def recompute_digest(path: Path) -> None:
    with closing(database.open_unchanged(path)) as connection:
        found = database.digest(connection)
    edit(path, f"UPDATE manifest SET value = '{found}' WHERE key = 'digest'")
    recompute_checksum(path)


@pytest.mark.parametrize(("statement", "what"), RECOMPUTED)
def test_records_are_checked_even_if_the_digest_was_recomputed(
    path: Path, statement: str, what: str
) -> None:
    edit(path, statement)
    recompute_digest(path)
    with pytest.raises(BackupDamagedError, match=what):
        verify(path)


def test_an_index_that_hides_rows_is_found(path: Path) -> None:
    edit(
        path,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = replace(sql, '(store, table_name)', '(store, change)')"
        " WHERE name = 'rows_by_table'",
    )
    edit(path, "REINDEX rows_by_table")
    edit(
        path,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = replace(sql, '(store, change)', '(store, table_name)')"
        " WHERE name = 'rows_by_table'",
    )
    recompute_digest(path)
    with pytest.raises(BackupDamagedError, match="rows_by_table"):
        verify(path)


def test_a_renamed_copy_needs_its_own_checksum_file(path: Path) -> None:
    copy = path.with_name("copy.loginfix")
    shutil.copy(path, copy)
    assert verify(copy) == ["checksum-missing"]
    shutil.copy(checksum_of(path), checksum_of(copy))
    with pytest.raises(BackupDamagedError):
        verify(copy)
