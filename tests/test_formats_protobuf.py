"""Strings of protocol buffers, found without a schema."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.formats.protobuf import ProtobufError, fields, strings, with_number, without


def field(number: int, content: bytes) -> bytes:
    assert len(content) < 128
    return bytes((number << 3 | 2, len(content))) + content


def test_strings_are_found_at_every_depth() -> None:
    inner = field(1, b"https://a.example/") + bytes((0x10, 0x96, 0x01))
    message = bytes((0x08, 0x01)) + field(2, inner) + field(3, b"text") + b"\x21" + bytes(8)
    assert set(strings(message)) >= {inner, b"https://a.example/", b"text"}


@pytest.mark.parametrize("broken", [b"\x0a\x05abc", b"\x0b", b"\x02\x00", b"\xff", b"\x08"])
def test_what_is_not_a_message_is_refused(broken: bytes) -> None:
    with pytest.raises(ProtobufError):
        list(strings(broken))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = list(strings(data))
    except ProtobufError:
        return
    assert all(each in data for each in found)


def test_depth_is_bounded() -> None:
    message = b""
    for _ in range(40):
        message = field(1, message)
    assert len(list(strings(message))) < 40


def test_an_entry_or_only_its_string_goes_and_all_other_bytes_stay() -> None:
    own = field(1, field(1, b"a.example") + b"\x10\x05")
    other = field(1, field(1, b"b.example") + b"\x10\x07")
    message = b"\x08\x01" + field(2, own + other) + b"\x21" + bytes(8)
    rest = b"\x21" + bytes(8)

    def goes(text: bytes) -> bool:
        return text == b"a.example"

    assert without(message, goes, drop="message") == b"\x08\x01" + field(2, other) + rest
    left = field(2, field(1, b"\x10\x05") + other)
    assert without(message, goes, drop="field") == b"\x08\x01" + left + rest
    assert without(field(1, b"a.example") + b"\x10\x05", goes, drop="message") == b"\x10\x05"


def test_a_message_that_shrinks_gets_a_shorter_length() -> None:
    big = b"x" * 100
    many = b"".join(bytes((0x0A, 100)) + big for _ in range(3)) + field(1, b"a.example")
    message = b"\x12" + bytes((len(many) & 127 | 128, len(many) >> 7)) + many
    kept = many[: -len(field(1, b"a.example"))]
    expected = b"\x12" + bytes((len(kept) & 127 | 128, len(kept) >> 7)) + kept
    assert without(message, lambda text: text == b"a.example", drop="field") == expected


@given(st.binary(max_size=200))
def test_what_names_nothing_is_not_changed(data: bytes) -> None:
    try:
        assert without(data, lambda _: False, drop="message") == data
    except ProtobufError:
        with pytest.raises(ProtobufError):
            list(strings(data))


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1), st.binary(max_size=20))
def test_a_number_is_exchanged_and_nothing_else(old: int, new: int, text: bytes) -> None:
    def message(number: int) -> bytes:
        return with_number(b"\x08\x00" + field(2, text) + b"\x18\x07", 1, number)

    assert [each.value for each in fields(message(old))] == [old, text, 7]
    assert with_number(message(old), 1, new) == message(new)
    assert with_number(message(old), 2, new) == message(old)
