"""Backups changed by somebody who knows the format and computes every checksum anew."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from loginfix.files.sqlite import connect
from loginfix.vault import chunks, database
from loginfix.vault.checksum import checksum_line, checksum_path
from loginfix.vault.values import row_sha256


def forge(path: Path, *statements: str, **values: object) -> None:
    """Execute SQL on a backup, then make everything that is checked fit again."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement, values)
        connection.commit()
    fit(path)


def fit(path: Path) -> None:
    """Compute all checksums of a backup anew."""
    with closing(connect(path, "mode=rw")) as connection:
        encrypted = connection.execute("PRAGMA user_version").fetchone()[0] == 2
        for file in [key for (key,) in connection.execute("SELECT id FROM files")]:
            whole = hashlib.sha256()
            for key, size, data in connection.execute(
                "SELECT id, size, data FROM chunks WHERE file = ? ORDER BY number", (file,)
            ).fetchall():
                checked = data if encrypted else chunks.unpack(data, size)
                whole.update(checked)
                _set(connection, "chunks", key, hashlib.sha256(checked).hexdigest())
            _set(connection, "files", file, whole.hexdigest())
        for key, *row in connection.execute(
            "SELECT id, table_name, change, before, after FROM rows"
        ).fetchall():
            _set(connection, "rows", key, row_sha256(*row))
        digest = database.digest(connection)
        connection.execute("UPDATE manifest SET value = ? WHERE key = 'digest'", (digest,))
        connection.commit()
    checksum_path(path).write_bytes(checksum_line(path, path.name))


def _set(connection: sqlite3.Connection, table: str, key: int, sha256: str) -> None:
    connection.execute(f"UPDATE {table} SET sha256 = ? WHERE id = ?", (sha256, key))
