"""JSON as text: where its parts are, and cutting parts out without touching the rest.

Strict RFC 8259, in UTF-8 without a byte order mark: what browsers write. A document is validated
once, by ``read``; the other functions then find their way in text that is known to be sound.
Positions are indexes of characters in the document's text.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

MAX_SIZE = 32 << 20
"""In bytes. Ten times the largest that was ever seen; everything is held in memory."""

MAX_DEPTH = 200
"""As in Chromium (base/json/json_reader.h, ``internal::kAbsoluteMaxDepth``)."""

SPACE = " \t\n\r"
"""The characters that may stand between any two parts."""

_SPACE = re.compile(f"[{SPACE}]*")
_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_SCALAR = re.compile(rf"{_STRING}|[^\s,\]}}]+", re.DOTALL)
_KEY = re.compile(_STRING, re.DOTALL)
_BRACKETS = re.compile(rf"{_STRING}|[\[\]{{}}]", re.DOTALL)


class JsonError(ValueError):
    """The document is not what a browser writes; the text says in what way."""


class Number(NamedTuple):
    """A number by its spelling: ``1.0`` is not ``1``."""

    text: str


class Child(NamedTuple):
    """A member of an object or an element of a list: from ``start`` to ``end``.

    ``name`` is the member's decoded key, or the element's index; its value begins at ``value``.
    """

    name: str | int
    start: int
    value: int
    end: int


class Cut(NamedTuple):
    """A child with the separators that go with it; ``at`` is where it was in the document.

    The text that was cut out is ``lead + text + trail``.
    """

    at: int
    lead: str
    text: str
    trail: str

    @property
    def whole(self) -> str:
        """All that was cut out."""
        return self.lead + self.text + self.trail


@lru_cache(maxsize=2)  # several stores in one file ask for the same document
def read(data: bytes) -> str:
    """Decode and validate a document.

    Raises:
        JsonError: It is not strict JSON, a key is there twice, or it is absurdly large or deep.
    """
    if len(data) > MAX_SIZE:
        raise JsonError(f"it is larger than {MAX_SIZE} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonError(f"it is not UTF-8 ({error.reason} at byte {error.start})") from error
    if text.startswith("\ufeff"):
        raise JsonError("it begins with a byte order mark")
    _check_depth(text)
    parse(text)
    return text


def parse(text: str) -> Any:
    """The value of a text; numbers keep their spelling.

    Raises:
        JsonError: See ``read``.
    """
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise JsonError(f"it is not JSON ({error})") from error


def root(text: str) -> int:
    """Where the document's value begins."""
    return _skip_space(text, 0)


def children(text: str, start: int) -> Iterator[Child]:
    """The members of the object, or elements of the list, that begins at ``start``.

    A scalar has none.
    """
    if text[start] not in "{[":
        return
    is_object = text[start] == "{"
    position = _skip_space(text, start + 1)
    index = 0
    while text[position] not in "}]":
        name: str | int = index
        value = position
        if is_object:
            key_end = _end_of_match(_KEY, text, position)
            name = _DECODER.decode(text[position:key_end])
            value = _skip_space(text, _skip_space(text, key_end) + 1)
        end = end_of(text, value)
        yield Child(name, position, value, end)
        index += 1
        position = _skip_space(text, end)
        if text[position] == ",":
            position = _skip_space(text, position + 1)


def end_of(text: str, start: int) -> int:
    """Where the value that begins at ``start`` ends."""
    if text[start] not in "{[":
        return _end_of_match(_SCALAR, text, start)
    depth = 0
    for match in _BRACKETS.finditer(text, start):
        bracket = match[0]
        if bracket in "{[":
            depth += 1
        elif bracket in "}]":
            depth -= 1
            if not depth:
                return match.end()
    raise JsonError("it ends too early")


def cuts(text: str, siblings: Sequence[Child], gone: frozenset[int]) -> Iterator[Cut]:
    """How to take some of the ``siblings``, given by their ``start``, out of their container.

    Exactly the separators that the others do not need go along.
    """
    first_kept = next((i for i, child in enumerate(siblings) if child.start not in gone), None)
    for i, child in enumerate(siblings):
        if child.start not in gone:
            continue
        own = text[child.start : child.end]
        if first_kept is not None and i > first_kept:
            before = siblings[i - 1].end
            yield Cut(before, text[before : child.start], own, "")
        else:
            after = siblings[i + 1].start if i + 1 < len(siblings) else child.end
            yield Cut(child.start, "", own, text[child.end : after])


def without(text: str, gone: Sequence[Cut]) -> str:
    """The document without these cuts, which are in the order of their places."""
    kept, position = [], 0
    for cut in gone:
        kept.append(text[position : cut.at])
        position = cut.at + len(cut.whole)
    return "".join((*kept, text[position:]))


def put_back(text: str, gone: Sequence[Cut]) -> str:
    """The reverse of ``without``.

    Raises:
        JsonError: The cuts are not of this document.
    """
    pieces, position, length = [], 0, 0
    for cut in gone:
        # How much of what is left lies before the place of the cut.
        upto = position + cut.at - length
        if not position <= upto <= len(text):
            raise JsonError("what was cut out does not fit")
        pieces += [text[position:upto], cut.whole]
        length = cut.at + len(cut.whole)
        position = upto
    return "".join((*pieces, text[position:]))


def _check_depth(text: str) -> None:
    depth = 0
    for match in _BRACKETS.finditer(text):
        bracket = match[0]
        if bracket in "{[":
            depth += 1
            if depth > MAX_DEPTH:
                raise JsonError(f"it is nested more than {MAX_DEPTH} deep")
        elif bracket in "}]":
            depth -= 1


def _skip_space(text: str, position: int) -> int:
    return _end_of_match(_SPACE, text, position)


def _end_of_match(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    if match is None:
        raise JsonError(f"something else was expected at character {position}")
    return match.end()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise JsonError("a key is there twice")
    return members


def _no_constant(name: str) -> Any:
    raise JsonError(f"{name} is not a number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=Number, parse_float=Number, parse_constant=_no_constant
)
