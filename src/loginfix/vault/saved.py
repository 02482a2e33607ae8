"""One store's part of a backup, each record checked again as it is read."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from loginfix.errors import ProfileWriteError
from loginfix.files.durable import create_private
from loginfix.files.exact import require_size
from loginfix.stores.model import SavedFile, SavedRow
from loginfix.vault import database
from loginfix.vault.cover import Reading
from loginfix.vault.errors import ContentError, damaged, reading
from loginfix.vault.paths import check_relative
from loginfix.vault.values import decode_row, row_sha256
from loginfix.words import say

_PERMISSION_BITS = 0o777


class StoredRow(NamedTuple):
    """A row as it stands in the backup."""

    table: str
    change: Literal["deleted", "updated"]
    before: str
    after: str | None


class StoredFile(NamedTuple):
    """What is known of a file, as it stands in the backup; ``key`` is its number there."""

    key: int
    rel: str
    size: int
    mode: int
    mtime_ns: int
    sha256: str


class SavedPart:
    """What a backup holds of one store; a ``SavedStore``."""

    def __init__(
        self, connection: sqlite3.Connection, path: Path, key: int, cover: Reading
    ) -> None:
        self._connection = connection
        self._path = path
        self._key = key
        self._cover = cover
        self._stored: dict[SavedFile, StoredFile] = {}

    @property
    def notes(self) -> Mapping[str, str]:
        """The facts kept for restoring.

        Raises:
            BackupDamagedError: They cannot be read.
        """
        with reading(self._path):
            return dict(read_notes(self._connection, self._cover, "WHERE store = ?", (self._key,)))

    def rows(self, table: str) -> Iterator[SavedRow]:
        """The rows of one table, in the order they were handed in.

        Raises:
            BackupDamagedError: One is not as it was written.
        """
        with reading(self._path):
            for row in stored_rows(
                self._connection,
                "WHERE store = ? AND table_name = CAST(? AS TEXT)",
                (self._key, database.as_bytes(table)),
            ):
                yield open_row(row, self._cover)

    def files(self) -> Iterator[SavedFile]:
        """The files, in the order they were handed in.

        Raises:
            BackupDamagedError: One cannot be read, or its path leads out of the profile.
        """
        with reading(self._path):
            names = set[str]()
            for stored in stored_files(self._connection, "WHERE store = ?", (self._key,)):
                file = open_file(stored, self._cover)
                if file.rel in names:
                    raise ContentError(say("it holds the file {rel!a} twice", rel=file.rel))
                names.add(file.rel)
                self._stored[file] = stored
                yield file

    def write_file(self, file: SavedFile, target: Path) -> None:
        """Write a file's content to the new file ``target``, with its mode and time.

        Raises:
            BackupDamagedError: The content is not as it was written; ``target`` is gone again.
            ProfileWriteError: ``target`` cannot be written.
        """
        try:
            with open(target, "xb", opener=create_private) as output:
                try:
                    output.writelines(self._content(file))
                except BaseException:
                    output.close()
                    target.unlink()
                    raise
            require_size(target, file.size)
            # The time first: Windows refuses it for a file that may not be written.
            os.utime(target, ns=(file.mtime_ns, file.mtime_ns))
            target.chmod(file.mode & _PERMISSION_BITS)
        except OSError as error:
            raise ProfileWriteError(
                say(
                    "{target} could not be written: {reason}.",
                    target=target,
                    reason=error.strerror or error,
                ),
                next_step=say("Check that this disk has free space, then run this again."),
                path=target,
            ) from error

    def _content(self, file: SavedFile) -> Iterator[bytes]:
        with reading(self._path):
            stored = self._stored.get(file)
            if stored is not None:
                yield from read_content(self._connection, stored, self._cover, file)
                return
        raise damaged(self._path, say("it no longer holds the file {rel!a}", rel=file.rel))


def stored_rows(
    connection: sqlite3.Connection, where: str = "", values: tuple[int | bytes, ...] = ()
) -> Iterator[StoredRow]:
    """Read rows in their order, each against its checksum.

    Raises:
        ContentError: One is not as it was written.
        sqlite3.Error: The file is damaged.
    """
    query = f"SELECT table_name, change, before, after, sha256 FROM rows {where} ORDER BY id"
    for table, change, before, after, checksum in connection.execute(query, values):
        if not (_are_text(table, change, before) and isinstance(after, str | None)):
            raise ContentError(say("a row holds something else where text has to be"))
        if row_sha256(table, change, before, after) != checksum:
            raise ContentError(say("a row of the table {table!a} has changed", table=table))
        if change not in ("deleted", "updated"):
            raise ContentError(say("a row tells of the unknown change {change!a}", change=change))
        yield StoredRow(table, change, before, after)


def open_row(row: StoredRow, cover: Reading) -> SavedRow:
    """Read a row.

    Raises:
        ContentError: It is not what it has to be.
    """
    before = decode_row(cover.text(row.before))
    after = None if row.after is None else decode_row(cover.text(row.after))
    return SavedRow(row.table, row.change, before, after)


def stored_files(
    connection: sqlite3.Connection, where: str = "", values: tuple[int | bytes, ...] = ()
) -> Iterator[StoredFile]:
    """Read what is known of files, in their order.

    Raises:
        ContentError: One is not what it has to be.
        sqlite3.Error: The file is damaged.
    """
    query = f"SELECT id, rel, size, mode, mtime_ns, sha256 FROM files {where} ORDER BY id"
    for file in map(StoredFile._make, connection.execute(query, values)):
        numbers = all(isinstance(each, int) for each in (file.size, file.mode, file.mtime_ns))
        if not (_are_text(file.rel, file.sha256) and numbers):
            raise ContentError(
                say("a file is described by something that does not describe a file")
            )
        yield file


def open_file(file: StoredFile, cover: Reading) -> SavedFile:
    """Read what is known of a file.

    Raises:
        ContentError: It is not what it has to be, or its path leads out of the profile.
    """
    rel, sha256 = cover.file(file.rel, file.sha256)
    return SavedFile(check_relative(rel), file.size, file.mode, file.mtime_ns, sha256)


def read_notes(
    connection: sqlite3.Connection,
    cover: Reading,
    where: str = "",
    values: tuple[int, ...] = (),
) -> Iterator[tuple[str, str]]:
    """Read notes in their order: keys and values.

    Raises:
        ContentError: One is not what it has to be.
        sqlite3.Error: The file is damaged.
    """
    query = f"SELECT key, value FROM notes {where} ORDER BY id"
    for key, value in connection.execute(query, values):
        if not _are_text(key, value):
            raise ContentError(say("a note holds something else where text has to be"))
        yield key, cover.text(value)


def read_content(
    connection: sqlite3.Connection, file: StoredFile, cover: Reading, saved: SavedFile | None
) -> Iterator[bytes]:
    """Read the pieces of a file against its checksums and its size.

    Without ``saved``, as it is when there is no key, they are the pieces as they are stored.

    Raises:
        ContentError: Something is missing or has changed; the pieces given so far may be wrong.
        sqlite3.Error: The file is damaged.
    """
    # Encrypted content has two checksums: of what is stored, and within it that of the content.
    both = saved is not None and saved.sha256 != file.sha256
    stored, content = hashlib.sha256(), hashlib.sha256()
    total = 0
    query = "SELECT number, size, sha256, data FROM chunks WHERE file = ? ORDER BY number"
    pieces = connection.execute(query, (file.key,))
    for expected, (number, size, checksum, data) in enumerate(pieces):
        if number != expected or not isinstance(size, int) or not isinstance(data, bytes):
            raise _changed(file, saved)
        piece = cover.piece(data, size)
        checked = hashlib.sha256(piece.checked)
        if checked.hexdigest() != checksum:
            raise _changed(file, saved)
        if number == 0:  # most files have but one piece, which then need not be read through again
            stored = checked
        else:
            stored.update(piece.checked)
        if both:
            content.update(piece.content)
        total += size
        yield piece.content
    if total != file.size or stored.hexdigest() != file.sha256:
        raise _changed(file, saved)
    if both and saved is not None and content.hexdigest() != saved.sha256:
        raise _changed(file, saved)


def _changed(file: StoredFile, saved: SavedFile | None) -> ContentError:
    rel = (saved or file).rel
    return ContentError(say("the content of the file {rel!a} has changed", rel=rel))


def _are_text(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)
