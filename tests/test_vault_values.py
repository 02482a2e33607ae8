import hashlib
import json
import math
import struct
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loginfix.stores.model import Value
from loginfix.vault.errors import ContentError
from loginfix.vault.values import decode_row, encode_row, row_sha256, to_json

ANY_TEXT = st.text(st.characters(exclude_categories=()))
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    ANY_TEXT,
    st.binary(),
    st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")),
)
ROWS = st.dictionaries(st.text(), VALUES)


def same(one: Value, other: Value) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return struct.pack(">d", one) == struct.pack(">d", other) or (
            math.isnan(one) and math.isnan(other)
        )
    return type(one) is type(other) and one == other


@given(ROWS)
@example({"text": "a\0b\udcff", "pair": "\ud800\udc00", "real": -math.inf, "zero": -0.0})
def test_a_row_comes_back_exactly(row: dict[str, Value]) -> None:
    again = decode_row(encode_row(row))
    assert list(again) == list(row)
    assert all(same(again[column], row[column]) for column in row)


@given(ROWS)
def test_a_row_is_plain_json_that_cannot_control_a_terminal(row: dict[str, Value]) -> None:
    text = encode_row(row)
    assert text.isascii()
    assert "\x1b" not in text
    assert isinstance(json.loads(text), dict)


def test_what_json_has_no_words_for_is_never_written_as_json() -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_json(math.inf)


def test_bytes_are_readable_by_hand() -> None:
    assert encode_row({"v": b"\x00\xff", "n": None}) == '{"v":{"blob":"00ff"},"n":null}'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1]",
        '{"a":',
        '{"a":[]}',
        '{"a":{}}',
        '{"a":{"blob":"0"}}',
        '{"a":{"blob":1}}',
        '{"a":{"blob":"00","more":1}}',
        '{"a":{"real":"1"}}',
        '{"a":{"text":"ff"}}',
        '{"a":9223372036854775808}',
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ContentError):
        decode_row(text)


def test_the_checksum_is_of_the_json_array_of_the_record() -> None:
    record: Any = ["cookies", "updated", {"a": 1}, {"a": 2}]
    expected = hashlib.sha256(to_json(record).encode()).hexdigest()
    assert row_sha256("cookies", "updated", '{"a":1}', '{"a":2}') == expected
    assert row_sha256("cookies", "deleted", '{"a":1}', None) != expected


@pytest.mark.parametrize("position", range(4))
def test_the_checksum_covers_each_part_of_a_record(position: int) -> None:
    parts = ["t", "deleted", "{}", "{}"]
    changed = [*parts[:position], '{"x":1}', *parts[position + 1 :]]
    assert row_sha256(*changed) != row_sha256(*parts)
