"""Opening SQLite databases by path, exactly."""

import os
import sqlite3
from pathlib import Path

DAMAGED = (sqlite3.Error, UnicodeDecodeError)
"""What reading a damaged database raises: SQLite quotes its schema, which then is not text."""

UNCHANGED = "mode=ro&immutable=1"
"""For reading only: no byte is changed and no file appears beside the database."""


def connect(path: Path, query: str = "") -> sqlite3.Connection:
    """Open a database in autocommit mode; ``query`` are URI parameters.

    Text comes out whole also where it is not valid UTF-8: each odd byte as a lone surrogate, as
    ``os.fsdecode`` does it.

    Raises:
        sqlite3.Error: It cannot be opened.
    """
    uri = path.absolute().as_uri()
    if not uri.startswith("file:///"):
        # SQLite knows no servers in a URI: a share of Windows is a path with two more slashes.
        uri = "file:////" + uri.removeprefix("file://")
    connection = sqlite3.connect(f"{uri}?{query}", uri=True, isolation_level=None)
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    return connection


def vacuum_into(connection: sqlite3.Connection, path: Path) -> None:
    """Write the database anew to ``path``, whose name may be any that a file system takes.

    Raises:
        sqlite3.Error: It cannot be written.
    """
    connection.execute("VACUUM INTO CAST(? AS TEXT)", (os.fsencode(path),))
