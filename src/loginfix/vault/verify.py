"""Whether a backup still holds exactly what was put into it."""

import sqlite3
from collections.abc import Iterator, Mapping

from loginfix.progress import Progress, counted, silent
from loginfix.vault import database
from loginfix.vault.cover import Locked, Reading
from loginfix.vault.errors import ContentError
from loginfix.vault.saved import (
    open_file,
    open_row,
    read_content,
    read_notes,
    stored_files,
    stored_rows,
)
from loginfix.words import say


def check_content(
    connection: sqlite3.Connection,
    cover: Reading,
    manifest: Mapping[str, str],
    progress: Progress = silent,
) -> None:
    """Check the database, the digest, every row, and every piece of every file.

    Where the content is encrypted and ``cover`` has no key, all of it is compared as it is stored.

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
    pieces = _stored(connection, cover) if isinstance(cover, Locked) else _opened(connection, cover)
    for _ in counted(progress, say("Reading the whole backup"), pieces, total):
        pass


def _stored(connection: sqlite3.Connection, cover: Locked) -> Iterator[object]:
    """Every row and every piece of every file as it is stored, each against its checksum."""
    yield from stored_rows(connection)
    for file in stored_files(connection):
        yield from read_content(connection, file, cover, None)


def _opened(connection: sqlite3.Connection, cover: Reading) -> Iterator[object]:
    """The same, and what is in them; the notes too, which are few."""
    dict(read_notes(connection, cover))
    for row in stored_rows(connection):
        yield open_row(row, cover)
    for file in stored_files(connection):
        yield from read_content(connection, file, cover, open_file(file, cover))


def _check_database(connection: sqlite3.Connection) -> None:
    # An index that disagrees with its table would hide records from a restore.
    (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        raise ContentError(str(answer))
    if connection.execute("PRAGMA foreign_key_check").fetchone():
        raise ContentError(say("a record belongs to nothing"))
