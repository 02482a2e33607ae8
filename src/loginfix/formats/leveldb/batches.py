"""Write batches, the records of a write-ahead log: LevelDB ``db/write_batch.cc``."""

import struct
from collections.abc import Iterable, Iterator

from loginfix.formats.leveldb.model import DELETION, MAX_SEQUENCE, VALUE, LevelDBError, Version
from loginfix.formats.leveldb.varint import Cursor, sized

_HEADER = struct.Struct("<QI")

# Enough that the header does not matter, little enough to stay far below LevelDB's write buffer.
_BATCH_BYTES = 1 << 16


def read_batch(record: bytes) -> list[Version]:
    """The changes of a batch; the first has the batch's sequence number, each next one more.

    Raises:
        LevelDBError: Damaged, or with another number of changes than it says.
    """
    if len(record) < _HEADER.size:
        raise LevelDBError("a batch ends inside its header")
    sequence, count = _HEADER.unpack_from(record)
    if sequence + count > MAX_SEQUENCE:
        raise LevelDBError(f"impossible sequence number {sequence}")
    versions: list[Version] = []
    cursor = Cursor(record, _HEADER.size)
    while not cursor.at_end:
        tag = cursor.fixed(1)
        if tag not in (DELETION, VALUE):
            raise LevelDBError(f"a batch has the unknown tag {tag}")
        key = cursor.sized()
        value = cursor.sized() if tag == VALUE else None
        versions.append(Version(key, sequence + len(versions), value))
    if len(versions) != count:
        raise LevelDBError(f"a batch says it has {count} changes and has {len(versions)}")
    return versions


def build_batches(versions: Iterable[Version]) -> Iterator[bytes]:
    """Batches of about 64 KiB of versions whose sequence numbers follow each other."""
    first, count, changes = 0, 0, bytearray()
    for version in versions:
        if not count:
            first = version.sequence
        count += 1
        if version.value is None:
            changes += bytes((DELETION,)) + sized(version.key)
        else:
            changes += bytes((VALUE,)) + sized(version.key) + sized(version.value)
        if len(changes) >= _BATCH_BYTES:
            yield _HEADER.pack(first, count) + changes
            count, changes = 0, bytearray()
    if count:
        yield _HEADER.pack(first, count) + changes
