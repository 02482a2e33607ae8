"""A LevelDB database declared in ``profiles/stores/``: found, written anew, merged back."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from loginfix.errors import DamagedFileError, NotUnderstoodError, VerificationError
from loginfix.formats.leveldb import BYTEWISE, Database, LevelDBError, build, read_database
from loginfix.stores.declared import refuse_unknown
from loginfix.stores.leveldb.records import RecordSpec, kind_of, owner, parse_record
from loginfix.stores.model import (
    BackupSink,
    Category,
    Finding,
    Identity,
    Place,
    Restored,
    SavedStore,
    State,
    Wish,
    Workspace,
)

_TABLE = "records"
_CURRENT = "CURRENT"
# What LevelDB itself writes; a lock, and markers that a browser puts beside them, are not its own.
_SUFFIXES = (".log", ".ldb", ".sst", ".dbtmp", ".bak")
_PREFIXES = ("MANIFEST-",)
# Its diary prints keys, and it begins a new one whenever the database is opened.
_DIARY = ("LOG", "LOG.old")
_MAX_FILE = 1 << 30


@dataclass(frozen=True, slots=True)
class _Hits:
    """The site's records: the live ones by key, with the host that each names; traces of others."""

    live: dict[bytes, str]
    traces: int


@dataclass(frozen=True, slots=True)
class LevelDBStore:
    """A LevelDB database some of whose ``records`` are a site's; ``place.rel`` is its directory."""

    id: str
    title: str
    category: Category
    records: tuple[RecordSpec, ...]

    @classmethod
    def declared(cls, identity: Identity, data: Mapping[str, Any]) -> Self:
        """Make the store that a declaration describes.

        Raises:
            KeyError, TypeError, ValueError: The declaration is wrong; the text says how.
        """
        refuse_unknown(data, ("record",))
        return cls(*identity, tuple(map(parse_record, data["record"])))

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say what the database holds of the site; see ``Store.find``."""
        with _understood(place):
            database = _read(place)
            return self._describe(place, database, self._look(database, wish))

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage a fresh database of what survives; see ``Store.clear``."""
        with _understood(place):
            database = _read(place)
            hits = self._look(database, wish)
            finding = self._describe(place, database, hits)
            if finding.state is State.CLEAN:
                return finding
            live = dict(database.live())
            for key in hits.live:
                backup.row(_TABLE, "deleted", {"key": key, "value": live.pop(key)})
            self._stage(place, work, database, live)
        return finding

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage a fresh database with the saved records added; see ``Store.restore``."""
        with _understood(place):
            database = _read(place)
            live = dict(database.live())
            restored = unchanged = 0
            kept_newer = []
            for row in saved.rows(_TABLE):
                key, value = _bytes(row.before["key"]), _bytes(row.before["value"])
                present = live.get(key)
                if present == value:
                    unchanged += 1
                elif present is None or overwrite:
                    live[key] = value
                    restored += 1
                else:
                    kept_newer.append(_shown(key))
            if restored:
                self._stage(place, work, database, live)
        return Restored(restored=restored, unchanged=unchanged, kept_newer=tuple(kept_newer))

    def _look(self, database: Database, wish: Wish) -> _Hits:
        live: dict[bytes, str] = {}
        traces = sum(
            owner(self.records, key, None, wish.site) is not None
            for key in database.manifest_keys - database.newest.keys()
        )
        for version in database.all_versions():
            host = owner(self.records, version.key, version.value, wish.site)
            if host is None:
                continue
            if version.value is not None and version == database.newest[version.key]:
                live[version.key] = host
            else:
                traces += 1
        return _Hits(live, traces)

    def _describe(self, place: Place, database: Database, hits: _Hits) -> Finding:
        hosts: Counter[str] = Counter()
        size = 0
        for key, host in hits.live.items():
            size += len(key) + len(database.newest[key].value or b"")
            kind = kind_of(self.records, key)
            if kind is not None and kind.item:
                hosts[host] += 1
        details = {"records": len(hits.live), "traces of deleted records": hits.traces}
        return Finding(
            store=self.id,
            title=self.title,
            category=self.category,
            path=place.path,
            state=State.FOUND if any(details.values()) else State.CLEAN,
            items=hosts.total(),
            size=size,
            hosts=dict(sorted(hosts.items())),
            details={name: count for name, count in details.items() if count},
        )

    def _stage(
        self, place: Place, work: Workspace, database: Database, live: Mapping[bytes, bytes]
    ) -> None:
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
            staged.write_bytes(content)
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
        raise VerificationError(
            f"The edited copy of {place.path} is not what it should be. It was not used.",
            next_step="Nothing was changed. Please report this, with the browser's version.",
            path=place.path,
        )


def _read(place: Place) -> Database:
    def content(name: str) -> bytes:
        with place.tree.open(f"{place.rel}/{name}") as file:
            data = file.read(_MAX_FILE + 1)
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


def _shown(key: bytes) -> str:
    """A key for the report: what names its site, without what a page may have put behind it."""
    return key.partition(b"\0")[0].decode("utf-8", "replace")


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("a saved record is not bytes")
    return value


@contextmanager
def _understood(place: Place) -> Iterator[None]:
    try:
        yield
    except LevelDBError as error:
        raise NotUnderstoodError(
            f"{place.path} was left alone: {error}.",
            next_step="Start the browser once and close it: it repairs or replaces damaged"
            " databases. Then run this again.",
            path=place.path,
        ) from error
    except ValueError as error:
        raise DamagedFileError(
            f"{place.path} was left alone: {error}.",
            next_step="Update loginfix, or report this with the browser's version.",
            path=place.path,
        ) from error
