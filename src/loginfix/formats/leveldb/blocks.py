"""Blocks, the parts of a table: LevelDB ``doc/table_format.md``, ``table/block_builder.cc``.

Keys are sorted, so an entry stores only what differs from the key before it. Every few entries a
restart point stores its key whole; the offsets of those are listed at the end.
"""

import os
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from loginfix.formats.leveldb.checksum import masked_crc32c
from loginfix.formats.leveldb.compression import MAX_BLOCK, NONE, decompress
from loginfix.formats.leveldb.model import LevelDBError
from loginfix.formats.leveldb.varint import BITS, MORE, Cursor, varint

TRAILER = struct.Struct("<BI")
_U32 = struct.Struct("<I")
# Most blocks have 4 KiB: asking the system for each would take as long as all the rest.
_AHEAD = 1 << 17


class Handle(NamedTuple):
    """Where a block lies in its table, in bytes, its trailer not counted."""

    offset: int
    size: int

    @property
    def end(self) -> int:
        """Where the next block may begin."""
        return self.offset + self.size + TRAILER.size

    def to_bytes(self) -> bytes:
        """As index and footer hold it."""
        return varint(self.offset) + varint(self.size)


def read_handle(cursor: Cursor) -> Handle:
    """Read what ``Handle.to_bytes`` writes."""
    return Handle(cursor.varint64(), cursor.varint64())


class Blocks:
    """The blocks of an open table of ``size`` bytes, read one at a time."""

    __slots__ = ("_ahead", "_file", "_offset", "size")

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = file.seek(0, os.SEEK_END)
        self._ahead, self._offset = b"", 0

    def last(self, size: int) -> bytes:
        """The last ``size`` bytes of the table; fewer where it is shorter."""
        self._file.seek(max(0, self.size - size))
        return self._file.read(size)

    def read(self, handle: Handle) -> bytes:
        """Content of a block, checked and decompressed.

        Raises:
            LevelDBError: It reaches beyond the table, is damaged, or too large.
        """
        if handle.end > self.size:
            raise LevelDBError("a block reaches beyond the table")
        sealed = self._at(handle.offset, handle.size + TRAILER.size)
        if len(sealed) < handle.size + TRAILER.size:
            raise LevelDBError("a block reaches beyond the table")  # which was cut meanwhile
        kind, crc = TRAILER.unpack_from(sealed, handle.size)
        if masked_crc32c(memoryview(sealed)[: handle.size + 1]) != crc:
            raise LevelDBError(f"the block at {handle.offset} does not match its checksum")
        return decompress(kind, sealed[: handle.size])

    def _at(self, offset: int, size: int) -> bytes:
        """Bytes of the table; those that follow them are wanted next."""
        start = offset - self._offset
        if start < 0 or start + size > len(self._ahead):
            self._file.seek(offset)
            self._ahead, self._offset = self._file.read(max(size, _AHEAD)), offset
            start = 0
        return self._ahead[start : start + size]


def seal_block(content: bytes) -> bytes:
    """``content`` uncompressed, with the trailer that ``Blocks.read`` checks."""
    return content + TRAILER.pack(NONE, masked_crc32c(content, bytes((NONE,))))


def entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every key and value of a block.

    Raises:
        LevelDBError: Damaged, or its keys become far larger than the block.
    """
    restarts, end = _restarts(block)
    at = 0
    key = b""
    expanded = 0
    while at < end:
        start = at
        # Nearly always numbers of one byte, and a size of one or two; whatever is at the end of
        # the entries, 8 more bytes follow them.
        shared, own, size = block[at : at + 3]
        at += 3
        more = 0
        if size >= MORE:
            more = block[at]
            size = size & BITS | more << 7
            at += 1
        if shared >= MORE or own >= MORE or more >= MORE:
            cursor = Cursor(block, start, end)
            shared, own, size = cursor.varint32(), cursor.varint32(), cursor.varint32()
            at = cursor.offset
        sharable = len(key)
        if start in restarts:
            restarts.discard(start)
            sharable = 0
        if shared > sharable:
            raise LevelDBError("a key shares more than the one before it has")
        behind = at + own
        value_end = behind + size
        if value_end > end:
            raise LevelDBError("something is longer than what holds it")
        key = key[:shared] + block[at:behind]
        # A long key that every entry repeats takes next to no space.
        expanded += len(key)
        if expanded > MAX_BLOCK:
            raise LevelDBError("the keys of a block become impossibly large")
        yield key, block[behind:value_end]
        at = value_end
    # A block without entries has a restart point where the first would be.
    if restarts - {0}:
        raise LevelDBError("a block has a restart point where no entry begins")


def build_block(pairs: Iterable[tuple[bytes, bytes]], restart_interval: int) -> bytes:
    """Write what ``entries`` reads, a restart point every ``restart_interval`` entries."""
    block = bytearray()
    restarts = [0]
    last = b""
    for number, (key, value) in enumerate(pairs):
        shared = 0
        if number % restart_interval:
            shared = _shared(last, key)
        elif number:
            restarts.append(len(block))
        block += varint(shared) + varint(len(key) - shared) + varint(len(value))
        block += key[shared:] + value
        last = key
    for number in (*restarts, len(restarts)):
        block += _U32.pack(number)
    return bytes(block)


def _shared(last: bytes, key: bytes) -> int:
    """How many bytes the two begin with alike."""
    size = min(len(last), len(key))
    different = int.from_bytes(last[:size], "big") ^ int.from_bytes(key[:size], "big")
    return size - (different.bit_length() + 7) // 8


def _restarts(block: bytes) -> tuple[set[int], int]:
    """Offsets of the restart points, and where the entries end."""
    if len(block) < _U32.size:
        raise LevelDBError("a block is too short")
    (count,) = _U32.unpack_from(block, len(block) - _U32.size)
    end = len(block) - _U32.size * (count + 1)
    if count == 0 or end < 0:
        raise LevelDBError(f"a block cannot have {count} restart points")
    offsets = set(struct.unpack_from(f"<{count}I", block, end))
    if 0 not in offsets or len(offsets) != count:
        raise LevelDBError("the restart points of a block are wrong")
    return offsets, end
