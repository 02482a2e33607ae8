"""JSON as text: strict reading, finding parts, cutting them out and putting them back."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.formats.json_text import (
    MAX_DEPTH,
    MAX_SIZE,
    Child,
    JsonError,
    children,
    cuts,
    end_of,
    parse,
    put_back,
    read,
    root,
    without,
)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS.filter(lambda value: value not in (float("inf"), float("-inf"))),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)
DOCUMENTS = st.builds(
    lambda value, indent, ascii_only: json.dumps(value, indent=indent, ensure_ascii=ascii_only),
    st.lists(VALUES, max_size=6) | st.dictionaries(st.text(), VALUES, max_size=6),
    st.sampled_from([None, 0, 3]),
    st.booleans(),
).filter(lambda text: "\\ud" not in text)


def every_container(text: str, start: int | None = None) -> list[tuple[int, list[Child]]]:
    """Where each object and list begins, with its members."""
    start = root(text) if start is None else start
    found = [(start, list(children(text, start)))] if text[start] in "{[" else []
    for child in found[0][1] if found else []:
        found += every_container(text, child.value)
    return found


@given(DOCUMENTS)
def test_parts_are_found_where_they_are(text: str) -> None:
    assert read(text.encode()) == text
    assert end_of(text, root(text)) == len(text.rstrip())
    for start, members in every_container(text):
        value = json.loads(text[start : end_of(text, start)])
        assert len(members) == len(value)
        for child in members:
            assert json.loads(text[child.value : child.end]) == value[child.name]


@given(DOCUMENTS, st.randoms(use_true_random=False))
def test_what_is_cut_out_is_gone_the_rest_is_as_written_and_it_fits_back(
    text: str, chance: random.Random
) -> None:
    _, members = chance.choice(every_container(text))
    gone = frozenset(child.start for child in members if chance.random() < 0.5)
    removed = list(cuts(text, members, gone))
    rest = without(text, removed)
    assert put_back(rest, removed) == text
    read(rest.encode())
    kept = [text[child.start : child.end] for child in members if child.start not in gone]
    start = members[0].start if members else root(text)
    position = max((cut.at for cut in removed if cut.at < start), default=0)
    for own in kept:
        position = rest.index(own, position)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"{} x", "not JSON"),
        (b"{}{}", "not JSON"),
        (b"", "not JSON"),
        (b'{"a":1,"a":2}', "twice"),
        (b'{"x":{"a":1,"\\u0061":2}}', "twice"),
        (b'{"a":\xff}', "not UTF-8"),
        (b'{"a":NaN}', "NaN"),
        (b"[1,]", "not JSON"),
        (b"{'a':1}", "not JSON"),
        (b'["\n"]', "not JSON"),
        (b"[01]", "not JSON"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "deep"),
        (b"[" * 1_000_000, "deep"),
        (b'{"a":' * 100_000, "deep"),
        (b" " * (MAX_SIZE + 1), "larger"),
    ],
)
def test_what_no_browser_writes_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(JsonError, match=said):
        read(content)


def test_the_deepest_that_chromium_reads_is_read() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert read(text.encode()) == text


def test_numbers_keep_their_spelling() -> None:
    assert parse("[1.0]") != parse("[1]")
    assert parse("[1e5]") != parse("[100000.0]")
    assert parse('["1"]') != parse("[1]")


@pytest.mark.parametrize(
    ("text", "gone", "left"),
    [
        ('{"a":1,"b":2,"c":3}', {0}, '{"b":2,"c":3}'),
        ('{"a":1,"b":2,"c":3}', {1}, '{"a":1,"c":3}'),
        ('{"a":1,"b":2,"c":3}', {2}, '{"a":1,"b":2}'),
        ('{"a":1,"b":2,"c":3}', {0, 1}, '{"c":3}'),
        ('{"a":1,"b":2,"c":3}', {0, 2}, '{"b":2}'),
        ('{"a":1,"b":2,"c":3}', {0, 1, 2}, "{}"),
        ("[\n 1,\n 2\n]", {0}, "[\n 2\n]"),
        ("[\n 1,\n 2\n]", {1}, "[\n 1\n]"),
        ('{"a,}":"]\\"" , "b":[{}]}', {1}, '{"a,}":"]\\""}'),
    ],
)
def test_separators_go_with_what_they_separate(text: str, gone: set[int], left: str) -> None:
    members = list(children(text, 0))
    removed = list(cuts(text, members, frozenset(members[i].start for i in gone)))
    assert without(text, removed) == left
    assert put_back(left, removed) == text


def test_cuts_of_another_document_do_not_fit() -> None:
    members = list(children("[1,2,3,4]", 0))
    removed = list(cuts("[1,2,3,4]", members, frozenset({members[3].start})))
    with pytest.raises(JsonError):
        put_back("[]", removed)


def test_damage_is_refused_or_read_but_never_a_crash() -> None:
    """Flipped, cut, doubled and inserted bytes."""
    chance = random.Random(7)  # noqa: S311 - the same in every run
    base = b'{"a":{"b":[1,-2.5e3,"x\\"\\u00e9",null,true,{}]},"c\\\\":"\xc3\xa9", "d":[]}'
    refused = 0
    for _ in range(4000):
        data = bytearray(base)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + chance.randint(1, 8)]
                case 2:
                    data[at:at] = data[at : at + 8]
                case _:
                    data[at:at] = chance.choice([b'"', b"{", b"]", b",", b":", b"\\"])
            if not data:
                break
        try:
            text = read(bytes(data))
        except JsonError:
            refused += 1
            continue
        value: Any = json.loads(text)
        for _, members in every_container(text):
            removed = list(cuts(text, members, frozenset(c.start for c in members)))
            assert put_back(without(text, removed), removed) == text
        assert json.loads(text) == value
    assert 2000 < refused < 4000
