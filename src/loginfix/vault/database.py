"""The database that a backup is: its tables, its digest, and how it is opened.

The tables are documented in ``docs/reference/backup-format.md``; changing one changes
``FORMAT_VERSION``.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

from loginfix.files.sqlite import UNCHANGED, connect
from loginfix.stores.model import Value
from loginfix.vault.errors import ContentError
from loginfix.vault.values import to_json
from loginfix.words import say

FORMAT_VERSION = 1
ENCRYPTED_FORMAT_VERSION = 2
"""The same tables with encrypted content, so that what knows only the first refuses it."""
APPLICATION_ID = int.from_bytes(b"lgfx", "big")
"""Marks the file as ours (https://www.sqlite.org/pragma.html#pragma_application_id)."""

SCHEMA = (
    """CREATE TABLE manifest (
  key TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
)""",
    """CREATE TABLE profiles (
  id INTEGER PRIMARY KEY,
  brand TEXT NOT NULL,
  brand_name TEXT NOT NULL,
  engine TEXT NOT NULL,
  directory TEXT NOT NULL,
  name TEXT NOT NULL,
  path TEXT NOT NULL,
  cache_path TEXT NOT NULL,
  user_data TEXT NOT NULL
)""",
    """CREATE TABLE stores (
  id INTEGER PRIMARY KEY,
  profile INTEGER NOT NULL REFERENCES profiles (id),
  store TEXT NOT NULL,
  title TEXT NOT NULL,
  category TEXT NOT NULL,
  root TEXT NOT NULL,
  rel TEXT NOT NULL
)""",
    """CREATE TABLE notes (
  id INTEGER PRIMARY KEY,
  store INTEGER NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  UNIQUE (store, key)
)""",
    """CREATE TABLE rows (
  id INTEGER PRIMARY KEY,
  store INTEGER NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
  table_name TEXT NOT NULL,
  change TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT,
  sha256 TEXT NOT NULL
)""",
    """CREATE INDEX rows_by_table ON rows (store, table_name)""",
    """CREATE TABLE files (
  id INTEGER PRIMARY KEY,
  store INTEGER NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
  rel TEXT NOT NULL,
  mode INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  UNIQUE (store, rel)
)""",
    """CREATE TABLE chunks (
  id INTEGER PRIMARY KEY,
  file INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  data BLOB NOT NULL,
  UNIQUE (file, number)
)""",
)

# What the digest covers, in this order. A row and a chunk are there by their checksums.
_DIGESTED = {
    "manifest": "SELECT key, value FROM manifest WHERE key <> 'digest' ORDER BY key",
    "profiles": "SELECT id, brand, brand_name, engine, directory, name, path, cache_path,"
    " user_data FROM profiles ORDER BY id",
    "stores": "SELECT id, profile, store, title, category, root, rel FROM stores ORDER BY id",
    "notes": "SELECT id, store, key, value FROM notes ORDER BY id",
    "rows": "SELECT id, store, sha256 FROM rows ORDER BY id",
    "files": "SELECT id, store, rel, mode, mtime_ns, size, sha256 FROM files ORDER BY id",
    "chunks": "SELECT id, file, number, size, sha256 FROM chunks ORDER BY id",
}


# Until it is sealed, a backup is worth nothing: it needs no journal on the disk, only a way to take
# one store out again, of which nothing may stay behind.
_FOR_WRITING = (
    "journal_mode = MEMORY",
    "secure_delete = ON",
    "auto_vacuum = FULL",
    "foreign_keys = ON",
    f"application_id = {APPLICATION_ID}",
)
# Somebody else may have written it.
_FOR_READING = ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON")


def format_version(*, encrypted: bool) -> int:
    """The version of the format that a backup is written in."""
    return ENCRYPTED_FORMAT_VERSION if encrypted else FORMAT_VERSION


def create(path: Path, version: int) -> sqlite3.Connection:
    """Lay the tables out in the empty file ``path``, within a transaction that stays open.

    ``version`` is that of the format.

    Raises:
        sqlite3.Error: The disk is full, or cannot be written.
    """
    connection = connect(path, "mode=rw")
    try:
        settings = (*_FOR_WRITING, f"user_version = {version}")
        _execute(connection, (f"PRAGMA {setting}" for setting in settings))
        _execute(connection, ("BEGIN IMMEDIATE", *SCHEMA))
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def open_unchanged(path: Path) -> sqlite3.Connection:
    """Open for reading only: no byte is changed and no file appears beside it.

    Raises:
        sqlite3.Error: It cannot be opened.
    """
    connection = connect(path, UNCHANGED)
    _execute(connection, (f"PRAGMA {setting}" for setting in _FOR_READING))
    return connection


def _execute(connection: sqlite3.Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.execute(statement)


def insert(connection: sqlite3.Connection, table: str, values: Mapping[str, Value]) -> int:
    """Insert one record and give its id.

    Text goes in as bytes, because a path of Linux need not be UTF-8.

    Raises:
        sqlite3.Error: The disk is full, or cannot be written.
        UnicodeEncodeError: Text that no file system of Linux or macOS can hold.
    """
    places = ", ".join("CAST(? AS TEXT)" if isinstance(v, str) else "?" for v in values.values())
    cursor = connection.execute(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})",
        [as_bytes(v) if isinstance(v, str) else v for v in values.values()],
    )
    # None only before the first insertion.
    return cursor.lastrowid or 0


def as_bytes(text: str) -> bytes:
    """The bytes of text in a backup, to be bound as ``CAST(? AS TEXT)``."""
    return text.encode("utf-8", "surrogateescape")


def check_schema(connection: sqlite3.Connection) -> None:
    """Refuse anything but the tables of ``SCHEMA``.

    Raises:
        ContentError: A table is missing or differs, or there is a view or a trigger.
        sqlite3.Error: The file is damaged.
    """
    query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
    if tuple(sql for (sql,) in connection.execute(query)) != SCHEMA:
        raise ContentError(say("its tables are not those of a backup"))


def digest(connection: sqlite3.Connection) -> str:
    """The SHA-256 over every record, in hexadecimal.

    Over one line a record: a JSON array of the table's name and the columns in ``_DIGESTED``.

    Raises:
        sqlite3.Error: The file is damaged.
    """
    lines = hashlib.sha256()
    for table, query in _DIGESTED.items():
        for record in connection.execute(query):
            # Damage can turn a field into bytes or infinity, which JSON has no words for.
            fields = [field if isinstance(field, int | str) else repr(field) for field in record]
            lines.update(f"{to_json([table, *fields])}\n".encode())
    return lines.hexdigest()
