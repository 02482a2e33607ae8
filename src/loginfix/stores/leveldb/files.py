"""The files of a LevelDB database in a profile: read as they are, swapped for fresh ones."""

import hashlib
import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from loginfix.files.exact import write_exactly
from loginfix.formats.leveldb import BYTEWISE, Database, LevelDBError, build, read_database
from loginfix.stores.content import not_proven
from loginfix.stores.model import Place, Workspace

_CURRENT = "CURRENT"
# What LevelDB itself writes; a lock, and markers that a browser puts beside them, are not its own.
_SUFFIXES = (".log", ".ldb", ".sst", ".dbtmp", ".bak")
_PREFIXES = ("MANIFEST-",)
# Its diary prints keys, and it begins a new one whenever the database is opened.
_DIARY = ("LOG", "LOG.old")
_MAX_FILE = 1 << 30

_LENGTHS = struct.Struct("<QQ")

Pair = tuple[bytes, bytes]


def is_begun(place: Place) -> bool:
    """Whether there is a database: Chromium makes the directory long before, with a diary in it."""
    if not place.tree.exists(place.rel):
        return False
    return any(name not in _DIARY for name in _own_files(place))


def stage(place: Place, work: Workspace, database: Database, pairs: Iterable[Pair]) -> int:
    """Swap in a database of exactly these pairs, which are sorted by key; gives their number.

    Until CURRENT is swapped, the new files hold nothing that the old database does not, under
    numbers that it has not used; from then on, the old ones are no longer part of it.

    Raises:
        LevelDBError: Its order is not the bytewise one.
        VerificationError: Read again, the new files do not hold these pairs.
    """
    if database.comparator != BYTEWISE:
        raise LevelDBError(f"is sorted in the unknown way {database.comparator}")
    mode = place.tree.stat(f"{place.rel}/{_CURRENT}").st_mode & 0o7777
    written = _Digest()
    staged: dict[str, Path] = {}
    for name, content in build(
        written.of(pairs),
        last_sequence=database.last_sequence,
        next_file_number=database.next_file_number,
    ):
        staged[name] = work.scratch(name)
        write_exactly(staged[name], content)
        staged[name].chmod(mode)
    _prove(place, staged, written)
    for name, path in staged.items():
        if name == _CURRENT:
            work.barrier()
            work.replace(f"{place.rel}/{name}", path)
            work.barrier()
        else:
            work.create(f"{place.rel}/{name}", path)
    for name in _own_files(place):
        if name != _CURRENT:
            work.remove(f"{place.rel}/{name}")
    return written.count


class _Digest:
    """What tells one row of pairs from any other, without holding them: SHA-256, and how many."""

    def __init__(self) -> None:
        self.count = 0
        self._hash = hashlib.sha256()

    def of(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """Take in the pairs as they go by."""
        for key, value in pairs:
            self.count += 1
            self._hash.update(_LENGTHS.pack(len(key), len(value)))
            self._hash.update(key)
            self._hash.update(value)
            yield key, value

    def is_of(self, pairs: Iterable[Pair]) -> bool:
        """Whether these are the same pairs in the same order."""
        other = _Digest()
        for _ in other.of(pairs):
            pass
        return (other.count, other._hash.digest()) == (self.count, self._hash.digest())


def _prove(place: Place, staged: Mapping[str, Path], written: _Digest) -> None:
    again = read_database(staged, lambda name: staged[name].open("rb"))
    if not written.is_of(again.live()):
        raise not_proven(place)


def read(place: Place) -> Database:
    """Open the database; its tables are read when they are asked for.

    Raises:
        LevelDBError: It is damaged, or too large.
        UnsafePathError: One of its files is a link or a special file.
    """

    def opened(name: str) -> BinaryIO:
        file = place.tree.open(f"{place.rel}/{name}")
        if os.fstat(file.fileno()).st_size > _MAX_FILE:
            file.close()
            raise LevelDBError(f"{name} is too large")
        return file

    return read_database(_own_files(place), opened)


def _own_files(place: Place) -> list[str]:
    return [
        entry.name
        for entry in place.tree.list(place.rel)
        if not entry.is_dir()
        and (
            entry.name == _CURRENT
            or entry.name in _DIARY
            or entry.name.endswith(_SUFFIXES)
            or entry.name.startswith(_PREFIXES)
        )
    ]
