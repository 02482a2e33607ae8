"""Finding the rows that are the same things as saved ones, in a table without an index for it.

Looking for each saved row by itself goes through the whole table each time. Here it is gone through
once, for all saved rows together.
"""

import sqlite3
from collections.abc import Iterable, Sequence

from loginfix.stores.model import Value
from loginfix.stores.sqlite.binding import Bound
from loginfix.stores.sqlite.schema import quote


def numbers_of(
    connection: sqlite3.Connection,
    bound: Bound,
    columns: Sequence[str],
    keys: Iterable[tuple[int, Sequence[Value]]],
) -> dict[int, int | None]:
    """Of every saved row, the number of the first row that has its key; None where none has.

    ``keys`` are numbers of saved rows with what they have in ``columns``. The answer is empty where
    an index finds a key, or rows have no number.
    """
    number = bound.table.number
    if number is None or not columns or not _is_slow(connection, bound, columns):
        return {}
    found: dict[int, int | None] = {}
    named = ", ".join(f"{quote(column)} AS k{i}" for i, column in enumerate(columns))
    keyed = ", ".join(f"k{i}" for i in range(len(columns)))
    same = " AND ".join(f"t.{quote(column)} IS w.k{i}" for i, column in enumerate(columns))
    # Made from the table, its columns take values as those of the table do.
    connection.execute(
        f"CREATE TEMP TABLE wanted AS SELECT {named}, 0 AS saved FROM {bound.table.sql} LIMIT 0"
    )
    try:
        for saved, key in keys:
            found[saved] = None
            slots = ", ".join((*map(slot, key), "?"))
            values = [*map(bindable, key), saved]
            connection.execute(f"INSERT INTO temp.wanted VALUES ({slots})", values)
        connection.execute(f"CREATE INDEX temp.by_key ON wanted ({keyed})")
        # A cross join keeps this order.
        found.update(
            connection.execute(
                f"SELECT w.saved, min(t.{number}) FROM {bound.table.sql} t"
                f" CROSS JOIN temp.wanted w ON {same} GROUP BY 1"
            )
        )
    finally:
        connection.execute("DROP TABLE temp.wanted")
    return found


def _is_slow(connection: sqlite3.Connection, bound: Bound, columns: Sequence[str]) -> bool:
    """Whether looking for one key goes through the whole table."""
    where = " AND ".join(f"t.{quote(column)} IS ?" for column in columns)
    plan = connection.execute(
        f"EXPLAIN QUERY PLAN SELECT * FROM {bound.table.sql} t WHERE {where}", [None] * len(columns)
    )
    return any(str(step).startswith("SCAN") for *_, step in plan)


def slot(value: Value) -> str:
    """The placeholder for a value; text that is not valid UTF-8 goes in as bytes."""
    as_bytes = isinstance(value, str) and isinstance(bindable(value), bytes)
    return "CAST(? AS TEXT)" if as_bytes else "?"


def bindable(value: Value) -> Value:
    """A value as it is given to SQLite; see ``slot``."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogateescape")
    return value
