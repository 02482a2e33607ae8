"""Which blocks of a block file belong to somebody, and how many of their bytes mean something."""

from array import array
from collections.abc import Iterator, MutableSequence
from dataclasses import dataclass
from itertools import compress
from typing import Self

from loginfix.formats.block_cache.addresses import MAX_BLOCKS

Extent = tuple[int, int, int]
"""First block, number of blocks, and bytes from the first block on that mean something."""

_FURTHER = 0xFF
_FURTHER_BLOCKS = tuple(bytes([_FURTHER]) * count for count in range(MAX_BLOCKS))
_FREE = tuple(bytes(count) for count in range(MAX_BLOCKS + 1))
_FIRST_ONLY = bytes.maketrans(bytes([_FURTHER]), b"\0")


@dataclass(slots=True)
class Extents:
    """The owned extents of one file: three bytes a block, however many there are."""

    _counts: bytearray
    _sizes: MutableSequence[int]

    @classmethod
    def none(cls, capacity: int) -> Self:
        """Of a file of so many blocks, which are nobody's."""
        return cls(bytearray(capacity), array("H", bytes(2 * capacity)))

    def __iter__(self) -> Iterator[Extent]:
        """In the order of the file."""
        for block in compress(range(len(self._counts)), self._counts.translate(_FIRST_ONLY)):
            yield block, self._counts[block], self._sizes[block]

    def claim(self, block: int, count: int, size: int) -> bool:
        """Give blocks an owner; False if one of them has one already."""
        counts = self._counts
        is_free = counts[block : block + count] == _FREE[count]
        counts[block] = count
        if count > 1:
            counts[block + 1 : block + count] = _FURTHER_BLOCKS[count - 1]
        self._sizes[block] = size
        return is_free

    def release(self, block: int) -> None:
        """Take an extent from its owner."""
        count = self._counts[block]
        self._counts[block : block + count] = _FREE[count]
        self._sizes[block] = 0

    def copy(self) -> Self:
        """One that can be changed by itself."""
        return type(self)(self._counts[:], self._sizes[:])
