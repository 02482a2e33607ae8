"""Tables (``.ldb``, once ``.sst``): sorted, never changed: LevelDB ``doc/table_format.md``.

Data blocks, then blocks that describe them, then an index with the place of each data block, then
a footer with the place of the index. Filters only say what is not there; they are not read.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from loginfix.formats.leveldb.blocks import (
    Blocks,
    Handle,
    build_block,
    entries,
    read_handle,
    seal_block,
)
from loginfix.formats.leveldb.model import (
    VALUE,
    InternalKey,
    LevelDBError,
    Version,
    internal_key,
    split_internal_key,
)
from loginfix.formats.leveldb.varint import Cursor

_FOOTER = struct.Struct("<40sQ")
_MAGIC = 0xDB4775248B80FB57

# LevelDB's own: Options::block_size and block_restart_interval; an index restarts at every entry.
_BLOCK_BYTES = 4096
_RESTART_INTERVAL = 16


class Table(NamedTuple):
    """A table as written: its bytes, and the keys between which all of its keys are."""

    data: bytes
    smallest: InternalKey
    largest: InternalKey


def read_table(file: BinaryIO, *, bytewise: bool) -> Iterator[Version]:
    """Every version a table holds, in its order, which is checked where it is ``bytewise``.

    The file is read block by block.

    Raises:
        LevelDBError: Not a table, or any part of it that is read is damaged.
    """
    blocks = Blocks(file)
    last_key: bytes | None = None
    last_sequence = 0
    end = 0
    for handle in _data_blocks(blocks):
        if handle.offset < end:
            raise LevelDBError("two blocks of the table overlap")
        end = handle.end
        for raw, value in entries(blocks.read(handle)):
            key, sequence, tag = split_internal_key(raw)
            if (
                bytewise
                and last_key is not None
                and not (key > last_key or (key == last_key and sequence < last_sequence))
            ):
                raise LevelDBError("the keys of the table are not in order")
            last_key, last_sequence = key, sequence
            if tag != VALUE and value:
                raise LevelDBError("a deletion has a value")
            yield Version(key, sequence, value if tag == VALUE else None)


def build_table(versions: Iterable[Version]) -> Table:
    """Write an uncompressed table of ``versions``, which are in order and at least one."""
    table = bytearray()
    index: list[tuple[bytes, bytes]] = []
    block: list[tuple[bytes, bytes]] = []
    size = 0
    smallest: InternalKey | None = None
    for version in versions:
        key = internal_key(version)
        smallest = smallest or key
        largest = key
        block.append((key.to_bytes(), version.value or b""))
        size += len(key.key) + len(version.value or b"")
        if size >= _BLOCK_BYTES:
            index.append((block[-1][0], _append(table, block, _RESTART_INTERVAL).to_bytes()))
            block, size = [], 0
    if smallest is None:
        raise LevelDBError("a table cannot be empty")
    if block:
        index.append((block[-1][0], _append(table, block, _RESTART_INTERVAL).to_bytes()))
    metaindex = _append(table, [], 1)
    places = metaindex.to_bytes() + _append(table, index, 1).to_bytes()
    table += _FOOTER.pack(places, _MAGIC)
    return Table(bytes(table), smallest, largest)


def _data_blocks(blocks: Blocks) -> Iterator[Handle]:
    footer = blocks.last(_FOOTER.size)
    if len(footer) < _FOOTER.size:
        raise LevelDBError("the table is too short")
    places, magic = _FOOTER.unpack(footer)
    if magic != _MAGIC:
        raise LevelDBError("the table does not end like one")
    cursor = Cursor(places)
    read_handle(cursor)
    index = read_handle(cursor)
    for _, value in entries(blocks.read(index)):
        cursor = Cursor(value)
        yield read_handle(cursor)
        if not cursor.at_end:
            raise LevelDBError("the index of the table is damaged")


def _append(table: bytearray, block: list[tuple[bytes, bytes]], interval: int) -> Handle:
    content = build_block(block, interval)
    handle = Handle(len(table), len(content))
    table += seal_block(content)
    return handle
