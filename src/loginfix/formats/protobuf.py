"""Protocol buffers without their schema: their fields, their strings, and them without some.

Source: the encoding page of the Protocol Buffers documentation. What a length-delimited field holds
(text, bytes, a message) is not written down, so each is given back as it is, and then looked into.
"""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

_VARINT, _FIXED64, _DELIMITED, _FIXED32 = 0, 1, 2, 5
_FIXED = {_FIXED64: 8, _FIXED32: 4}
_MAX_VARINT = 10
_MORE, _BITS = 0x80, 0x7F
# Chromium's messages are a few levels deep; hostile ones must not exhaust the stack.
_MAX_DEPTH = 16


class ProtobufError(ValueError):
    """Bytes that are not a message."""


class Field(NamedTuple):
    """A field; from ``start`` to ``end`` is what follows its tag in the message."""

    number: int
    kind: int
    value: int | bytes
    start: int
    end: int


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


def fields(message: bytes) -> list[Field]:
    """The fields of a message, in their order; messages in it are not looked into.

    Raises:
        ProtobufError: It is not a message.
    """
    found = []
    at = 0
    while at < len(message):
        tag, start = _varint(message, at)
        number, kind = tag >> 3, tag & 7
        value: int | bytes
        if number == 0:
            raise ProtobufError("a field has no number")
        if kind == _VARINT:
            value, at = _varint(message, start)
        else:
            if kind == _DELIMITED:
                size, begin = _varint(message, start)
            elif kind in _FIXED:
                size, begin = _FIXED[kind], start
            else:
                raise ProtobufError(f"a field is of the unknown kind {kind}")
            at = begin + size
            if at > len(message):
                raise ProtobufError("a field is longer than the message")
            value = message[begin:at]
        found.append(Field(number, kind, value, start, at))
    return found


def with_number(message: bytes, number: int, value: int) -> bytes:
    """The message with another value in every varint field ``number``.

    Raises:
        ProtobufError: It is not a message.
    """
    for field in reversed(fields(message)):
        if field.number == number and field.kind == _VARINT:
            message = message[: field.start] + _to_varint(value) + message[field.end :]
    return message


def without(
    message: bytes, goes: Callable[[bytes], bool], *, drop: Literal["field", "message"]
) -> bytes:
    """The message without the strings that ``goes`` chooses, at whatever depth they are.

    With ``drop="message"`` the innermost message that holds such a string goes along with it, as an
    entry of a list does; the outermost one itself stays. All other bytes are kept as they are.

    Raises:
        ProtobufError: The outermost message is not one.
    """
    return _join(message, fields(message), goes, drop, _MAX_DEPTH)


def _join(
    message: bytes, inner: list[Field], goes: Callable[[bytes], bool], drop: str, depth: int
) -> bytes:
    """The fields that stay, each as it is to be."""
    begin = 0
    parts = []
    for field in inner:
        parts.append(_left(message[begin : field.start], message, field, goes, drop, depth))
        begin = field.end
    return b"".join(parts)


def _left(
    tag: bytes,
    message: bytes,
    field: Field,
    goes: Callable[[bytes], bool],
    drop: str,
    depth: int,
) -> bytes:
    """A field as it is to be; nothing where it goes."""
    whole = tag + message[field.start : field.end]
    if field.kind != _DELIMITED or not isinstance(field.value, bytes):
        return whole
    if goes(field.value):
        return b""
    try:
        inner = fields(field.value) if depth else []
    except ProtobufError:
        return whole
    strings = [each.value for each in inner if isinstance(each.value, bytes)]
    if drop == "message" and any(map(goes, strings)):
        return b""
    new = _join(field.value, inner, goes, drop, depth - 1)
    if new == field.value or not inner:
        return whole
    return tag + _to_varint(len(new)) + new


def _delimited(message: bytes) -> list[bytes]:
    return [
        field.value
        for field in fields(message)
        if field.kind == _DELIMITED and isinstance(field.value, bytes)
    ]


def _to_varint(value: int) -> bytes:
    out = bytearray()
    while value > _BITS:
        out.append(value & _BITS | _MORE)
        value >>= 7
    out.append(value)
    return bytes(out)


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
