"""A fresh database of given pairs, with nothing else in it."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from loginfix.formats.leveldb.batches import build_batches
from loginfix.formats.leveldb.database import CURRENT
from loginfix.formats.leveldb.log import build_log
from loginfix.formats.leveldb.manifest import Manifest, TableFile, build_manifest
from loginfix.formats.leveldb.model import BYTEWISE, MAX_SEQUENCE, LevelDBError, Version
from loginfix.formats.leveldb.table import build_table

# LevelDB reads a whole log into memory when it opens a database, and past 4 MiB
# (Options::write_buffer_size) at once turns it into tables. Half of that leaves room to write.
_MAX_LOG = 2 << 20
# Options::max_file_size.
_TABLE_BYTES = 2 << 20
# Where LevelDB itself puts a new table that overlaps no other (config::kMaxMemCompactLevel): room
# for 100 MB before it would compact, where level 0 has room for four tables.
_LEVEL = 2
_MAX_FILE_NUMBER = 1 << 62

File = tuple[str, bytes]
Pair = tuple[bytes, bytes]


def build(pairs: Iterable[Pair], *, last_sequence: int, next_file_number: int) -> Iterator[File]:
    """Make the files, by name, of a database that holds exactly ``pairs``, which are sorted by key.

    Sequence numbers and file names go on from those of the database it replaces. CURRENT is last,
    so that written in this order the files are a database only once all of them are there. Of the
    pairs, those of one file at a time are held in memory.

    Raises:
        LevelDBError: The keys are not in order, one comes twice, or the numbers are impossible.
    """
    if not 0 <= last_sequence <= MAX_SEQUENCE:
        raise LevelDBError(f"cannot go on from sequence number {last_sequence}")
    if not 0 < next_file_number < _MAX_FILE_NUMBER:
        raise LevelDBError(f"cannot go on from file number {next_file_number}")
    manifest_name = f"MANIFEST-{next_file_number:06}"
    log_number = next_file_number + 1
    tables: list[TableFile] = []
    parts = _parts(_numbered(pairs, last_sequence))
    begin = list(islice(parts, 2))
    in_log = begin[0] if len(begin) == 1 and _size(begin[0]) <= _MAX_LOG else []
    for number, part in enumerate(() if in_log else chain(begin, parts), log_number + 1):
        data, smallest, largest = build_table(part)
        tables.append(TableFile(_LEVEL, number, len(data), smallest, largest))
        last_sequence = part[-1].sequence
        yield f"{number:06}.ldb", data
    yield f"{log_number:06}.log", build_log(build_batches(in_log))
    manifest = Manifest(
        comparator=BYTEWISE,
        log_number=log_number,
        next_file_number=log_number + len(tables) + 1,
        last_sequence=last_sequence,
        tables=tuple(tables),
    )
    yield manifest_name, build_manifest(manifest)
    yield CURRENT, f"{manifest_name}\n".encode("ascii")


def _numbered(pairs: Iterable[Pair], last_sequence: int) -> Iterator[Version]:
    last: bytes | None = None
    for sequence, (key, value) in enumerate(pairs, last_sequence + 1):
        if last is not None and key <= last:
            raise LevelDBError("a key comes twice" if key == last else "the keys are not in order")
        if sequence > MAX_SEQUENCE:
            raise LevelDBError(f"cannot go on from sequence number {last_sequence}")
        last = key
        yield Version(key, sequence, value)


def _parts(versions: Iterable[Version]) -> Iterator[list[Version]]:
    """Split into parts of about ``_TABLE_BYTES``."""
    part: list[Version] = []
    size = 0
    for version in versions:
        part.append(version)
        size += len(version.key) + len(version.value or b"")
        if size >= _TABLE_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def _size(versions: Iterable[Version]) -> int:
    return sum(len(version.key) + len(version.value or b"") for version in versions)
