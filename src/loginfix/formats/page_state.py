"""The URLs in Chromium's page states, found without their schema.

A page state is what the browser keeps of a page and its frames, to show it again as it was: URLs,
referrers, scroll positions, what was typed into forms. Source:
``third_party/blink/common/page_state/page_state_serialization.cc``; since 2018 a Mojo message whose
strings are arrays: bytes in all and number of elements, both as unsigned 32-bit integers in little
endian, and the elements (``docs/mojo``, "Mojo Wire Format"); earlier a pickle.
"""

import re
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_ARRAY = struct.Struct("<II")
_CHARACTERS = rb"[!#-;=?-Z\[\]_a-z~%]"
_WIDE = b"".join((rb"(?:", _CHARACTERS, rb"\0)"))
_URL = re.compile(rb"[a-z][a-z0-9+.-]{1,30}://" + _CHARACTERS + rb"+")
_WIDE_URL = re.compile(rb"[a-z]\0(?:[a-z0-9+.-]\0){1,30}:\0/\0/\0" + _WIDE + rb"+")


class Found(NamedTuple):
    """A URL: where it begins, how many bytes a character has, and its text."""

    offset: int
    width: int
    text: str


def urls(state: bytes) -> Iterator[Found]:
    """Every URL with an authority, in single bytes or UTF-16.

    A URL inside another one, as in its query, is part of that one.
    """
    for found in _URL.finditer(state):
        yield _bounded(state, Found(found.start(), 1, found[0].decode("ascii")))
    for found in _WIDE_URL.finditer(state):
        yield _bounded(state, Found(found.start(), 2, found[0].decode("utf-16-le")))


def is_whole_string(state: bytes, found: Found) -> bool:
    """Whether a URL is the whole of a Mojo string."""
    return _length(state, found) == len(found.text)


def _bounded(state: bytes, found: Found) -> Found:
    """Without what follows the string and only looks like more of it."""
    length = _length(state, found)
    if length is None or length > len(found.text):
        return found
    return found._replace(text=found.text[:length])


def _length(state: bytes, found: Found) -> int | None:
    """The length of the Mojo string that begins here, in characters."""
    start = found.offset - _ARRAY.size
    if start < 0:
        return None
    size, count = _ARRAY.unpack_from(state, start)
    return int(count) if size == _ARRAY.size + count * found.width else None


def blank(state: bytes, strings: Iterable[Found]) -> bytes:
    """The same state with these strings empty.

    Each stays as long as it was, with no element in use and zeros in their place, which the format
    allows: so nothing else moves.
    """
    edited = bytearray(state)
    for each in strings:
        size = len(each.text) * each.width
        _ARRAY.pack_into(edited, each.offset - _ARRAY.size, _ARRAY.size + size, 0)
        edited[each.offset : each.offset + size] = bytes(size)
    return bytes(edited)
