"""Whose a row is, asked of SQLite: what is handed over of an address says as much as the whole."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loginfix.formats.leveldb.varint import varint
from loginfix.sites.forms import FORMS
from loginfix.stores.sqlite import naming
from loginfix.stores.sqlite.naming import add_functions, column_names_site, names_of
from store_doubles import WISH

PIECES = (
    *("https://", "http://", "HTTPS://", "ftp://", "view-source:", "blob:", "//", "/", "\\", ":"),
    *("www.amazon.com", "amazon.com", "AMAZON.com", "other.example", "xn--bcher-kva.example", "é"),
    *("user@", "@", "?", "#", ".", "%61mazon.com", "[::1]", ":8443", " ", "\t", "\n", "\0", "a"),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(max_size=20)
VALUES = TEXTS | TEXTS.map(str.encode) | st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats()


def deciding(value: object, form: str) -> object:
    sql = naming._deciding("v", form)
    with closing(sqlite3.connect(":memory:")) as connection:
        return connection.execute(f"SELECT {sql} FROM (SELECT ? AS v) t", (value,)).fetchone()[0]


@pytest.mark.parametrize("form", sorted(FORMS))
@given(value=VALUES)
@example("https://a\u00e9\u00e9.amazon.com/x".encode())
@example("https:///amazon.com/x")
@example("https://www.amazon.com")
@example("http://a/amazon.com/")
def test_what_decides_names_the_same_hosts(form: str, value: object) -> None:
    assert names_of((form, deciding(value, form))) == names_of((form, value))


def test_nothing_behind_the_host_is_handed_over() -> None:
    assert deciding("https://www.amazon.com/gp/cart?a=b#c", "url") == "https://www.amazon.com/"
    assert deciding("http://a/b/c", "partition_site") == "http://a/"
    assert deciding("https://a.example/^x", "origin") == "https://a.example/^x"


@given(st.lists(VALUES, max_size=60))
def test_what_is_remembered_is_what_is_asked(values: list[object]) -> None:
    """Also when more is asked than is remembered."""
    condition = column_names_site("url", "v")
    with pytest.MonkeyPatch.context() as patched, closing(sqlite3.connect(":memory:")) as database:
        patched.setattr(naming, "_MOST_KNOWN", 5)
        patched.setattr(naming, "_LONGEST_KNOWN", 30)
        add_functions(database, WISH)
        database.execute("CREATE TABLE t (v)")
        database.executemany("INSERT INTO t VALUES (?)", ((value,) for value in values * 2))
        owned = database.execute(f"SELECT {condition} FROM t").fetchall()
    expected = [WISH.site.owns(names_of(("url", value))) for value in values * 2]
    assert [bool(answer) for (answer,) in owned] == expected


def test_little_is_remembered_and_nothing_long() -> None:
    asked = []
    remembered = naming._remembering(lambda *arguments: asked.append(arguments))
    for _ in range(2):
        remembered(("url", "https://a.example/"))
        remembered(("url", "x" * 600))
    assert [len(str(value)) for _, value in asked] == [18, 600, 600]


def test_what_is_remembered_is_forgotten_when_it_becomes_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(naming, "_MOST_KNOWN", 3)
    asked: list[object] = []
    remembered = naming._remembering(asked.append)
    for value in (1, 2, 3, 1, 4, 4, 1):
        remembered((value,))
    assert asked == [1, 2, 3, 4, 1]


@pytest.mark.parametrize(("longer", "goes"), [(0, True), (1, False)])
def test_what_is_longer_than_any_address_is_no_name(longer: int, *, goes: bool) -> None:
    url = b"https://www.amazon.com/".ljust((2 << 20) + longer, b"x")
    message = b"\x0a" + varint(len(url)) + url
    with closing(sqlite3.connect(":memory:")) as database:
        add_functions(database, WISH)
        database.execute("CREATE TABLE t (v)")
        database.execute("INSERT INTO t VALUES (?)", (message,))
        sql = naming.without_site("url", "field", "v")
        (left,) = database.execute(f"SELECT {sql} FROM t").fetchone()
    assert left == (b"" if goes else message)
