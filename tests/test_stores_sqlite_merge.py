"""Merging with the rows found for many keys at once, compared with looking for each."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.stores.sqlite import merge
from loginfix.stores.sqlite.binding import bind
from loginfix.stores.sqlite.edit import ROWID
from loginfix.stores.sqlite.merge import Merger
from loginfix.stores.sqlite.present import numbers_of
from loginfix.stores.sqlite.schema import read_schema
from loginfix.stores.sqlite.spec import parse_table
from store_doubles import MemoryBackup

# No column but the ids has an index, so that a key is looked for in the whole table.
SCHEMA = """
CREATE TABLE pages (id INTEGER PRIMARY KEY, url TEXT, count INTEGER);
CREATE TABLE visits (id INTEGER PRIMARY KEY, page INTEGER, at INTEGER, note TEXT);
CREATE TABLE threads (id INTEGER PRIMARY KEY, parent INTEGER, name TEXT);
CREATE TABLE words (page INTEGER, word TEXT);
CREATE TABLE pairs (one INTEGER, two INTEGER, three TEXT, PRIMARY KEY (one, two)) WITHOUT ROWID;
CREATE TABLE notes (page INTEGER, note TEXT);
"""
DECLARED: list[dict[str, Any]] = [
    {"name": "visits", "through": {"page": "pages"}, "key": ["page", "at"]},
    {"name": "pages", "site": [{"url": "url"}], "key": ["url"], "merge": {"count": "sum"}},
    {"name": "threads", "through": {"parent": "threads"}, "key": ["parent", "name"]},
    {"name": "words", "through": {"page": "pages"}, "key": ["word", "page"]},
    {"name": "pairs", "through": {"one": "pages"}, "key": ["two"]},
    {"name": "notes", "through": {"page": "pages"}},
]
NUMBERS = st.none() | st.integers(0, 4)
TEXTS = st.sampled_from((None, "a", "b", "\udcff", b"a"))
IDS = st.integers(1, 5)
COLUMNS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "pages": {"id": IDS, "url": TEXTS, "count": NUMBERS},
    "visits": {"id": IDS, "page": NUMBERS, "at": NUMBERS, "note": TEXTS},
    "threads": {"id": IDS, "parent": NUMBERS, "name": TEXTS},
    "words": {ROWID: IDS, "page": NUMBERS, "word": TEXTS},
    "pairs": {"one": IDS, "two": IDS, "three": TEXTS},
    "notes": {ROWID: IDS, "page": NUMBERS, "note": TEXTS},
}
# A backup of an older browser has not all the columns.
OPTIONAL = ("url", "at", "parent", "word", "two", "note")


def rows(name: str, *, saved: bool) -> st.SearchStrategy[list[dict[str, Any]]]:
    optional = {each for each in OPTIONAL if saved and each in COLUMNS[name] and name != "pairs"}
    needed = {each: values for each, values in COLUMNS[name].items() if each not in optional}
    row = st.fixed_dictionaries(needed, optional={c: COLUMNS[name][c] for c in optional})
    return st.lists(row, max_size=5)


CONTENT = st.fixed_dictionaries({name: rows(name, saved=False) for name in COLUMNS})
SAVED = st.fixed_dictionaries({name: rows(name, saved=True) for name in COLUMNS})


class Came(NamedTuple):
    """What a merge came to."""

    content: dict[str, list[tuple[object, ...]]]
    counts: tuple[object, ...]
    looked_up: int


Rows = dict[str, list[dict[str, Any]]]


def merged(content: Rows, saved: Rows, find: Callable[..., dict[int, int | None]]) -> Came:
    """Merge into a fresh database, with rows found as ``find`` does it."""
    with closing(sqlite3.connect(":memory:")) as connection, pytest.MonkeyPatch.context() as patch:
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        connection.executescript(SCHEMA)
        for name, each in _each(content):
            values = ", ".join(map(_literal, each.values()))
            connection.execute(
                f"INSERT OR IGNORE INTO {name} ({', '.join(each)}) VALUES ({values})"
            )
        backup = MemoryBackup()
        for name, each in _each(saved):
            backup.row(name, "deleted", each)
        binding = bind([*map(parse_table, DECLARED)], read_schema(connection), what="x")
        found: list[int] = []

        def counted(*arguments: Any) -> dict[int, int | None]:
            answer = find(*arguments)
            found.extend(answer)
            return answer

        patch.setattr(merge, "numbers_of", counted)
        merger = Merger(connection, binding, backup, overwrite=False, versions=(1, 1))
        outcome = merger.run()
        counts = (outcome.restored, outcome.merged, outcome.unchanged, *outcome.kept_newer)
        content_now = {
            name: connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()
            for name in COLUMNS
        }
        return Came(content_now, (*counts, outcome.changes, outcome.problems), len(found))


def _each(content: Rows) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((name, each) for name, listed in content.items() for each in listed)


def _literal(value: object) -> str:
    if isinstance(value, str):
        return f"CAST(x'{value.encode('utf-8', 'surrogateescape').hex()}' AS TEXT)"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    return "NULL" if value is None else str(value)


@given(CONTENT, SAVED)
def test_it_comes_to_what_looking_for_each_row_comes_to(content: Rows, saved: Rows) -> None:
    together = merged(content, saved, numbers_of)
    assert together[:2] == merged(content, saved, lambda *_: {})[:2]


def _saved_twice() -> Rows:
    pages = [{"id": 1, "url": "a"}]
    return {"pages": pages, "words": [{ROWID: number, "page": 1, "word": "w"} for number in (1, 2)]}


def test_rows_are_found_together_where_a_key_has_no_index() -> None:
    assert merged({}, _saved_twice(), numbers_of).looked_up == 3
    # What such a row will hang on, or has in its key, is known too late; it may have no number.
    others: Rows = {
        "threads": [{"id": 1, "parent": 1, "name": "a"}],
        "pairs": [{"one": 1, "two": 1, "three": "a"}],
        "notes": [{ROWID: 1, "page": 1, "note": "a"}],
    }
    assert merged({}, others, numbers_of).looked_up == 0


def test_a_key_says_where_things_are_now() -> None:
    content: Rows = {
        "pages": [{"id": 1, "url": "b"}, {"id": 4, "url": "a"}],
        "words": [{ROWID: 3, "page": 4, "word": "w"}],
    }
    came = merged(content, _saved_twice(), numbers_of)
    assert came.content["words"] == [(4, "w")]


@pytest.mark.parametrize("find", [numbers_of, lambda *_: {}])
def test_a_row_that_hangs_on_another_of_its_table_goes_with_it(
    find: Callable[..., dict[int, int | None]],
) -> None:
    content = _threads((1, 0, "b"), (3, 3, "b"), (4, 0, "a"), (5, 4, "x"))
    came = merged(content, _threads((1, 0, "a"), (2, 1, "x")), find)
    assert came.content["threads"] == [(1, 0, "b"), (3, 3, "b"), (4, 0, "a"), (5, 4, "x")]


def _threads(*each: tuple[int, int, str]) -> Rows:
    return {"threads": [dict(zip(COLUMNS["threads"], row, strict=True)) for row in each]}
