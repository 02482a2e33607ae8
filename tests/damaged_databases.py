"""Databases with damage that is rare on a disk."""

import sqlite3
from contextlib import closing
from pathlib import Path


def make_schema_odd(path: Path) -> None:
    """Make the end of a schema neither SQL nor text: what SQLite says of it is no text either."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute(
            "UPDATE sqlite_master SET name = CAST(? AS TEXT), sql = 'CREATE TABLE ('"
            " WHERE rowid = (SELECT max(rowid) FROM sqlite_master)",
            [b"\xa0"],
        )
