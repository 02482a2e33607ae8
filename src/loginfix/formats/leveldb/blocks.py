"""Blocks, the parts of a table: LevelDB ``doc/table_format.md``, ``table/block_builder.cc``.

Keys are sorted, so an entry stores only what differs from the key before it. Every few entries a
restart point stores its key whole; the offsets of those are listed at the end.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from loginfix.formats.leveldb.checksum import masked_crc32c
from loginfix.formats.leveldb.compression import MAX_BLOCK, NONE, decompress
from loginfix.formats.leveldb.model import LevelDBError
from loginfix.formats.leveldb.varint import Cursor, varint

TRAILER = struct.Struct("<BI")
_U32 = struct.Struct("<I")


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


def read_block(table: bytes, handle: Handle) -> bytes:
    """Content of a block, checked and decompressed.

    Raises:
        LevelDBError: It reaches beyond the table, is damaged, or too large.
    """
    if handle.end > len(table):
        raise LevelDBError("a block reaches beyond the table")
    stored = table[handle.offset : handle.offset + handle.size]
    kind, crc = TRAILER.unpack_from(table, handle.offset + handle.size)
    if masked_crc32c(stored, bytes((kind,))) != crc:
        raise LevelDBError(f"the block at {handle.offset} does not match its checksum")
    return decompress(kind, stored)


def seal_block(content: bytes) -> bytes:
    """``content`` uncompressed, with the trailer that ``read_block`` checks."""
    return content + TRAILER.pack(NONE, masked_crc32c(content, bytes((NONE,))))


def entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every key and value of a block.

    Raises:
        LevelDBError: Damaged, or its keys become far larger than the block.
    """
    restarts, end = _restarts(block)
    cursor = Cursor(block, 0, end)
    key = b""
    expanded = 0
    while not cursor.at_end:
        start = cursor.offset
        shared, own, size = cursor.varint32(), cursor.varint32(), cursor.varint32()
        if shared > (0 if start in restarts else len(key)):
            raise LevelDBError("a key shares more than the one before it has")
        restarts.discard(start)
        key = key[:shared] + cursor.take(own)
        # A long key that every entry repeats takes next to no space.
        expanded += len(key)
        if expanded > MAX_BLOCK:
            raise LevelDBError("the keys of a block become impossibly large")
        yield key, cursor.take(size)
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
    pairs = enumerate(zip(last, key, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(last), len(key)))


def _restarts(block: bytes) -> tuple[set[int], int]:
    """Offsets of the restart points, and where the entries end."""
    if len(block) < _U32.size:
        raise LevelDBError("a block is too short")
    (count,) = _U32.unpack_from(block, len(block) - _U32.size)
    end = len(block) - _U32.size * (count + 1)
    if count == 0 or end < 0:
        raise LevelDBError(f"a block cannot have {count} restart points")
    offsets = {number for (number,) in _U32.iter_unpack(block[end : -_U32.size])}
    if 0 not in offsets or len(offsets) != count:
        raise LevelDBError("the restart points of a block are wrong")
    return offsets, end
