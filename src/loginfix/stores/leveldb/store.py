"""A LevelDB database declared in ``profiles/stores/``: found, written anew, merged back."""

import collections
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from loginfix.errors import DamagedFileError, NotUnderstoodError, Problem, VerificationError
from loginfix.formats.leveldb import BYTEWISE, Database, LevelDBError, build, read_database
from loginfix.stores.declared import refuse_unknown
from loginfix.stores.leveldb import belongings
from loginfix.stores.leveldb.merge import Merger
from loginfix.stores.leveldb.records import Link, Record, RecordSpec, parse_record
from loginfix.stores.leveldb.selection import Chosen, choose, link_names, links_of
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
            if not _is_begun(place):
                return self._finding(place, State.CLEAN)
            database = _read(place)
            return self._describe(place, database, choose(self.records, database, wish))

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage a fresh database of what survives; see ``Store.clear``."""
        with _understood(place):
            if not _is_begun(place):
                return self._finding(place, State.CLEAN)
            database = _read(place)
            chosen = choose(self.records, database, wish)
            finding = self._describe(place, database, chosen)
            if finding.state is State.CLEAN:
                return finding
            live = dict(database.live())
            for key in chosen.live:
                backup.row(_TABLE, "deleted", {"key": key, "value": live.pop(key)})
            self._stage(place, work, database, live)
            if records := self._owners(chosen):
                belongings.take_out(place, records, work, backup)
        return finding

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage a fresh database with the saved records added; see ``Store.restore``."""
        with _understood(place):
            if not _is_begun(place):
                return Restored(problems=(_gone(place),))
            database = _read(place)

            def is_taken(link: Link) -> bool:
                return self._is_taken(place, link)

            merger = Merger(self.records, dict(database.live()), is_taken=is_taken)
            rows = ((row.before["key"], row.before["value"]) for row in saved.rows(_TABLE))
            pairs = ((_bytes(key), _bytes(value)) for key, value in rows)
            merged = merger.run(pairs, overwrite=overwrite)
            files = 0
            if merged.back:
                self._stage(place, work, database, merged.live)
                for rel in belongings.present(place, merged.gone):
                    work.remove(rel)
                files = belongings.put_back(place, merged.back, saved, work)
        return Restored(
            restored=len(merged.back) + files,
            unchanged=len(merged.there),
            kept_newer=tuple(map(_shown, merged.kept_newer)),
        )

    def _owners(self, chosen: Chosen) -> list[Record]:
        """The records that go and may own something beside the database; nobody else's is taken."""
        names = link_names(self.records)
        return [
            record
            for record, _ in chosen.live.values()
            if (record.spec.folder or record.spec.cache_entry)
            and chosen.kept.isdisjoint(links_of(record, names))
        ]

    def _is_taken(self, place: Place, link: Link) -> bool:
        name, digits = link
        for spec in self.records:
            if spec.folder and f"{{{name}}}" in spec.folder:
                owner = Record(spec, b"", b"", {name: digits})
                if belongings.present(place, [owner]):
                    return True
        return False

    def _describe(self, place: Place, database: Database, chosen: Chosen) -> Finding:
        hosts: collections.Counter[str] = collections.Counter()
        size = 0
        for key, (record, host) in chosen.live.items():
            size += len(key) + len(database.newest[key].value or b"")
            if record.spec.item:
                hosts[host] += 1
        files, bytes_of_files = belongings.size_of(place, self._owners(chosen))
        details = {
            "records": len(chosen.live),
            "files": files,
            "traces of deleted records": chosen.traces,
        }
        state = State.FOUND if any(details.values()) else State.CLEAN
        return self._finding(place, state, hosts, size + bytes_of_files, details)

    def _finding(
        self,
        place: Place,
        state: State,
        hosts: Mapping[str, int] | None = None,
        size: int = 0,
        details: Mapping[str, int] | None = None,
    ) -> Finding:
        hosts = hosts or {}
        return Finding(
            store=self.id,
            title=self.title,
            category=self.category,
            path=place.path,
            state=state,
            items=sum(hosts.values()),
            size=size,
            hosts=dict(sorted(hosts.items())),
            details={name: count for name, count in (details or {}).items() if count},
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


def _is_begun(place: Place) -> bool:
    """Whether there is a database: Chromium makes the directory long before, with a diary in it."""
    if not place.tree.exists(place.rel):
        return False
    return any(name not in _DIARY for name in _own_files(place))


def _gone(place: Place) -> Problem:
    return Problem(
        "store-missing",
        f"{place.path} is not there any more; what was in it could not be put back.",
        "The browser keeps this kind of data elsewhere now, or it was reset. The backup keeps it.",
        place.path,
    )


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
