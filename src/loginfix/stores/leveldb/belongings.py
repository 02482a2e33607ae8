"""What lies beside a database and belongs to its records: folders, entries of a simple cache."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from loginfix.files.exact import write_exactly
from loginfix.formats import simple_cache
from loginfix.stores.leveldb.records import Record
from loginfix.stores.model import BackupSink, Place, SavedStore, Workspace
from loginfix.stores.trees import SavedTrees, back_up, is_same, measure

_STREAMS: tuple[Literal["0", "1", "s"], ...] = ("0", "1", "s")
# When it is missing, Chromium lists the directory instead (simple_index_file.cc).
_INDEX = "index-dir/the-real-index"
_MTIME = "mtime_ns"
_LEFT_MTIME = "left_mtime_ns"


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """The files of one entry of the simple cache in the directory ``rel``."""

    rel: str
    key: bytes

    def paths(self) -> list[str]:
        """The files that an entry can have."""
        return [
            f"{self.rel}/{simple_cache.entry_file_name(self.key, stream)}" for stream in _STREAMS
        ]


def folder_of(place: Place, record: Record) -> str | None:
    """The directory that is a record's own."""
    return _filled(place, record.spec.folder, record.groups)


def entry_of(place: Place, record: Record) -> CacheEntry | None:
    """The cache entry that is a record's own."""
    path = _filled(place, record.spec.cache_entry, record.groups)
    if path is None:
        return None
    rel, _, key = path.rpartition("/")
    return CacheEntry(rel, key.encode())


def present(place: Place, records: Iterable[Record]) -> list[str]:
    """The paths of what belongs to the records and is there, each once.

    Raises:
        UnsafePathError: In the place of a file of a cache is something else.
    """
    found: dict[str, None] = {}
    for record in records:
        folder, entry = folder_of(place, record), entry_of(place, record)
        if folder and place.tree.exists(folder):
            found[folder] = None
        for path in entry.paths() if entry else ():
            if place.tree.exists(path):
                place.tree.open(path).close()  # restoring would not know of a folder here
                found[path] = None
    return list(found)


def size_of(place: Place, records: Iterable[Record]) -> tuple[int, int]:
    """Number and bytes of their files.

    Raises:
        UnsafePathError: One is not what a browser makes.
    """
    sizes = [measure(place, rel) for rel in present(place, records)]
    return sum(each.files for each in sizes), sum(each.size for each in sizes)


def take_out(place: Place, records: list[Record], work: Workspace, backup: BackupSink) -> None:
    """Stage the removal of what belongs to the records, and hand it in.

    Raises:
        UnsafePathError: Something is not what a browser makes.
    """
    for rel in present(place, records):
        back_up(place, rel, backup)
        work.remove(rel)
    for rel in _caches(place, records):
        index = f"{rel}/{_INDEX}"
        mtime = place.tree.stat(rel).st_mtime_ns
        backup.note(f"{_MTIME} {rel}", str(mtime))
        backup.note(f"{_LEFT_MTIME} {rel}", str(mtime + 1000))
        if place.tree.exists(index):
            back_up(place, index, backup)
            work.remove(index)
        work.set_mtime(rel, mtime + 1000)


def put_back(
    place: Place, pairs: list[tuple[Record, Record]], saved: SavedStore, work: Workspace
) -> int:
    """Stage what belonged to the saved records for what these became; number of files.

    ``pairs`` are the records as they were and as they are.
    """
    trees = SavedTrees(saved)
    count = 0
    for then, now in pairs:
        old, new = folder_of(place, then), folder_of(place, now)
        if old and new and trees.below(old):
            _create(work, new, trees, old)
            count += trees.count(old)
        old_entry, new_entry = entry_of(place, then), entry_of(place, now)
        if old_entry and new_entry:
            count += _put_back_entry(place, old_entry, new_entry, trees, work)
    if count:
        _put_back_indexes(place, [now for _, now in pairs], trees, saved, work)
    return count


def _put_back_entry(
    place: Place, old: CacheEntry, new: CacheEntry, trees: SavedTrees, work: Workspace
) -> int:
    count = 0
    for source, target in zip(old.paths(), new.paths(), strict=True):
        file = trees.files.get(source)
        if file is None or work.staged(target) is not None:
            continue
        staged = work.scratch("entry")
        trees.write(source, staged)
        if old.key != new.key:
            if not source.endswith("_0"):
                continue  # compiled code, which Chromium makes anew
            _rename(staged, new.key)
        if not place.tree.exists(target):
            work.create(target, staged)
            count += 1
        elif not is_same(place.tree, target, file):
            work.replace(target, staged)
            count += 1
    return count


def _rename(path: Path, key: bytes) -> None:
    """Give the entry in a file another key."""
    with path.open("rb") as file:
        entry = simple_cache.parse_entry(file)
        streams = []
        for span in (entry.stream0, entry.stream1):
            file.seek(span.offset)
            streams.append(file.read(span.size))
    write_exactly(path, simple_cache.build_entry(key, *streams))


def _put_back_indexes(
    place: Place, records: list[Record], trees: SavedTrees, saved: SavedStore, work: Workspace
) -> None:
    """An index comes back only where the browser has not used the cache since."""
    for rel in _caches(place, records):
        index = f"{rel}/{_INDEX}"
        untouched = str(place.tree.stat(rel).st_mtime_ns) == saved.notes.get(f"{_LEFT_MTIME} {rel}")
        exists = place.tree.exists(index)
        if untouched:
            if index in trees.files and not exists:
                _create(work, index, trees, index)
            work.set_mtime(rel, int(saved.notes[f"{_MTIME} {rel}"]))
        elif exists:
            work.remove(index)


def _caches(place: Place, records: Iterable[Record]) -> Iterator[str]:
    entries = (entry_of(place, record) for record in records)
    for rel in sorted({entry.rel for entry in entries if entry}):
        if place.tree.exists(rel):
            yield rel


def _create(work: Workspace, rel: str, trees: SavedTrees, saved_as: str) -> None:
    staged = work.scratch("belonging")
    trees.write(saved_as, staged)
    work.create(rel, staged)


def _filled(place: Place, template: str | None, groups: Mapping[str, bytes]) -> str | None:
    """A path beside the database; None where the record does not say it."""
    if template is None:
        return None
    try:
        said = {name: text.decode("ascii") for name, text in groups.items() if text.isdigit()}
        name = template.format_map(said)
    except KeyError:
        return None
    around = place.rel.rpartition("/")[0]
    return f"{around}/{name}" if around else name
