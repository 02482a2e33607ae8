"""A file ``data_N``: a header with a map of the blocks in use, then blocks of one size.

Source: ``disk_format_base.h`` (``BlockFileHeader``), ``block_files.cc``.
"""

import os
import struct
from typing import BinaryIO

from loginfix.formats.block_cache.addresses import BLOCK_SIZES, MAX_BLOCKS, BlockCacheError

HEADER = 8192
"""Bytes before the first block."""

_MAGIC = 0xC104CAC3
_VERSION = 0x20000
_FIELDS = struct.Struct("<IIhhiii4i4ii")
_MAP = 80
_MAX_CAPACITY = (HEADER - _MAP) * 8
_GROWTH = 1024
_UPDATING = 56
# Of four blocks, by the bits of those in use: how many are free at the end.
_FREE_AT_END = (4, 3, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0)


class BlockFile:
    """A checked block file; changes of the map are written by ``save``."""

    def __init__(self, file: BinaryIO, number: int) -> None:
        """``file`` can be read at any place, and written where the cache is edited.

        Raises:
            BlockCacheError: Not a block file that this program may edit; the text says why.
        """
        self.name = f"data_{number}"
        self.number = number
        self._file = file
        file.seek(0)
        header = file.read(HEADER)
        if len(header) < HEADER:
            raise BlockCacheError(f"{self.name} ends inside its header")
        fields = _FIELDS.unpack_from(header)
        magic, version, this_file, self.next_file, self.block_size, allocations, capacity = fields[
            :7
        ]
        if magic != _MAGIC or version != _VERSION or this_file != number:
            raise BlockCacheError(f"{self.name} is not that block file")
        if self.block_size not in BLOCK_SIZES.values():
            raise BlockCacheError(f"{self.name} has blocks of an unknown size")
        if not 0 <= capacity <= _MAX_CAPACITY or capacity % 32:
            raise BlockCacheError(f"{self.name} has an impossible capacity")
        if file.seek(0, os.SEEK_END) < HEADER + capacity * self.block_size:
            raise BlockCacheError(f"{self.name} ends before its last block")
        empty = fields[7:11]
        free = sum(number * (size + 1) for size, number in enumerate(empty))
        if fields[15] or allocations < 0 or min(empty) < 0 or free + allocations > capacity:
            raise BlockCacheError(f"the browser was killed while it changed {self.name}")
        self.capacity: int = capacity
        self._allocations: int = allocations
        self._header = bytearray(header)
        # For each number of blocks, the byte of the map before which there is no room for them.
        self._full_before = dict.fromkeys(range(1, MAX_BLOCKS + 1), 0)

    def is_used(self, block: int, count: int) -> bool:
        """Whether all these blocks exist and are in use; they are within four."""
        bits = ((1 << count) - 1) << block % 8
        return block + count <= self.capacity and self._header[_MAP + block // 8] & bits == bits

    def read(self, block: int, size: int) -> bytes:
        """Read bytes from the start of a block on.

        Raises:
            BlockCacheError: They are not there.
        """
        return self.read_at(HEADER + block * self.block_size, size)

    def write(self, block: int, data: bytes) -> None:
        """Write bytes from the start of a block on."""
        self.write_at(HEADER + block * self.block_size, data)

    @property
    def length(self) -> int:
        """Bytes of the whole file."""
        return self._file.seek(0, os.SEEK_END)

    def read_at(self, offset: int, size: int) -> bytes:
        """Read from an offset in the file.

        Raises:
            BlockCacheError: The file is not that long any more.
        """
        self._file.seek(offset)
        data = self._file.read(size)
        if len(data) < size:
            raise BlockCacheError(f"{self.name} became shorter while it was read")
        return data

    def write_at(self, offset: int, data: bytes) -> None:
        """Write at an offset in the file."""
        self._file.seek(offset)
        self._file.write(data)

    def free(self, block: int, count: int) -> None:
        """Give blocks back, zeroed: the browser relies on unused blocks being zero."""
        self.write(block, bytes(count * self.block_size))
        self._header[_MAP + block // 8] &= ~(((1 << count) - 1) << block % 8) & 0xFF
        self._allocations -= 1
        for size, at in self._full_before.items():
            self._full_before[size] = min(at, block // 8)

    def allocate(self, count: int) -> int | None:
        """Take blocks, growing the file where needed; None when it is as large as can be."""
        block = self._find_free(count)
        if block is None and self.capacity + _GROWTH <= _MAX_CAPACITY:
            block = self.capacity
            self.capacity += _GROWTH
            last = HEADER + self.capacity * self.block_size - 1
            if self.length <= last:
                self.write_at(last, b"\0")
        if block is not None:
            self._header[_MAP + block // 8] |= ((1 << count) - 1) << block % 8
            self._allocations += 1
        return block

    def save(self) -> None:
        """Write the header: the map, and the counts that follow from it."""
        empty = [0] * MAX_BLOCKS
        for byte in self._header[_MAP : _MAP + self.capacity // 8]:
            for four in (byte & 0xF, byte >> 4):
                if size := _FREE_AT_END[four]:
                    empty[size - 1] += 1
        struct.pack_into(
            "<ii4i", self._header, 16, max(self._allocations, 0), self.capacity, *empty
        )
        self._file.seek(0)
        self._file.write(self._header)

    def _find_free(self, count: int) -> int | None:
        for at in range(self._full_before[count], self.capacity // 8):
            byte = self._header[_MAP + at]
            for half, four in enumerate((byte & 0xF, byte >> 4)):
                free = _FREE_AT_END[four]
                if free >= count:
                    self._full_before[count] = at
                    return at * 8 + half * 4 + MAX_BLOCKS - free
        return None
