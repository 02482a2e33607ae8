"""A fresh database of given pairs, with nothing else in it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

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


def build(
    pairs: Iterable[tuple[bytes, bytes]],
    *,
    last_sequence: int,
    next_file_number: int,
    comparator: str = BYTEWISE,
    order: Callable[[bytes], Any] | None = None,
) -> list[File]:
    """Make the files, by name, of a database that holds exactly ``pairs``.

    Sequence numbers and file names go on from those of the database it replaces. ``order`` is the
    sort key of ``comparator``; it is needed unless that is the bytewise one. CURRENT is last, so
    that written in this order the files are a database only once all of them are there.

    Raises:
        LevelDBError: The order is not known, a key comes twice, or the numbers are impossible.
    """
    if order is None and comparator != BYTEWISE:
        raise LevelDBError(f"the order of {comparator} is not known")
    sequences = range(last_sequence + 1, MAX_SEQUENCE + 1)
    ordered = sorted(pairs, key=lambda pair: order(pair[0]) if order else pair[0])
    if last_sequence < 0 or len(ordered) > len(sequences):
        raise LevelDBError(f"cannot go on from sequence number {last_sequence}")
    if not 0 < next_file_number < _MAX_FILE_NUMBER:
        raise LevelDBError(f"cannot go on from file number {next_file_number}")
    if len({key for key, _ in ordered}) != len(ordered):
        raise LevelDBError("a key comes twice")
    versions = [
        Version(key, sequence, value)
        for (key, value), sequence in zip(ordered, sequences, strict=False)
    ]
    size = sum(len(key) + len(value) for key, value in ordered)
    manifest_name = f"MANIFEST-{next_file_number:06}"
    log_number = next_file_number + 1
    in_tables = versions if size > _MAX_LOG else []
    files: list[File] = []
    tables: list[TableFile] = []
    for number, part in enumerate(_parts(in_tables), log_number + 1):
        data, smallest, largest = build_table(part)
        files.append((f"{number:06}.ldb", data))
        tables.append(TableFile(_LEVEL, number, len(data), smallest, largest))
    manifest = Manifest(
        comparator=comparator,
        log_number=log_number,
        next_file_number=log_number + len(tables) + 1,
        last_sequence=last_sequence + len(in_tables),
        tables=tuple(tables),
    )
    in_log = [] if in_tables else versions
    return [
        *files,
        (f"{log_number:06}.log", build_log(build_batches(in_log))),
        (manifest_name, build_manifest(manifest)),
        (CURRENT, f"{manifest_name}\n".encode("ascii")),
    ]


def _parts(versions: list[Version]) -> Iterator[list[Version]]:
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
