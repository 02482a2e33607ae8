"""What was changed in files, as the bytes that were there before: small, and enough to undo it."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from loginfix.stores.model import Row, SavedRow

TABLE = "changes"
"""Rows: ``file`` (its name), ``offset`` (in bytes), ``before`` (what was there)."""

_CHUNK = 1 << 16


def differences(name: str, before: BinaryIO, after: BinaryIO) -> Iterator[Row]:
    """Compare two files of one length; of each 64 KiB, what lies between first and last change."""
    offset = 0
    while old := before.read(_CHUNK):
        new = after.read(_CHUNK)
        if old != new:
            first, last = _bounds(old, new)
            yield {"file": name, "offset": offset + first, "before": old[first:last]}
        offset += len(old)


def _bounds(old: bytes, new: bytes) -> tuple[int, int]:
    differing = int.from_bytes(old, "big") ^ int.from_bytes(new, "big")
    length = differing.bit_length()
    first = len(old) - (length + 7) // 8
    lowest = (differing & -differing).bit_length() - 1
    return first, len(old) - lowest // 8


def put_back(rows: Iterable[SavedRow], paths: dict[str, Path]) -> None:
    """Write what was there before into copies of the files."""
    for name, offset, before in _fields(rows):
        with paths[name].open("r+b") as file:
            file.seek(offset)
            file.write(before)


class Before:
    """The files as they were, as far as they were changed; zero everywhere else."""

    def __init__(self, rows: Iterable[SavedRow], spool: BinaryIO) -> None:
        """Take the rows of ``TABLE``; what they hold goes into ``spool``, an empty file."""
        self._spool = spool
        # Of each file: where pieces begin and end, and where they are in the spool.
        self._pieces: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        position = 0
        for name, offset, before in _fields(rows):
            spool.write(before)
            self._pieces[name].append((offset, offset + len(before), position))
            position += len(before)
        for pieces in self._pieces.values():
            pieces.sort()

    def read(self, name: str, offset: int, size: int) -> bytes:
        """The bytes that were at an offset."""
        data = bytearray(size)
        pieces = self._pieces.get(name, [])
        at = max(bisect_right(pieces, (offset, 0, 0)) - 1, 0)
        for start, stop, position in islice(pieces, at, None):
            if start >= offset + size:
                break
            begin, end = max(start, offset), min(stop, offset + size)
            if begin < end:
                self._spool.seek(position + begin - start)
                data[begin - offset : end - offset] = self._spool.read(end - begin)
        return bytes(data)


def _fields(rows: Iterable[SavedRow]) -> Iterator[tuple[str, int, bytes]]:
    for row in rows:
        name, offset, before = (row.before[key] for key in ("file", "offset", "before"))
        if not (isinstance(name, str) and isinstance(offset, int) and isinstance(before, bytes)):
            raise TypeError("a saved change has not the form of one")
        yield name, offset, before
