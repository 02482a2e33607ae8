"""Strings of protocol buffers, found without a schema."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.formats.protobuf import ProtobufError, strings


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
