"""Manifests: which files are the database: LevelDB ``db/version_edit.cc``, ``db/version_set.cc``.

A manifest is a log of edits. Each says what changed; all of them together say what is.
"""

from dataclasses import dataclass, field
from enum import IntEnum

from loginfix.formats.leveldb.log import build_log, read_log
from loginfix.formats.leveldb.model import (
    MAX_SEQUENCE,
    InternalKey,
    LevelDBError,
    parse_internal_key,
)
from loginfix.formats.leveldb.varint import Cursor, sized, varint

_LEVELS = 7


class _Tag(IntEnum):
    COMPARATOR = 1
    LOG_NUMBER = 2
    NEXT_FILE_NUMBER = 3
    LAST_SEQUENCE = 4
    COMPACT_POINTER = 5
    DELETED_FILE = 6
    NEW_FILE = 7
    PREVIOUS_LOG_NUMBER = 9


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table in use: ``size`` in bytes, and the first and last key in it."""

    level: int
    number: int
    size: int
    smallest: InternalKey
    largest: InternalKey


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is, after all edits.

    Logs from ``log_number`` on, and ``previous_log_number`` unless it is 0, are not in tables yet.
    ``keys`` are all keys the manifest names, also those of tables no longer in use; ``torn`` says
    that a last edit was cut short, which LevelDB ignores.
    """

    comparator: str
    log_number: int
    next_file_number: int
    last_sequence: int
    tables: tuple[TableFile, ...] = ()
    previous_log_number: int = 0
    keys: frozenset[bytes] = frozenset()
    torn: bool = False


@dataclass(slots=True)
class _State:
    comparator: str | None = None
    numbers: dict[_Tag, int] = field(default_factory=dict)
    tables: dict[tuple[int, int], TableFile] = field(default_factory=dict)
    keys: set[bytes] = field(default_factory=set)

    def apply(self, edit: bytes) -> None:
        cursor = Cursor(edit)
        retired: list[tuple[int, int]] = []
        added: list[TableFile] = []
        while not cursor.at_end:
            match cursor.varint32():
                case _Tag.COMPARATOR:
                    self._compare(cursor.sized())
                case _Tag.COMPACT_POINTER:
                    _level(cursor)
                    self._key(cursor)
                case _Tag.DELETED_FILE:
                    retired.append((_level(cursor), cursor.varint64()))
                case _Tag.NEW_FILE:
                    level, number, size = _level(cursor), cursor.varint64(), cursor.varint64()
                    smallest, largest = self._key(cursor), self._key(cursor)
                    added.append(TableFile(level, number, size, smallest, largest))
                case (
                    _Tag.LOG_NUMBER
                    | _Tag.NEXT_FILE_NUMBER
                    | _Tag.LAST_SEQUENCE
                    | _Tag.PREVIOUS_LOG_NUMBER
                ) as tag:
                    self.numbers[_Tag(tag)] = cursor.varint64()
                case tag:
                    raise LevelDBError(f"the manifest has the unknown tag {tag}")
        self._exchange(retired, added)

    def _exchange(self, retired: list[tuple[int, int]], added: list[TableFile]) -> None:
        """An edit that moves a table to another level retires and adds the same number."""
        for place in retired:
            if self.tables.pop(place, None) is None:
                raise LevelDBError(f"the manifest retires table {place[1]}, which is not in use")
        for table in added:
            if any(table.number == number for _, number in self.tables):
                raise LevelDBError(f"the manifest adds table {table.number} twice")
            self.tables[table.level, table.number] = table

    def _compare(self, name: bytes) -> None:
        try:
            comparator = name.decode("ascii")
        except UnicodeDecodeError as error:
            raise LevelDBError("the name of the comparator is not text") from error
        if self.comparator not in (None, comparator):
            raise LevelDBError("the manifest names two comparators")
        self.comparator = comparator

    def _key(self, cursor: Cursor) -> InternalKey:
        key = parse_internal_key(cursor.sized())
        self.keys.add(key.key)
        return key


def read_manifest(data: bytes) -> Manifest:
    """Apply every edit.

    Raises:
        LevelDBError: Damaged, or not saying all that a database needs.
    """
    log = read_log(data)
    state = _State()
    for record in log.records:
        state.apply(record)
    numbers = state.numbers
    try:
        log_number = numbers[_Tag.LOG_NUMBER]
        next_file_number = numbers[_Tag.NEXT_FILE_NUMBER]
        last_sequence = numbers[_Tag.LAST_SEQUENCE]
    except KeyError as error:
        raise LevelDBError("the manifest does not say which files are the database") from error
    if state.comparator is None or last_sequence > MAX_SEQUENCE:
        raise LevelDBError("the manifest does not say how the database is sorted or numbered")
    return Manifest(
        comparator=state.comparator,
        log_number=log_number,
        next_file_number=next_file_number,
        last_sequence=last_sequence,
        tables=tuple(state.tables.values()),
        previous_log_number=numbers.get(_Tag.PREVIOUS_LOG_NUMBER, 0),
        keys=frozenset(state.keys),
        torn=log.torn,
    )


def build_manifest(manifest: Manifest) -> bytes:
    """Write one edit that says all of it."""
    edit = bytearray(varint(_Tag.COMPARATOR) + sized(manifest.comparator.encode("ascii")))
    for tag, number in (
        (_Tag.LOG_NUMBER, manifest.log_number),
        (_Tag.PREVIOUS_LOG_NUMBER, manifest.previous_log_number),
        (_Tag.NEXT_FILE_NUMBER, manifest.next_file_number),
        (_Tag.LAST_SEQUENCE, manifest.last_sequence),
    ):
        edit += varint(tag) + varint(number)
    for table in manifest.tables:
        for number in (_Tag.NEW_FILE, table.level, table.number, table.size):
            edit += varint(number)
        edit += sized(table.smallest.to_bytes()) + sized(table.largest.to_bytes())
    return build_log([bytes(edit)])


def _level(cursor: Cursor) -> int:
    level = cursor.varint32()
    if level >= _LEVELS:
        raise LevelDBError(f"the manifest names level {level}")
    return level
