"""Whether a backup still holds exactly what was put into it."""

import sqlite3
from collections.abc import Iterator, Mapping

from loginfix.progress import Progress, counted, silent
from loginfix.vault import database
from loginfix.vault.errors import ContentError
from loginfix.vault.saved import read_content, read_files, read_rows
from loginfix.words import say


def check_content(
    connection: sqlite3.Connection, manifest: Mapping[str, str], progress: Progress = silent
) -> None:
    """Check the database, the digest, every row, and every piece of every file.

    Raises:
        ContentError: Something is missing, has changed, or was added.
        sqlite3.Error: The file is damaged.
    """
    _check_database(connection)
    if database.digest(connection) != manifest.get("digest"):
        raise ContentError(say("records are missing, were added, or have changed"))
    (total,) = connection.execute(
        "SELECT (SELECT count(*) FROM rows) + (SELECT count(*) FROM chunks)"
    ).fetchone()
    for _ in counted(progress, say("Reading the whole backup"), _pieces(connection), total):
        pass


def _pieces(connection: sqlite3.Connection) -> Iterator[object]:
    """Every row and every piece of every file, each against its checksum."""
    yield from read_rows(connection)
    for key, file in read_files(connection):
        yield from read_content(connection, key, file)


def _check_database(connection: sqlite3.Connection) -> None:
    # An index that disagrees with its table would hide records from a restore.
    (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        raise ContentError(str(answer))
    if connection.execute("PRAGMA foreign_key_check").fetchone():
        raise ContentError(say("a record belongs to nothing"))
