"""Protocol buffers without their schema: the strings of a message and of the messages in it.

Source: the encoding page of the Protocol Buffers documentation. What a length-delimited field holds
(text, bytes, a message) is not written down, so each is given back as it is, and then looked into.
"""

from collections.abc import Iterator

_VARINT, _FIXED64, _DELIMITED, _FIXED32 = 0, 1, 2, 5
_FIXED = {_FIXED64: 8, _FIXED32: 4}
_MAX_VARINT = 10
_MORE, _BITS = 0x80, 0x7F
# Chromium's messages are a few levels deep; hostile ones must not exhaust the stack.
_MAX_DEPTH = 16


class ProtobufError(ValueError):
    """Bytes that are not a message."""


def strings(message: bytes) -> Iterator[bytes]:
    """Every length-delimited field, at every depth that can be a message.

    Raises:
        ProtobufError: The outermost message is not one.
    """
    for field in _delimited(message):
        yield field
        yield from _inside(field, _MAX_DEPTH)


def _inside(field: bytes, depth: int) -> Iterator[bytes]:
    try:
        inner = _delimited(field)
    except ProtobufError:
        return
    if depth:
        for each in inner:
            yield each
            yield from _inside(each, depth - 1)


def _delimited(message: bytes) -> list[bytes]:
    fields = []
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if tag >> 3 == 0:
            raise ProtobufError("a field has no number")
        if kind == _VARINT:
            _, at = _varint(message, at)
            continue
        if kind == _DELIMITED:
            size, start = _varint(message, at)
        elif kind in _FIXED:
            size, start = _FIXED[kind], at
        else:
            raise ProtobufError(f"a field is of the unknown kind {kind}")
        at = start + size
        if at > len(message):
            raise ProtobufError("a field is longer than the message")
        if kind == _DELIMITED:
            fields.append(message[start:at])
    return fields


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number, and where it ends."""
    value = 0
    for place in range(_MAX_VARINT):
        if at + place >= len(data):
            break
        byte = data[at + place]
        value |= (byte & _BITS) << 7 * place
        if byte < _MORE:
            return value, at + place + 1
    raise ProtobufError("a number is cut short")
