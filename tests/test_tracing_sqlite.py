"""Reading a database page by page: what is passed over holds nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loginfix.tracing.layout import StoreRule
from loginfix.tracing.model import Record
from loginfix.tracing.readers import sqlite as module
from loginfix.tracing.source import Source

# Around what fits into a page of 512 or 1024 bytes, in a table and in an index.
SIZES = (
    st.integers(0, 300)
    | st.integers(90, 110)
    | st.integers(440, 520)
    | st.integers(960, 1030)
    | st.just(40_000)
)
TABLES = (
    "CREATE TABLE numbered (id INTEGER PRIMARY KEY, value)",
    "CREATE INDEX by_value ON numbered (value)",
    "CREATE TABLE keyed (value PRIMARY KEY, other) WITHOUT ROWID",
)


def database(path: Path, sizes: list[int], page_size: int) -> Path:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"PRAGMA page_size = {page_size}")
        for statement in TABLES:
            connection.execute(statement)
        for number, size in enumerate(sizes):
            value = f"{number}:".ljust(size, "x")
            connection.execute("INSERT INTO numbered (value) VALUES (?)", (value,))
            connection.execute("INSERT INTO keyed VALUES (?, ?)", (value, number))
    return path


def pages_of(path: Path) -> Iterator[tuple[bytes, int]]:
    content = path.read_bytes()
    size = int.from_bytes(content[16:18], "big")
    for start in range(0, len(content), size):
        yield content[start : start + size], size


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SIZES, max_size=30), st.sampled_from((512, 1024)))
def test_a_page_is_passed_over_where_no_row_overflows(
    tmp_path: Path, sizes: list[int], page_size: int
) -> None:
    for number, (page, size) in enumerate(pages_of(database(tmp_path / "d", sizes, page_size))):
        is_first = number == 0
        overflows = any(cell.overflow for cell in module._cells(page, size, is_first))
        assert module._may_overflow(page, size, is_first) == overflows


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_of_a_damaged_page_nothing_is_missed(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "d"
    if not path.exists():
        database(path, [20, 200, 600, 1000, 3000] * 5, 1024)
    page, size = data.draw(st.sampled_from(list(pages_of(path))))
    damaged = bytearray(page)
    for at, byte in data.draw(
        st.lists(st.tuples(st.integers(0, 60) | st.integers(0, size - 1), st.integers(0, 255)))
    ):
        damaged[at] = byte
    content = bytes(damaged[: data.draw(st.integers(0, size) | st.just(size))])
    for is_first in (False, True):
        if any(cell.overflow for cell in module._cells(content, size, is_first)):
            assert module._may_overflow(content, size, is_first)


def test_what_is_read_is_the_same_when_no_page_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = database(tmp_path / "d", [20, 200, 600, 1000, 3000, 40_000] * 9, 1024)

    def read() -> list[tuple[bytes, str, int]]:
        with path.open("rb") as file:
            source = Source(file, path.stat().st_size, "d", StoreRule("x"))
            pieces = module.database(source, 1024, lambda *_: Record())
            return [(each.data, each.inside, each.place(each.start)) for each in pieces]

    passed_over = read()
    assert sum(inside == "overflowing value" for _, inside, _ in passed_over) > 20
    monkeypatch.setattr(module, "_may_overflow", lambda *_: True)
    assert read() == passed_over
