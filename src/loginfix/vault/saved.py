"""One store's part of a backup, each record checked again as it is read."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from loginfix.errors import ProfileWriteError
from loginfix.files.durable import create_private
from loginfix.stores.model import SavedFile, SavedRow
from loginfix.vault import chunks, database
from loginfix.vault.errors import ContentError, damaged, reading
from loginfix.vault.paths import check_relative
from loginfix.vault.values import decode_row, row_sha256
from loginfix.words import say

_PERMISSION_BITS = 0o777


class SavedPart:
    """What a backup holds of one store; a ``SavedStore``."""

    def __init__(self, connection: sqlite3.Connection, path: Path, key: int) -> None:
        self._connection = connection
        self._path = path
        self._key = key

    @property
    def notes(self) -> Mapping[str, str]:
        """The facts kept for restoring.

        Raises:
            BackupDamagedError: They cannot be read.
        """
        with reading(self._path):
            query = "SELECT key, value FROM notes WHERE store = ? ORDER BY id"
            return dict(self._connection.execute(query, (self._key,)).fetchall())

    def rows(self, table: str) -> Iterator[SavedRow]:
        """The rows of one table, in the order they were handed in.

        Raises:
            BackupDamagedError: One is not as it was written.
        """
        with reading(self._path):
            yield from read_rows(
                self._connection,
                "WHERE store = ? AND table_name = CAST(? AS TEXT)",
                (self._key, database.as_bytes(table)),
            )

    def files(self) -> Iterator[SavedFile]:
        """The files, in the order they were handed in.

        Raises:
            BackupDamagedError: One cannot be read, or its path leads out of the profile.
        """
        with reading(self._path):
            for _, file in read_files(self._connection, "WHERE store = ?", (self._key,)):
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
            where = "WHERE store = ? AND rel = CAST(? AS TEXT)"
            for key, found in read_files(
                self._connection, where, (self._key, database.as_bytes(file.rel))
            ):
                if found != file:
                    break
                yield from read_content(self._connection, key, file)
                return
        raise damaged(self._path, say("it no longer holds the file {rel!a}", rel=file.rel))


def read_rows(
    connection: sqlite3.Connection, where: str = "", values: tuple[int | bytes, ...] = ()
) -> Iterator[SavedRow]:
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
        new = None if after is None else decode_row(after)
        yield SavedRow(table, change, decode_row(before), new)


def read_files(
    connection: sqlite3.Connection, where: str = "", values: tuple[int | bytes, ...] = ()
) -> Iterator[tuple[int, SavedFile]]:
    """Read what is known of files, with their numbers in the backup, in their order.

    Raises:
        ContentError: One is not what it has to be, or its path leads out of the profile.
        sqlite3.Error: The file is damaged.
    """
    query = f"SELECT id, rel, size, mode, mtime_ns, sha256 FROM files {where} ORDER BY id"
    for key, rel, size, mode, mtime_ns, checksum in connection.execute(query, values):
        numbers = all(isinstance(number, int) for number in (size, mode, mtime_ns))
        if not (_are_text(rel, checksum) and numbers):
            raise ContentError(
                say("a file is described by something that does not describe a file")
            )
        yield key, SavedFile(check_relative(rel), size, mode, mtime_ns, checksum)


def read_content(connection: sqlite3.Connection, key: int, file: SavedFile) -> Iterator[bytes]:
    """Read the pieces of the file numbered ``key``, against its checksums and its size.

    Raises:
        ContentError: Something is missing or has changed; the pieces given so far may be wrong.
        sqlite3.Error: The file is damaged.
    """
    changed = ContentError(say("the content of the file {rel!a} has changed", rel=file.rel))
    whole = hashlib.sha256()
    total = 0
    query = "SELECT number, size, sha256, data FROM chunks WHERE file = ? ORDER BY number"
    for expected, (number, size, checksum, data) in enumerate(connection.execute(query, (key,))):
        if number != expected or not isinstance(size, int) or not isinstance(data, bytes):
            raise changed
        raw = chunks.unpack(data, size)
        if hashlib.sha256(raw).hexdigest() != checksum:
            raise changed
        whole.update(raw)
        total += size
        yield raw
    if total != file.size or whole.hexdigest() != file.sha256:
        raise changed


def _are_text(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)
