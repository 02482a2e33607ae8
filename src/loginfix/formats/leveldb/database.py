"""A whole database, read the way LevelDB recovers one: ``db/db_impl.cc``, ``DBImpl::Recover``.

CURRENT names the manifest; the manifest names the tables and the oldest log that counts. What is
in those logs came after the tables.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from loginfix.formats.leveldb.batches import read_batch
from loginfix.formats.leveldb.log import read_log
from loginfix.formats.leveldb.manifest import Manifest, TableFile, read_manifest
from loginfix.formats.leveldb.merging import merge, place, runs
from loginfix.formats.leveldb.model import BYTEWISE, LevelDBError, Version, internal_key
from loginfix.formats.leveldb.table import read_table

CURRENT = "CURRENT"
# Prefixes and compression can make much of a small file.
_MAX_TOTAL = 1 << 30
# More tables than that at one place are read into memory: LevelDB stops writing at twelve.
_MOST_RUNS = 100

_CURRENT = re.compile(rb"MANIFEST-([0-9]{6,19})\n")
# Chromium's own leveldb_env once kept copies of tables as .bak.
_NUMBERED = re.compile(r"(?:MANIFEST-([0-9]{1,19})|([0-9]{1,19})\.(?:log|ldb|sst|dbtmp|bak))")
_LOG = re.compile(r"([0-9]{6,19})\.log")

Open = Callable[[str], BinaryIO]
"""Opens a file of the database by its name."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database whose files are known and whose tables are not read yet.

    ``last_sequence`` is the number of its newest change, ``next_file_number`` higher than every
    file name's. ``manifest_keys`` are keys the manifest names, also such as no file holds any more.
    ``leftovers`` are files with bytes that LevelDB does not read: out of use, or cut short.

    Each walk reads the tables anew, block by block, so that what is held in memory does not grow
    with them. What it gives before it has come to its end is not yet known to be undamaged.
    """

    comparator: str
    last_sequence: int
    next_file_number: int
    manifest_keys: frozenset[bytes]
    leftovers: tuple[str, ...]
    _tables: "_Tables"
    _logged: tuple[Version, ...]

    def check(self) -> None:
        """Read everything.

        Raises:
            LevelDBError: As ``all_versions``.
        """
        for _ in self.all_versions():
            pass

    def live(self) -> Iterator[tuple[bytes, bytes]]:
        """Key and value of every pair as of now, by key in the bytewise order.

        Raises:
            LevelDBError: As ``all_versions``.
        """
        for version, is_newest in self.states():
            if is_newest and version.value is not None:
                yield version.key, version.value

    def states(self) -> Iterator[tuple[Version, bool]]:
        """Every stored state, and whether it is the one of its key that counts.

        Raises:
            LevelDBError: As ``all_versions``.
        """
        last: bytes | None = None
        for version in self.all_versions():
            yield version, version.key != last
            last = version.key

    def all_versions(self) -> Iterator[Version]:
        """Every stored state of every key once: also old values, and deletions.

        By key in the bytewise order, whatever the comparator; of one key, the newest first.

        Raises:
            LevelDBError: A table is damaged, or does not fit what else is known; a key has two
                values of the same time; there is more than 1 GiB.
        """
        last = Version(b"", -1, None)
        for version in _limited(merge([*self._tables.sources(), self._logged])):
            if version.sequence != last.sequence or version.key != last.key:
                yield version
            elif version.value != last.value:
                raise LevelDBError("a key has two values of the same time")
            last = version  # else in a log, and in the table that was made of it


def read_database(names: Iterable[str], open_file: Open) -> Database:
    """Open the database whose directory has the files ``names``, each by ``open_file(name)``.

    What that raises comes through. Other files than LevelDB's are not read. Logs, which LevelDB
    too holds in memory, are read at once; tables are when their content is asked for.

    Raises:
        LevelDBError: A file is missing or damaged, or does not fit the others.
    """
    present = set(names)
    manifest_name = _current(present, open_file)
    with _naming(manifest_name):
        manifest = read_manifest(_content(open_file, manifest_name))
    used = {manifest_name}
    torn = {manifest_name} if manifest.torn else set()
    tables = _Tables(manifest, open_file, present)
    used.update(tables.names.values())
    logged: list[Version] = []
    last_sequence = manifest.last_sequence
    logs = _log_names(manifest, present)
    for name in logs:
        used.add(name)
        with _naming(name):
            log = read_log(_content(open_file, name))
            if log.torn and name != logs[-1]:
                raise LevelDBError("is cut short, though a newer log follows")
            for record in log.records:
                batch = read_batch(record)
                logged += batch
                last_sequence = max([last_sequence, *(change.sequence for change in batch[-1:])])
            if log.torn:
                torn.add(name)
    numbered = {name: match for name in present if (match := _NUMBERED.fullmatch(name))}
    numbers = [int(match[1] or match[2]) for match in numbered.values()]
    return Database(
        comparator=manifest.comparator,
        last_sequence=last_sequence,
        next_file_number=max([manifest.next_file_number, *(number + 1 for number in numbers)]),
        manifest_keys=manifest.keys,
        leftovers=tuple(sorted(numbered.keys() - used | torn)),
        _tables=tables,
        _logged=tuple(sorted(logged, key=place)),
    )


class _Tables:
    """The tables that a manifest names, each opened when its turn comes."""

    def __init__(self, manifest: Manifest, open_file: Open, present: set[str]) -> None:
        self._manifest = manifest
        self._open = open_file
        self._bytewise = manifest.comparator == BYTEWISE
        self.names = {table.number: _table_name(table.number, present) for table in manifest.tables}

    def sources(self) -> list[Iterable[Version]]:
        """Sorted versions, in as many sources as there are tables at one place."""
        rows = runs(self._manifest.tables)
        if not self._bytewise or len(rows) > _MOST_RUNS:
            return [sorted(_limited(self._row(self._manifest.tables)), key=place)]
        return [self._row(row) for row in rows]

    def _row(self, tables: Iterable[TableFile]) -> Iterator[Version]:
        for table in tables:
            name = self.names[table.number]
            with _naming(name), self._open(name) as file:
                yield from self._read(file, table)

    def _read(self, file: BinaryIO, table: TableFile) -> Iterator[Version]:
        size = file.seek(0, os.SEEK_END)
        if size != table.size:
            raise LevelDBError(f"has {size} bytes, and should have {table.size}")
        newest = self._manifest.last_sequence
        first: Version | None = None
        last: Version | None = None
        for last in read_table(file, bytewise=self._bytewise):
            if last.sequence > newest:
                raise LevelDBError("holds a change newer than the manifest knows")
            first = first or last
            yield last
        ends = tuple(end and internal_key(end) for end in (first, last))
        if ends != (table.smallest, table.largest):
            raise LevelDBError("does not begin and end with the keys that the manifest says")


def _limited(versions: Iterable[Version]) -> Iterator[Version]:
    """The same, as long as it is not more than a browser keeps."""
    size = 0
    for version in versions:
        size += len(version.key) + len(version.value or b"")
        if size > _MAX_TOTAL:
            raise LevelDBError("the database is too large")
        yield version


def _content(open_file: Open, name: str) -> bytes:
    with open_file(name) as file:
        return file.read()


def _current(present: set[str], open_file: Open) -> str:
    if CURRENT not in present:
        raise LevelDBError(f"{CURRENT} is missing")
    content = _content(open_file, CURRENT)
    if not _CURRENT.fullmatch(content):
        raise LevelDBError(f"{CURRENT} does not name a manifest")
    name = content.decode("ascii").rstrip("\n")
    if name not in present:
        raise LevelDBError(f"{name} is missing")
    return name


def _table_name(number: int, present: set[str]) -> str:
    for suffix in ("ldb", "sst"):
        name = f"{number:06}.{suffix}"
        if name in present:
            return name
    raise LevelDBError(f"table {number:06}.ldb is missing")


def _log_names(manifest: Manifest, present: set[str]) -> list[str]:
    """Logs whose changes are not in tables, the oldest first."""
    numbers = sorted(int(match[1]) for name in present if (match := _LOG.fullmatch(name)))
    live = [
        number
        for number in numbers
        if number >= manifest.log_number or number == manifest.previous_log_number
    ]
    # 0 where the database was made and not yet opened.
    for needed in {manifest.log_number, manifest.previous_log_number} - {0}:
        if needed not in live:
            raise LevelDBError(f"log {needed:06}.log is missing")
    return [f"{number:06}.log" for number in live]


@contextmanager
def _naming(name: str) -> Iterator[None]:
    try:
        yield
    except LevelDBError as error:
        raise LevelDBError(f"{name}: {error}") from error
