"""The database of a backup in the making, in which the first failure is final."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from loginfix.errors import BackupDamagedError, BackupFailedError
from loginfix.stores.model import Value
from loginfix.vault import database
from loginfix.vault.errors import failed


class Draft:
    """The database ``path``, which is to become the backup ``target``.

    Whatever follows a failure fails the same way: SQLite may have rolled everything back, and a
    backup with a hole in it must not be sealed.
    """

    def __init__(self, path: Path, target: Path) -> None:
        self.path = path
        self.target = target
        self._connection: sqlite3.Connection | None = None
        self._failure: BackupFailedError | None = None

    @contextmanager
    def safely(self) -> Iterator[None]:
        """Turn what goes wrong into the error for a person, and remember it.

        Raises:
            BackupFailedError: Something goes wrong, or has before.
        """
        if self._failure is not None:
            raise self._failure
        try:
            yield
        except (sqlite3.Error, OSError, UnicodeEncodeError, BackupDamagedError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or error
            self._failure = failed(self.target, why)
            raise self._failure from error

    def create(self, version: int) -> None:
        """Lay the tables of a version of the format out in the file, which is there and empty."""
        with self.safely():
            self._connection = database.create(self.path, version)

    def insert(self, table: str, values: Mapping[str, Value]) -> int:
        """Insert one record and give its id."""
        with self.safely():
            return database.insert(self._open(), table, values)

    def execute(self, statement: str, *values: Value) -> list[tuple[Value, ...]]:
        """Execute one statement and give its result."""
        with self.safely():
            return self._open().execute(statement, values).fetchall()

    def digest(self) -> str:
        """The SHA-256 over every record."""
        with self.safely():
            return database.digest(self._open())

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Take back what was inserted if it cannot be finished."""
        self.execute("SAVEPOINT piece")
        try:
            yield
        except BaseException:
            self.execute("ROLLBACK TO piece")
            self.execute("RELEASE piece")
            raise
        self.execute("RELEASE piece")

    def close(self) -> None:
        """Close the database; what has not been committed is gone."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise sqlite3.ProgrammingError("it is closed already")
        return self._connection
