"""A whole database, read the way LevelDB recovers one: ``db/db_impl.cc``, ``DBImpl::Recover``.

CURRENT names the manifest; the manifest names the tables and the oldest log that counts. What is
in those logs came after the tables.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from loginfix.formats.leveldb.batches import read_batch
from loginfix.formats.leveldb.log import read_log
from loginfix.formats.leveldb.manifest import Manifest, TableFile, read_manifest
from loginfix.formats.leveldb.model import BYTEWISE, LevelDBError, Version, internal_key
from loginfix.formats.leveldb.table import read_table

CURRENT = "CURRENT"
# Everything is held in memory; prefixes and compression can make much of a small file.
_MAX_TOTAL = 1 << 30

_CURRENT = re.compile(rb"MANIFEST-([0-9]{6,19})\n")
# Chromium's own leveldb_env once kept copies of tables as .bak.
_NUMBERED = re.compile(r"(?:MANIFEST-([0-9]{1,19})|([0-9]{1,19})\.(?:log|ldb|sst|dbtmp|bak))")
_LOG = re.compile(r"([0-9]{6,19})\.log")


@dataclass(frozen=True, slots=True)
class Database:
    """What a database holds.

    ``last_sequence`` is the number of its newest change, ``next_file_number`` higher than every
    file name's. ``versions`` are all stored states of all keys, in the order read; ``newest`` is
    the one of each key that counts.
    ``manifest_keys`` are keys the manifest names, also such as no file holds any more.
    ``leftovers`` are files with bytes that LevelDB does not read: out of use, or cut short.
    """

    comparator: str
    last_sequence: int
    next_file_number: int
    versions: tuple[Version, ...]
    newest: Mapping[bytes, Version]
    manifest_keys: frozenset[bytes]
    leftovers: tuple[str, ...]

    def live(self) -> Iterator[tuple[bytes, bytes]]:
        """Key and value of every pair as of now.

        In the order of the bytewise comparator; under any other, in the order first read.
        """
        bytewise = self.comparator == BYTEWISE
        for key in sorted(self.newest) if bytewise else self.newest:
            value = self.newest[key].value
            if value is not None:
                yield key, value

    def all_versions(self) -> Iterator[Version]:
        """Every stored state of every key: also old values, and deletions."""
        return iter(self.versions)


def read_database(names: Iterable[str], read: Callable[[str], bytes]) -> Database:
    """Read the database whose directory has the files ``names``, each by ``read(name)``.

    What ``read`` raises comes through. Other files than LevelDB's are not read.

    Raises:
        LevelDBError: A file is missing or damaged, or does not fit the others.
    """
    present = set(names)
    manifest_name = _current(present, read)
    with _naming(manifest_name):
        manifest = read_manifest(read(manifest_name))
    used = {manifest_name}
    torn = {manifest_name} if manifest.torn else set()
    versions = _Versions()
    for table in manifest.tables:
        name = _table_name(table.number, present)
        used.add(name)
        with _naming(name):
            versions.add(_read_table(read(name), table, manifest))
    last_sequence = manifest.last_sequence
    logs = _log_names(manifest, present)
    for name in logs:
        used.add(name)
        with _naming(name):
            log = read_log(read(name))
            if log.torn and name != logs[-1]:
                raise LevelDBError("is cut short, though a newer log follows")
            for record in log.records:
                batch = read_batch(record)
                versions.add(batch)
                last_sequence = max([last_sequence, *(change.sequence for change in batch[-1:])])
            if log.torn:
                torn.add(name)
    numbered = {name: match for name in present if (match := _NUMBERED.fullmatch(name))}
    numbers = [int(match[1] or match[2]) for match in numbered.values()]
    return Database(
        comparator=manifest.comparator,
        last_sequence=last_sequence,
        next_file_number=max([manifest.next_file_number, *(number + 1 for number in numbers)]),
        versions=tuple(versions.all),
        newest=versions.newest,
        manifest_keys=manifest.keys,
        leftovers=tuple(sorted(numbered.keys() - used | torn)),
    )


class _Versions:
    """Collects versions as long as they fit into memory and do not contradict each other."""

    def __init__(self) -> None:
        self.all: list[Version] = []
        self.newest: dict[bytes, Version] = {}
        self._size = 0

    def add(self, versions: Iterable[Version]) -> None:
        for version in versions:
            self._size += len(version.key) + len(version.value or b"")
            if self._size > _MAX_TOTAL:
                raise LevelDBError("the database is too large to be held in memory")
            known = self.newest.setdefault(version.key, version)
            if known.sequence == version.sequence and known.value != version.value:
                raise LevelDBError("a key has two values of the same time")
            if known.sequence < version.sequence:
                self.newest[version.key] = version
            self.all.append(version)


def _current(present: set[str], read: Callable[[str], bytes]) -> str:
    if CURRENT not in present:
        raise LevelDBError(f"{CURRENT} is missing")
    content = read(CURRENT)
    if not _CURRENT.fullmatch(content):
        raise LevelDBError(f"{CURRENT} does not name a manifest")
    name = content.decode("ascii").rstrip("\n")
    if name not in present:
        raise LevelDBError(f"{name} is missing")
    return name


def _read_table(data: bytes, table: TableFile, manifest: Manifest) -> Iterator[Version]:
    if len(data) != table.size:
        raise LevelDBError(f"has {len(data)} bytes, and should have {table.size}")
    first: Version | None = None
    last: Version | None = None
    for version in read_table(data, bytewise=manifest.comparator == BYTEWISE):
        if version.sequence > manifest.last_sequence:
            raise LevelDBError("holds a change newer than the manifest knows")
        first, last = first or version, version
        yield version
    ends = tuple(end and internal_key(end) for end in (first, last))
    if ends != (table.smallest, table.largest):
        raise LevelDBError("does not begin and end with the keys that the manifest says")


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
