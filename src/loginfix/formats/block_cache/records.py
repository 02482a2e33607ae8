"""The two records of an entry: what it is, and how it was used.

Source: ``disk_format.h`` (``EntryStore``, ``RankingsNode``), ``EntryImpl::SanityCheck``.
"""

import struct
from enum import IntEnum
from typing import NamedTuple, Self

from loginfix.formats.block_cache.addresses import BlockCacheError
from loginfix.formats.superfasthash import super_fast_hash

ENTRY, NODE = "an entry", "a node"
"""What the records are called where one does not match its hash."""

STREAMS = 4
KEY_OFFSET = 96
"""Bytes of an entry's record before its key."""

LONGEST_INLINE_KEY = 4 * 256 - KEY_OFFSET - 1
_ENTRY = struct.Struct("<3I3iQiI4i4II4i")
_NODE = struct.Struct("<2Q3Ii")
_HASH = struct.Struct("<I")
HASH_SIZE = _HASH.size
NODE_SIZE = _NODE.size + HASH_SIZE


class State(IntEnum):
    """What has become of an entry; an evicted one keeps its key without its data."""

    NORMAL = 0
    EVICTED = 1
    DOOMED = 2


class EntryRecord(NamedTuple):
    """``EntryStore`` without its hash and key; ``created`` is in µs since 1601."""

    hash: int
    next: int
    node: int
    reuse_count: int
    refetch_count: int
    state: int
    created: int
    key_length: int
    long_key: int
    sizes: tuple[int, ...]
    addresses: tuple[int, ...]
    flags: int
    padding: tuple[int, ...]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read the first ``KEY_OFFSET`` bytes of an entry's blocks.

        Raises:
            BlockCacheError: They do not match their hash, or no browser writes such values.
        """
        check_hash(data[:KEY_OFFSET], ENTRY)
        fields = _ENTRY.unpack_from(data)
        grouped = (*fields[:9], fields[9:13], fields[13:17], fields[17], fields[18:])
        record = cls._make(grouped)
        check_entry(record.state, record.key_length, record.long_key, min(record.sizes))
        return record

    def pack(self) -> bytes:
        """What ``parse`` reads, with its hash."""
        fields = (*self[:9], *self.sizes, *self.addresses, self.flags, *self.padding)
        return _with_hash(_ENTRY.pack(*fields))

    @property
    def blocks(self) -> int:
        """How many blocks the record takes with its key (``NumBlocksForEntry``)."""
        return blocks_for(self.key_length)


class Node(NamedTuple):
    """``RankingsNode`` without its hash; times in µs since 1601. ``dirty`` is not zero while open.

    A node that is the first of its list is its own ``previous``; one that is the last, ``next``.
    """

    last_used: int
    last_modified: int
    next: int
    previous: int
    contents: int
    dirty: int

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a node's block.

        Raises:
            BlockCacheError: It does not match its hash.
        """
        check_hash(data, NODE)
        return cls._make(_NODE.unpack_from(data))

    def pack(self) -> bytes:
        """What ``parse`` reads, with its hash."""
        return _with_hash(_NODE.pack(*self))


def blocks_for(key_length: int) -> int:
    """How many blocks an entry's record takes with a key of so many bytes."""
    if key_length > LONGEST_INLINE_KEY:
        return 1
    return (KEY_OFFSET + key_length) // 256 + 1


def check_entry(state: int, key_length: int, long_key: int, smallest_size: int) -> None:
    """See that a browser writes such values into an entry.

    Raises:
        BlockCacheError: None does.
    """
    if key_length <= 0 or not State.NORMAL <= state <= State.DOOMED or smallest_size < 0:
        raise BlockCacheError("impossible values in an entry")
    if (key_length > LONGEST_INLINE_KEY) != bool(long_key):
        raise BlockCacheError("the key of an entry is not where it should be")


def check_hash(data: bytes, what: str) -> None:
    """See that a record matches the hash at its end.

    Raises:
        BlockCacheError: It does not; the text says of ``what``.
    """
    (stated,) = _HASH.unpack(data[-_HASH.size :])
    # No hash at all is what the browser takes for "never stored", and accepts.
    if stated and stated != super_fast_hash(data[: -_HASH.size]):
        raise BlockCacheError(f"{what} does not match its hash")


def _with_hash(data: bytes) -> bytes:
    return data + _HASH.pack(super_fast_hash(data))
