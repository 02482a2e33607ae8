"""Many short texts as one piece, for a search takes as long to begin as to go through kilobytes.

Whose a text is, is asked only where the site is named in it.
"""

from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache

from loginfix.tracing.model import UNKNOWN, Bounds, Piece, Record

_ENOUGH = 256 << 10
# No name in any spelling goes over this, and no address: none holds three such bytes.
_GAP = b"\n\xff\xff\xff"


class Joined:
    """Collects keys with their values; ``record_of`` says whose a pair is."""

    def __init__(self, record_of: Callable[[bytes, bytes], Record], inside: str) -> None:
        self._record_of = lru_cache(maxsize=1)(record_of)
        self._inside = inside
        self._clear()

    def _clear(self) -> None:
        self._parts: list[bytes] = []
        self._starts: list[int] = []
        self._pairs: list[tuple[bytes, bytes, int]] = []
        self._size = 0

    @property
    def is_enough(self) -> bool:
        """Whether more would not be any faster."""
        return self._size >= _ENOUGH

    def add(self, key: bytes, value: bytes, offset: int) -> None:
        """Take in a pair that is in the file in what begins at ``offset``."""
        self._starts.append(self._size)
        self._pairs.append((key, value, offset))
        self._parts += (key, _GAP, value, _GAP)
        self._size += len(key) + len(value) + 2 * len(_GAP)

    def taken(self) -> Piece:
        """Everything since the last time."""
        starts, pairs, record_of = self._starts, self._pairs, self._record_of

        def bounds(position: int) -> Bounds:
            index = bisect_right(starts, position) - 1
            key, value, _ = pairs[index]
            start = starts[index]
            for text in (key, value):
                if start <= position < start + len(text):
                    return Bounds(start, start + len(text), record_of(key, value))
                start += len(text) + len(_GAP)
            return Bounds(position, position, UNKNOWN, skip=True)

        def place(position: int) -> int:
            return pairs[bisect_right(starts, position) - 1][2]

        data = b"".join(self._parts)
        self._clear()
        return Piece(data, place, UNKNOWN, self._inside, bounds=bounds)
