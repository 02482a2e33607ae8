"""Finding rows by their keys for many at once, compared with looking for each."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.stores.model import Value
from loginfix.stores.sqlite.binding import Bound
from loginfix.stores.sqlite.present import bindable, numbers_of, slot
from loginfix.stores.sqlite.schema import read_schema
from loginfix.stores.sqlite.spec import TableSpec

TYPES = ("INTEGER", "TEXT", "REAL", "NUMERIC", "BLOB", "", "TEXT COLLATE NOCASE", "LONGVARCHAR")
VALUES: st.SearchStrategy[Value] = st.sampled_from(
    (None, 0, 1, -1, 1.0, 1.5, "1", "1.0", "a", "A", "", "a\0b", "\udcff", b"a", b"1", b"")
)


@pytest.mark.parametrize("kind", TYPES)
@given(
    rows=st.lists(st.tuples(VALUES, VALUES), max_size=12),
    keys=st.lists(st.tuples(VALUES, VALUES), max_size=12),
)
def test_it_finds_what_looking_for_each_finds(
    kind: str, rows: list[tuple[Value, Value]], keys: list[tuple[Value, Value]]
) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE t (one {kind}, two)")
        for row in rows:
            slots = ", ".join(map(slot, row))
            connection.execute(f"INSERT INTO t VALUES ({slots})", [*map(bindable, row)])
        bound = Bound(TableSpec("t"), read_schema(connection)["t"])
        found = numbers_of(connection, bound, ("one", "two"), enumerate(keys))
        for at, key in enumerate(keys):
            where = f"one IS {slot(key[0])} AND two IS {slot(key[1])}"
            each = connection.execute(
                f"SELECT rowid FROM t WHERE {where} LIMIT 1", [*map(bindable, key)]
            ).fetchone()
            assert found[at] == (each[0] if each else None), key
        assert len(found) == len(keys)
        # Nothing is left behind for the next table.
        assert not connection.execute("SELECT * FROM temp.sqlite_master").fetchall()


def test_where_an_index_finds_a_key_the_table_is_not_gone_through() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (one PRIMARY KEY, two)")
        bound = Bound(TableSpec("t"), read_schema(connection)["t"])
        assert numbers_of(connection, bound, ("one",), [(0, ("a",))]) == {}
        assert numbers_of(connection, bound, ("two",), [(0, ("a",))]) == {0: None}
