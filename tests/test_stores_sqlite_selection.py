"""Which rows go, compared with going through all rows again and again until nothing changes."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.errors import NotUnderstoodError
from loginfix.stores.sqlite.binding import bind
from loginfix.stores.sqlite.schema import read_schema
from loginfix.stores.sqlite.selection import GOES, STAYS, select
from loginfix.stores.sqlite.spec import parse_table
from store_doubles import WISH

SCHEMA = """
CREATE TABLE pages (id INTEGER PRIMARY KEY, url TEXT, kept INTEGER, at INTEGER);
CREATE TABLE visits (id INTEGER PRIMARY KEY, page INTEGER, opener INTEGER, origin INTEGER);
CREATE INDEX visits_page ON visits (page);
CREATE TABLE notes (page INTEGER, visit TEXT);
CREATE TABLE pairs (one INTEGER, two INTEGER, PRIMARY KEY (one, two)) WITHOUT ROWID;
CREATE TABLE words (one INTEGER, word TEXT COLLATE NOCASE PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE days (at INTEGER);
CREATE TABLE origins (id INTEGER PRIMARY KEY, host TEXT);
CREATE TABLE shops (id INTEGER PRIMARY KEY DESC, url TEXT);
CREATE TABLE goods (shop INTEGER);
"""
DECLARED: list[dict[str, Any]] = [
    # Against the order in which they depend on each other.
    {"name": "words", "through": {"one": "pairs.one"}},
    {"name": "pairs", "through": {"one": "visits", "two": "visits"}},
    {"name": "notes", "through": {"page": "pages", "visit": "visits"}},
    {"name": "days", "orphan_of": ["pages.at -> at"]},
    # Such a key is not the number of its row (lang_createtable.html#rowid).
    {"name": "goods", "through": {"shop": "shops"}},
    {"name": "shops", "id": "id", "site": [{"url": "url"}]},
    {"name": "origins", "site": [{"host": "host"}], "orphan_of": ["visits.origin"]},
    {"name": "visits", "through": {"page": "pages", "opener": "visits", "origin": "origins"}},
    {"name": "pages", "site": [{"url": "url"}], "keep_if": "t.kept > 0"},
]
NUMBERS = st.none() | st.integers(0, 5)
URLS = st.sampled_from(("https://www.amazon.com/x", "https://other.example/amazon.com", None))
HOSTS = st.sampled_from(("amazon.com", "other.example", None))
COLUMNS: dict[str, tuple[st.SearchStrategy[Any], ...]] = {
    "pages": (URLS, NUMBERS, NUMBERS),
    "visits": (NUMBERS, NUMBERS, NUMBERS),
    "notes": (NUMBERS, NUMBERS),
    "pairs": (st.integers(0, 5), st.integers(0, 5)),
    "words": (NUMBERS, st.text("ab", max_size=3)),
    "days": (NUMBERS,),
    "origins": (HOSTS,),
    "shops": (NUMBERS, URLS),
    "goods": (NUMBERS,),
}
ROWS = st.fixed_dictionaries(
    {name: st.lists(st.tuples(*each), max_size=6) for name, each in COLUMNS.items()}
)


@given(ROWS)
def test_the_same_rows_go_as_in_a_plain_search(
    content: dict[str, list[tuple[object, ...]]],
) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SCHEMA)
        for table, rows in content.items():
            own_number = ["NULL"] if table in ("pages", "visits", "origins") else []
            slots = ", ".join([*own_number, *"?" * len(COLUMNS[table])])
            connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({slots})", rows)
        expected = Plain(connection).search()
        schema = read_schema(connection)
        binding = bind([parse_table(each) for each in DECLARED], schema, what="x")
        selection = select(connection, binding, WISH)
        for bound in binding.values():
            for state in (GOES, STAYS):
                rows = list(selection.rows(bound, state))
                width = len(bound.table.identity)
                found = [row[:width] for row in rows]
                assert set(found) == expected[bound.name, state], bound.name
                assert len(found) == len(set(found)) == selection.count(bound, state)
                condition = selection.chosen(bound, state)
                names = ", ".join(bound.table.identity)
                query = f"SELECT {names} FROM {bound.name} t WHERE "
                assert set(connection.execute(query + condition)) == set(found)
                rest = set(connection.execute(f"{query} NOT {condition}"))
                assert rest == set(connection.execute(f"{query} 1")) - set(found)


def test_a_table_whose_rows_nothing_tells_apart_is_not_understood() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (host, rowid, _rowid_, oid)")
        spec = parse_table({"name": "t", "site": [{"host": "host"}]})
        with pytest.raises(NotUnderstoodError, match="'t' has other columns than known"):
            bind([spec], read_schema(connection), what="x")


Identity = tuple[Any, ...]


class Plain:
    """The rows of all tables by their identities, and which of them are chosen."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.tables = {name: dict(_rows(connection, name)) for name in COLUMNS}
        self.state: dict[str, dict[Identity, int]] = {name: {} for name in COLUMNS}

    def search(self) -> dict[tuple[str, int], set[Identity]]:
        """The identities of the rows that go and that stay, by table."""
        while any(self._choose(name) for name in self.tables):
            pass
        for key, row in self.tables["origins"].items():
            if row["host"] == "amazon.com":
                self.state["origins"].setdefault(key, STAYS)
        return {
            (name, wanted): {key for key, each in self.state[name].items() if each == wanted}
            for name in self.tables
            for wanted in (GOES, STAYS)
        }

    def _choose(self, name: str) -> bool:
        hang = [key for key, row in self.tables[name].items() if self._hangs(name, row)]
        new = [key for key in hang if key not in self.state[name]]
        for key in new:
            is_kept = (self.tables[name][key].get("kept") or 0) > 0
            self.state[name][key] = STAYS if is_kept else GOES
        return bool(new)

    def _hangs(self, name: str, row: dict[str, Any]) -> bool:
        rules: dict[str, Callable[[], bool]] = {
            "words": lambda: row["one"] in self._chosen("pairs", "one"),
            "pairs": lambda: bool({row["one"], row["two"]} & self._chosen("visits")),
            "notes": lambda: (
                row["page"] in self._chosen("pages")
                or (row["visit"] is not None and int(row["visit"]) in self._chosen("visits"))
            ),
            "days": lambda: self._is_lost("pages", "at", row["at"]),
            "origins": lambda: self._is_lost(
                "visits", "origin", row["id"], is_wanted=row["host"] == "amazon.com"
            ),
            "visits": lambda: (
                row["page"] in self._chosen("pages")
                or row["opener"] in self._chosen("visits")
                or row["origin"] in self._chosen("origins")
            ),
            "pages": lambda: str(row["url"]).startswith("https://www.amazon.com/"),
            "goods": lambda: row["shop"] in self._chosen("shops"),
            "shops": lambda: str(row["url"]).startswith("https://www.amazon.com/"),
        }
        return rules[name]()

    def _chosen(self, name: str, column: str = "id") -> set[Any]:
        return self._values(name, column, (GOES, STAYS))

    def _is_lost(self, name: str, column: str, value: object, *, is_wanted: bool = False) -> bool:
        is_candidate = is_wanted or value in self._values(name, column, (GOES,))
        return is_candidate and value not in self._values(name, column, (STAYS, None))

    def _values(self, name: str, column: str, states: tuple[int | None, ...]) -> set[Any]:
        """What is in a column of the rows that are in one of these states, but for NULL."""
        rows, state = self.tables[name], self.state[name]
        values = {row[column] for key, row in rows.items() if state.get(key) in states}
        return values - {None}


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[tuple[Identity, dict[str, Any]]]:
    identity = {"pairs": ("one", "two"), "words": ("word",)}.get(table, ("rowid",))
    cursor = connection.execute(f"SELECT {', '.join(identity)}, * FROM {table}")
    width = len(identity)
    columns = [each[0] for each in cursor.description[width:]]
    for row in cursor:
        yield row[:width], dict(zip(columns, row[width:], strict=True))
