"""Files of text records: JSON, and lines that a pattern groups; whose each position is."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from loginfix.sites.forms import FORMS, Names
from loginfix.sites.spotting import names_in
from loginfix.tracing.layout import StoreRule
from loginfix.tracing.model import UNKNOWN, Bounds, Piece, Record

LARGEST = 64 << 20
"""The largest text, in bytes, whose records are told apart."""

_MOST_NODES = 1_000_000
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\],:]', re.DOTALL)
_LONGEST_NAME = 4096
_MOST_MEMBERS = 200
_ARRAY = ord("[")


@dataclass(slots=True)
class _Node:
    """An object or array; ``key`` is what its parent calls it, ``inner`` are names of members."""

    parent: int
    key: bytes
    start: int
    end: int
    names: list[Names] = field(default_factory=list)
    inner: list[Names] = field(default_factory=list)


class Json:
    """Where the objects of a JSON text are, found in one pass over its tokens."""

    def __init__(self, data: bytes, rule: StoreRule) -> None:
        self._data = data
        self._rule = rule
        self._nodes: list[_Node] = []
        self._strings: list[tuple[int, int, int, bool]] = []  # start, end, node, is a key
        self._starts: list[int] = []
        self.is_whole = self._read()

    def bounds(self, position: int) -> Bounds:
        """The string that a position lies in, and whose it is."""
        index = bisect_right(self._starts, position) - 1
        if index < 0:
            return Bounds(0, len(self._data), UNKNOWN)
        start, end, node, is_key = self._strings[index]
        if position >= end:
            return Bounds(0, len(self._data), UNKNOWN)
        own = self._data[start:end]
        keys = self._path(node) + ([own] if is_key else [])
        if any(
            keys[: len(each)] == [part.encode() for part in each] for each in self._rule.keep_json
        ):
            return Bounds(start, end, Record(keep=True))
        # What a form of another site's page was filled with is that site's, be it this one's name.
        return Bounds(start, end, Record(tuple(self._owners(node) or _names(own))))

    def _read(self) -> bool:
        owners = {f'"{key}"'.encode() for key in self._rule.owner_json}
        here, last, key, is_key = -1, b"", b"", False
        for token in _TOKEN.finditer(self._data):
            text = token[0]
            if text in (b"{", b"["):
                if len(self._nodes) >= _MOST_NODES:
                    return False
                self._nodes.append(_Node(here, key, token.start(), len(self._data)))
                here, key = len(self._nodes) - 1, b""
                is_key = text == b"{"
            elif text in (b"}", b"]"):
                if here >= 0:
                    here = self._close(here, token.end())
                is_key, key = False, b""
            elif text == b":":
                key, is_key = last, False
            elif text == b",":
                key = b""
                is_key = (
                    here >= 0
                    and self._data[self._nodes[here].start : self._nodes[here].start + 1] == b"{"
                )
            else:
                if key in owners and here >= 0:
                    self._nodes[here].names += _owner_names(key, text[1:-1])
                self._strings.append((token.start() + 1, token.end() - 1, here, is_key))
                self._starts.append(token.start() + 1)
                last = text
                if len(self._strings) > 8 * _MOST_NODES:
                    return False
        return True

    def _close(self, node: int, end: int) -> int:
        """Hand the names of a member that says whose the whole is up to it."""
        closed = self._nodes[node]
        closed.end = end
        names = closed.names or closed.inner
        if names and closed.parent >= 0:
            above = self._nodes[closed.parent]
            key = above.key if self._data[above.start] == _ARRAY else closed.key
            if key.strip(b'"').decode("utf-8", "replace") in self._rule.owner_members:
                above.inner += names[: _MOST_MEMBERS - len(above.inner)]
        return closed.parent

    def _path(self, node: int) -> list[bytes]:
        keys = []
        while node >= 0:
            keys.append(self._nodes[node].key.strip(b'"'))
            node = self._nodes[node].parent
        return [key for key in reversed(keys) if key]

    def _owners(self, node: int) -> list[Names]:
        """The names of the nearest object that has any, or is called after any.

        One that names only a partition belongs to the host of the object around it.
        """
        partition = None
        while node >= 0:
            found = self._nodes[node]
            names = found.names or _names(found.key.strip(b'"')) or found.inner
            if any(each.host for each in names):
                return [each._replace(partition=each.partition or partition) for each in names]
            partition = partition or next((each.partition for each in names), None)
            node = found.parent
        return [Names(None, partition)] if partition else []


def json_pieces(data: bytes, piece: Piece, rule: StoreRule) -> Piece:
    """A piece that holds a whole JSON text, with the boundaries of its strings."""
    index: list[Json] = []

    def bounds(position: int) -> Bounds:
        if not index:  # most texts name nobody, and need no index
            index.append(Json(data, rule))
        if not index[0].is_whole:
            return Bounds(0, len(data), UNKNOWN)
        return index[0].bounds(position)

    piece.bounds = bounds
    return piece


def pattern_piece(data: bytes, piece: Piece, pattern: re.Pattern[bytes]) -> Piece:
    """A piece that holds a whole text of records that match a pattern."""
    records = [(found.start(), found.end(), found.groupdict()) for found in pattern.finditer(data)]
    starts = [start for start, _, _ in records]

    def bounds(position: int) -> Bounds:
        index = bisect_right(starts, position) - 1
        if index < 0 or position >= records[index][1]:
            return Bounds(0, len(data), UNKNOWN)
        start, end, groups = records[index]
        return Bounds(start, end, Record((_combined(groups),)))

    piece.bounds = bounds
    return piece


def slots(data: bytes, piece: Piece, size: int, key: re.Pattern[bytes]) -> Piece:
    """A table of Firefox's of fixed slots: 6 bytes, a key of 256 and a value of ``size`` bytes.

    security/manager/ssl/data_storage. The bytes before a key may be letters that would seem to
    belong to it.
    """
    stride = _SLOT_HEAD + _SLOT_KEY + size

    def bounds(position: int) -> Bounds:
        slot = position // stride * stride
        start, end = slot + _SLOT_HEAD, slot + _SLOT_HEAD + _SLOT_KEY
        if position < start:
            return Bounds(slot, start, UNKNOWN)
        found = key.match(data[start:end].rstrip(b"\0"))
        record = Record((_combined(found.groupdict(default=b"")),)) if found else UNKNOWN
        return Bounds(start, end, record) if position < end else Bounds(end, slot + stride, record)

    piece.bounds = bounds
    return piece


_SLOT_HEAD, _SLOT_KEY = 6, 256


def snss(data: bytes, piece: Piece) -> Piece:
    """A session file of Chromium: commands, each a length, an id and a payload.

    components/sessions/core/command_storage_backend.cc. A command is its first address's: a
    visited page names its own before those it came from.
    """
    records: list[tuple[int, int]] = []
    at = 8
    width = 4 if int.from_bytes(data[4:8], "little") >= 5 else 2  # noqa: PLR2004
    while at + width <= len(data):
        size = int.from_bytes(data[at : at + width], "little")
        records.append((at + width, at + width + size))
        at += width + size
    starts = [start for start, _ in records]

    def bounds(position: int) -> Bounds:
        index = bisect_right(starts, position) - 1
        if index < 0 or position >= records[index][1]:
            return Bounds(0, len(data), UNKNOWN)
        start, end = records[index]
        found = _ADDRESS.search(data, start, end)
        names = FORMS["url"](found[0].decode("latin-1")) if found else None
        return Bounds(start, end, Record((names,) if names and any(names) else ()))

    piece.bounds = bounds
    return piece


_ADDRESS = re.compile(rb"(?:https?|ftp|file|about|chrome)://?[\x21-\x7e]{1,2048}")


def _combined(groups: dict[str, bytes]) -> Names:
    host = partition = None
    for form, text in groups.items():
        names = FORMS[form](text.decode("latin-1"))
        host, partition = host or names.host, partition or names.partition
    return Names(host, partition)


def _owner_names(key: bytes, text: bytes) -> list[Names]:
    if key == b'"partitionKey"':
        attributes = f"partitionKey={text.decode('utf-8', 'replace')}"
        return [FORMS["origin_attributes"](attributes)]
    return _names(text)


def _names(text: bytes) -> list[Names]:
    """The hosts that a string names as a whole, also as a content-settings pattern."""
    if not text or len(text) > _LONGEST_NAME:
        return []
    return list(_parts(text.decode("utf-8", "replace")))


def _parts(text: str) -> Iterator[Names]:
    parts = text.split(",") if re.fullmatch(r"\S+,\S+", text) else [text]
    for part in parts:
        if names := names_in(part.removeprefix("[*.]")):
            yield names
