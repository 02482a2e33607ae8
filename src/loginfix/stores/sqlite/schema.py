"""What a database really has: its tables and their columns."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from loginfix.words import say


def quote(name: str) -> str:
    """Quote an identifier for SQL."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Table:
    """An ordinary table. ``identity`` are the SQL columns that tell its rows apart.

    That is the rowid or, in a table without one, the primary key; nothing where there is neither.
    """

    name: str
    columns: tuple[str, ...]
    identity: tuple[str, ...]
    integer_id: str | None

    @property
    def sql(self) -> str:
        """The quoted name."""
        return quote(self.name)

    @property
    def number(self) -> str | None:
        """The SQL column with the row number; None in a table whose rows have none."""
        return self.identity[0] if self.integer_id is not None or self.has_rowid else None

    @property
    def has_rowid(self) -> bool:
        """Whether rows have a number that is not one of the columns."""
        return self.integer_id is None and self.identity[0] in _ROWID_NAMES


_ROWID_NAMES = ("rowid", "_rowid_", "oid")


def read_schema(connection: sqlite3.Connection, database: str = "main") -> Mapping[str, Table]:
    """List the ordinary tables by name; virtual tables and views are not among them.

    Raises:
        sqlite3.DatabaseError: The file is not a database, or its schema cannot be parsed.
    """
    names = connection.execute(
        f"SELECT name FROM {database}.sqlite_master WHERE type = 'table'"
        " AND sql NOT LIKE 'CREATE VIRTUAL%'"
    ).fetchall()
    return {name: _table(connection, database, name) for name in _texts(names)}


def _table(connection: sqlite3.Connection, database: str, name: str) -> Table:
    info = connection.execute(
        "SELECT name, type, pk FROM pragma_table_info(?, ?) ORDER BY cid", (name, database)
    ).fetchall()
    columns = tuple(column for column in _texts(info))
    primary = [
        (column, kind)
        for column, kind, position in sorted(info, key=lambda row: int(row[2]))
        if position
    ]
    rowid = next(
        (each for each in _ROWID_NAMES if each not in {column.lower() for column in columns}), None
    )
    if rowid is None or not _accepts(connection, f"{database}.{quote(name)}", rowid):
        return Table(name, columns, tuple(quote(column) for column, _ in primary), None)
    is_integer = len(primary) == 1 and primary[0][1].upper() == "INTEGER"
    # An "INTEGER PRIMARY KEY DESC" is not the row's number: it has an index of its own.
    is_alias = is_integer and not _has_key_index(connection, database, name)
    return Table(name, columns, (rowid,), primary[0][0] if is_alias else None)


def _has_key_index(connection: sqlite3.Connection, database: str, name: str) -> bool:
    sql = "SELECT 1 FROM pragma_index_list(?, ?) WHERE origin = 'pk'"
    return connection.execute(sql, (name, database)).fetchone() is not None


def _texts(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """The names that rows begin with.

    Raises:
        sqlite3.DatabaseError: One is not text, so that no SQL can speak of it.
    """
    for name, *_ in rows:
        try:
            name.encode()
        except UnicodeEncodeError as error:
            raise sqlite3.DatabaseError(say("a name in its schema is not text")) from error
        yield name


def _accepts(connection: sqlite3.Connection, table: str, column: str) -> bool:
    try:
        connection.execute(f"SELECT {column} FROM {table} LIMIT 0")
    except sqlite3.OperationalError:
        return False
    return True
