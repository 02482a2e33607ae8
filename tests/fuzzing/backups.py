"""What reads a backup, and the record of an interrupted run."""

import functools
import hashlib
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from forgery import fit
from fuzzing.model import Target
from loginfix.clearing import journal
from loginfix.clearing.journal import JournalRecord, State
from loginfix.clearing.operations import Fingerprint, Kind, Operation
from loginfix.errors import BackupDamagedError
from loginfix.vault import chunks, cover, keys, values
from loginfix.vault.errors import BackupTooNewError, ContentError
from loginfix.vault.paths import check_relative
from loginfix.vault.reader import Backup
from test_vault_model import MANIFEST
from test_vault_writer import write_backup

_REFUSALS = (BackupDamagedError, BackupTooNewError)
_COLUMNS = (
    *(("manifest", key) for key in ("value", "key")),
    *(("profiles", each) for each in ("id", "brand", "engine", "path", "cache_path")),
    *(("stores", each) for each in ("id", "profile", "store", "category", "root", "rel")),
    *(("notes", each) for each in ("store", "key", "value")),
    *(("rows", each) for each in ("store", "table_name", "change", "before", "after")),
    *(("files", each) for each in ("store", "rel", "mode", "mtime_ns", "size")),
    *(("chunks", each) for each in ("file", "number", "size", "data")),
)


def targets() -> Iterator[Target]:
    """A backup whole, with its checksums made to fit, and what is inside one."""
    yield Target("backup", _backup, _REFUSALS, lambda: [_written()])
    yield Target(
        "backup-forged",
        _forged,
        _REFUSALS,
        lambda: [bytes((column, 0, kind)) + b"../x" for column in range(35) for kind in range(4)],
    )
    yield Target(
        "backup-row",
        lambda data: values.decode_row(data.decode("utf-8", "surrogateescape")),
        (ContentError,),
        lambda: [b'{"a":1,"b":{"blob":"00ff"},"c":{"real":"inf"},"d":{"text":"edb3bf"},"e":null}'],
    )
    yield Target(
        "backup-piece",
        lambda data: chunks.unpack(data[4:], int.from_bytes(data[:4], "big") % chunks.CHUNK_SIZE),
        (ContentError,),
        lambda: [(500).to_bytes(4, "big") + chunks.pack(b"body " * 100)],
    )
    yield Target(
        "backup-path",
        _path,
        (ContentError,),
        lambda: [b"Cache/Cache_Data/a_0", b"a/../b", b"C:x", b"aux.txt", b"a/.. /b"],
    )
    yield Target(
        "backup-encrypted-piece",
        lambda data: _secret_key().piece(data, 500),
        (ContentError,),
        lambda: [cover.Encrypting([_keys()[1]]).piece(b"body " * 100).content],
    )
    yield Target(
        "backup-encrypted-name",
        lambda data: _secret_key().file(data.decode("latin-1"), ""),
        (ContentError,),
        lambda: [cover.Encrypting([_keys()[1]]).file("a/b", "00", "")[0].encode("ascii")],
    )
    yield Target("journal", _journal, (), lambda: [_record()])


@functools.cache
def _scratch() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzzing-backup-"))


@functools.cache
def _written() -> bytes:
    path = write_backup(_scratch() / "made")
    return path.read_bytes()


@functools.cache
def _keys() -> tuple[str, str]:
    return keys.new_identity()


@functools.cache
def _secret_key() -> cover.Decrypting:
    path = _scratch() / "key.txt"
    path.write_text(_keys()[0], "ascii")
    return cover.Decrypting(path)


def _backup(data: bytes) -> None:
    path = _scratch() / f"{MANIFEST.id}.loginfix"
    path.write_bytes(data)
    _read_all(path)


def _forged(data: bytes) -> None:
    """Put a value of any kind anywhere, with checksums that fit."""
    which, row, kind, value = data[0:1], data[1:2], data[2:3], data[3:]
    table, column = _COLUMNS[int.from_bytes(which) % len(_COLUMNS)]
    forms = (value.decode("utf-8", "replace"), int.from_bytes(value[:7]), value, None)
    path = _scratch() / f"{MANIFEST.id}.loginfix"
    path.write_bytes(_written())
    with closing(sqlite3.connect(path)) as connection, suppress(sqlite3.IntegrityError):
        connection.execute(
            f"UPDATE {table} SET {column} = ? WHERE rowid ="
            f" (SELECT rowid FROM {table} LIMIT 1 OFFSET ?)",
            (forms[int.from_bytes(kind) % 4], int.from_bytes(row) % 4),
        )
        connection.commit()
    # Where a checksum cannot be computed, the forger has to leave it as it was.
    with suppress(ContentError, TypeError):
        fit(path)
    _read_all(path)


def _read_all(path: Path) -> None:
    """All that a restore reads, and what it writes; none of it outside of one directory."""
    out = _scratch() / "out"
    with Backup.open(path) as backup:
        backup.verify()
        for store in backup.stores:
            assert store.profile in backup.profiles
            saved = backup.saved(store.key)
            assert all(isinstance(value, str) for value in saved.notes.values())
            for table in store.rows:
                list(saved.rows(table))
            for file in saved.files():
                _stays_below(file.rel)
                saved.write_file(file, out)
                assert out.stat().st_size == file.size
                out.unlink()


def _path(data: bytes) -> None:
    _stays_below(check_relative(data.decode("utf-8", "surrogateescape")))


def _stays_below(rel: str) -> None:
    """Whether a path leads out of a directory, asked in another way than the program does."""
    assert "\\" not in rel
    assert ":" not in rel
    assert "\0" not in rel
    base = Path("/profile")
    assert (base / rel).parts[: len(base.parts)] == base.parts
    assert not {part.strip(" .") for part in rel.split("/")} & {"", "..", "."}


def _record() -> bytes:
    fingerprint = Fingerprint(1, 2, 3)
    operation = Operation(
        Kind.REPLACE, 0, "Cookies", 1, fingerprint, fingerprint, staged=".loginfix-x/new/1"
    )
    directory = _scratch() / "journal"
    directory.mkdir(exist_ok=True)
    record = JournalRecord(
        "run", State.PREPARED, "clear", {"site": "x"}, "id", (Path("/p"),), (operation,)
    )
    journal.write(directory, record)
    return journal.journal_path(directory, "run").read_bytes().partition(b"\n")[0]


def _journal(data: bytes) -> None:
    """A record with a checksum that fits: it is read, or named as a problem."""
    directory = _scratch() / "journal"
    directory.mkdir(exist_ok=True)
    body = data.replace(b"\n", b" ")
    digest = hashlib.sha256(body).hexdigest().encode()
    journal.journal_path(directory, "run").write_bytes(body + b"\n" + digest + b"\n")
    records, problems = journal.read_all(directory)
    assert len(records) + len(problems) == 1
