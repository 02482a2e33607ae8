"""A LevelDB database declared in ``profiles/stores/``: found, written anew, merged back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from loginfix.errors import DamagedFileError, NotUnderstoodError, Problem
from loginfix.formats.leveldb import LevelDBError
from loginfix.stores.content import not_proven
from loginfix.stores.declared import refuse_unknown
from loginfix.stores.leveldb import belongings
from loginfix.stores.leveldb.files import is_begun, read, stage
from loginfix.stores.leveldb.merge import Merger
from loginfix.stores.leveldb.records import Link, Record, RecordSpec, parse_record
from loginfix.stores.leveldb.selection import Chosen, Selection
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
from loginfix.words import say

_TABLE = "records"


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
            if not is_begun(place):
                return self._finding(place, State.CLEAN)
            return self._describe(place, Selection(self.records, read(place), wish).chosen)

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage a fresh database of what survives; see ``Store.clear``."""
        with _understood(place):
            if not is_begun(place):
                return self._finding(place, State.CLEAN)
            database = read(place)
            selection = Selection(self.records, database, wish)
            chosen = selection.chosen
            finding = self._describe(place, chosen)
            if finding.state is State.CLEAN:
                return finding
            gone = 0

            def surviving() -> Iterator[tuple[bytes, bytes]]:
                nonlocal gone
                for key, value in database.live():
                    if selection.takes(key, value):
                        gone += 1
                        backup.row(_TABLE, "deleted", {"key": key, "value": value})
                    else:
                        yield key, value

            stage(place, work, database, surviving())
            if gone != chosen.records:
                raise not_proven(place)
            if chosen.owners:
                belongings.take_out(place, chosen.owners, work, backup)
        return finding

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage a fresh database with the saved records added; see ``Store.restore``."""
        with _understood(place):
            if not is_begun(place):
                return Restored(problems=(_gone(place),))
            database = read(place)

            def is_taken(link: Link) -> bool:
                return self._is_taken(place, link)

            rows = ((row.before["key"], row.before["value"]) for row in saved.rows(_TABLE))
            pairs = ((_bytes(key), _bytes(value)) for key, value in rows)
            merger = Merger(self.records, database.live(), pairs, is_taken=is_taken)
            merged = merger.run(overwrite=overwrite)
            files = 0
            if merged.back:
                stage(place, work, database, merged.applied(database.live()))
                for rel in belongings.present(place, merged.gone):
                    work.remove(rel)
                files = belongings.put_back(place, merged.back, saved, work)
        return Restored(
            restored=len(merged.back) + files,
            unchanged=len(merged.there),
            kept_newer=tuple(map(_shown, merged.kept_newer)),
        )

    def _is_taken(self, place: Place, link: Link) -> bool:
        name, digits = link
        for spec in self.records:
            if spec.folder and f"{{{name}}}" in spec.folder:
                owner = Record(spec, b"", b"", {name: digits})
                if belongings.present(place, [owner]):
                    return True
        return False

    def _describe(self, place: Place, chosen: Chosen) -> Finding:
        files, bytes_of_files = belongings.size_of(place, chosen.owners)
        details = {
            "records": chosen.records,
            "files": files,
            "traces of deleted records": chosen.traces,
        }
        state = State.FOUND if any(details.values()) else State.CLEAN
        return self._finding(place, state, chosen.hosts, chosen.size + bytes_of_files, details)

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


def _gone(place: Place) -> Problem:
    return Problem(
        "store-missing",
        say("{path} is not there any more; what was in it could not be put back.", path=place.path),
        say(
            "The browser keeps this kind of data elsewhere now, or it was reset. The backup keeps"
            " it."
        ),
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
            say("{path} was left alone: {error}.", path=place.path, error=error),
            next_step=say(
                "Start the browser once and close it: it repairs or replaces damaged"
                " databases. Then run this again."
            ),
            path=place.path,
        ) from error
    except ValueError as error:
        raise DamagedFileError(
            say("{path} was left alone: {error}.", path=place.path, error=error),
            next_step=say("Update loginfix, or report this with the browser's version."),
            path=place.path,
        ) from error
