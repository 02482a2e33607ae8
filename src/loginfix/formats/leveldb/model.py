"""The words of this package: version, internal key, comparator; and its one error."""

import struct
from typing import NamedTuple

# The order of every database of Chromium's except IndexedDB's, which is "idb_cmp1".
BYTEWISE = "leveldb.BytewiseComparator"
MAX_SEQUENCE = (1 << 56) - 1

# What a tag says of a key, in batches and, with the sequence number above it, in tables.
DELETION = 0
VALUE = 1

_TRAILER = struct.Struct("<Q")


class LevelDBError(ValueError):
    """Bytes that are not a LevelDB database, or one that is damaged or of an unknown kind."""


class Version(NamedTuple):
    """One stored state of a key: ``value`` is None where it was deleted.

    Of all versions of a key the one with the highest ``sequence`` counts.
    """

    key: bytes
    sequence: int
    value: bytes | None


class InternalKey(NamedTuple):
    """A key as tables store it: LevelDB ``db/dbformat.h``, ``ParsedInternalKey``."""

    key: bytes
    sequence: int
    tag: int

    def to_bytes(self) -> bytes:
        """The key, then sequence and tag in 8 bytes."""
        return self.key + _TRAILER.pack(self.sequence << 8 | self.tag)


def parse_internal_key(raw: bytes) -> InternalKey:
    """Take a stored key apart.

    Raises:
        LevelDBError: It is too short, or neither a value nor a deletion.
    """
    return InternalKey(*split_internal_key(raw))


def split_internal_key(raw: bytes) -> tuple[bytes, int, int]:
    """The same for hundreds of thousands of keys, which have no time for a name each."""
    if len(raw) < _TRAILER.size:
        raise LevelDBError("a stored key is too short")
    packed = int.from_bytes(raw[-_TRAILER.size :], "little")
    tag = packed & 0xFF
    if tag > VALUE:  # DELETION is the only other one
        raise LevelDBError(f"a stored key has the unknown tag {tag}")
    return raw[: -_TRAILER.size], packed >> 8, tag


def internal_key(version: Version) -> InternalKey:
    """The key under which a table stores ``version``."""
    return InternalKey(version.key, version.sequence, DELETION if version.value is None else VALUE)
