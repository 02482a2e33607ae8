"""The files of a LevelDB database in a profile: read as they are, swapped for fresh ones."""

from collections.abc import Iterable, Mapping

from loginfix.files.exact import write_exactly
from loginfix.files.reading import read_up_to
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


def is_begun(place: Place) -> bool:
    """Whether there is a database: Chromium makes the directory long before, with a diary in it."""
    if not place.tree.exists(place.rel):
        return False
    return any(name not in _DIARY for name in _own_files(place))


def stage(place: Place, work: Workspace, database: Database, live: Mapping[bytes, bytes]) -> None:
    """Swap in a database of exactly these pairs.

    Until CURRENT is swapped, the new files hold nothing that the old database does not, under
    numbers that it has not used; from then on, the old ones are no longer part of it.
    """
    if database.comparator != BYTEWISE:
        raise LevelDBError(f"is sorted in the unknown way {database.comparator}")
    files = build(
        live.items(),
        last_sequence=database.last_sequence,
        next_file_number=database.next_file_number,
    )
    _prove(place, files, live)
    mode = place.tree.stat(f"{place.rel}/{_CURRENT}").st_mode & 0o7777
    for name, content in files:
        staged = work.scratch(name)
        write_exactly(staged, content)
        staged.chmod(mode)
        if name == _CURRENT:
            work.barrier()
            work.replace(f"{place.rel}/{name}", staged)
            work.barrier()
        else:
            work.create(f"{place.rel}/{name}", staged)
    for name in _own_files(place):
        if name != _CURRENT:
            work.remove(f"{place.rel}/{name}")


def _prove(place: Place, files: Iterable[tuple[str, bytes]], live: Mapping[bytes, bytes]) -> None:
    contents = dict(files)
    if dict(read_database(contents, contents.__getitem__).live()) != live:
        raise not_proven(place)


def read(place: Place) -> Database:
    """Read the database.

    Raises:
        LevelDBError: It is damaged, or too large.
        UnsafePathError: One of its files is a link or a special file.
    """

    def content(name: str) -> bytes:
        with place.tree.open(f"{place.rel}/{name}") as file:
            data = read_up_to(file, _MAX_FILE + 1)
        if len(data) > _MAX_FILE:
            raise LevelDBError(f"{name} is too large to be held in memory")
        return data

    return read_database(_own_files(place), content)


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
