"""Chromium's shared compression dictionaries: rows of a database, bodies in a cache beside it."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from loginfix.formats import simple_cache
from loginfix.sites.forms import Names
from loginfix.sites.mentions import is_mentioned
from loginfix.stores.caches.files import FileCache, Sifted
from loginfix.stores.caches.simple import SimpleCacheStore
from loginfix.stores.model import (
    BackupSink,
    Category,
    Finding,
    Identity,
    Place,
    Restored,
    SavedFile,
    SavedRow,
    SavedStore,
    State,
    Wish,
    Workspace,
)
from loginfix.stores.sqlite.files import open_private, reading
from loginfix.stores.sqlite.store import SqliteStore

_DATABASE, _BODIES = "db", "cache"
_TABLE = "dictionaries"
_HALF = 1 << 64


@dataclass(frozen=True, slots=True)
class _Bodies(SimpleCacheStore):
    """The cache of bodies; an entry's key is the token in its dictionary's row."""

    going: frozenset[bytes] = frozenset()
    known: frozenset[bytes] = frozenset()

    key_form: ClassVar[str] = "url"  # a token names no site

    def sift(self, place: Place, wish: Wish) -> Iterator[Sifted]:
        """Yield all candidates, since no key says whose it is; see ``FileCache``."""
        return FileCache.sift(self, place, wish)

    def read_names(self, place: Place, rel: str, wish: Wish) -> Names:
        """Look whose token it is; one that no row has is the site's when its body names that."""
        with place.tree.open(rel) as file:
            key = simple_cache.read_key(file)
            own = key in self.going or (key not in self.known and is_mentioned(file, wish.site))
        return Names(_any_host(wish) if own else None, None)


@dataclass(frozen=True, slots=True)
class SharedDictionaryStore:
    """``Shared Dictionary``: ``db`` and ``cache``, as one unit.

    Chromium drops a row without a body, and a body without a row
    (services/network/shared_dictionary/shared_dictionary_manager_on_disk.cc).
    """

    database: SqliteStore

    @property
    def id(self) -> str:
        """See ``Store``."""
        return self.database.id

    @property
    def title(self) -> str:
        """See ``Store``."""
        return self.database.title

    @property
    def category(self) -> Category:
        """See ``Store``."""
        return self.database.category

    @classmethod
    def declared(cls, identity: Identity, data: Mapping[str, Any]) -> Self:
        """Make the store that a declaration describes: that of its database.

        Raises:
            KeyError, TypeError, ValueError: The declaration is wrong; the text says how.
        """
        return cls(SqliteStore.declared(identity, data))

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say what is the site's; see ``Store.find``."""
        parts: list[Finding] = []
        if _is_there(place, _DATABASE):
            parts.append(self.database.find(_inside(place, _DATABASE), wish))
        if _is_there(place, _BODIES):
            parts.append(self._bodies(place, wish).find(_inside(place, _BODIES), wish))
        return self._together(place, parts)

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage rows and bodies together; see ``Store.clear``."""
        bodies = self._bodies(place, wish)
        parts: list[Finding] = []
        if _is_there(place, _DATABASE):
            parts.append(self.database.clear(_inside(place, _DATABASE), wish, work, backup))
        if _is_there(place, _BODIES):
            parts.append(bodies.clear(_inside(place, _BODIES), wish, work, backup))
        return self._together(place, parts)

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage the rows, and the bodies of those that come back; see ``Store.restore``."""
        database = _inside(place, _DATABASE)
        rows = self.database.restore(database, saved, work, overwrite=overwrite)
        staged = work.staged(database.rel)
        if staged is None:
            with reading(database) as connection:
                tokens = _tokens(connection)
        else:
            with closing(open_private(staged)) as connection:
                tokens = _tokens(connection)
        names = {simple_cache.entry_file_name(token, "0") for token in tokens}
        files = self._bodies(place).restore(
            _inside(place, _BODIES), _Chosen(saved, names), work, overwrite=overwrite
        )
        return Restored(
            restored=rows.restored + files.restored,
            merged=rows.merged,
            unchanged=rows.unchanged + files.unchanged,
            kept_newer=(*rows.kept_newer, *files.kept_newer),
            problems=(*rows.problems, *files.problems),
        )

    def _together(self, place: Place, parts: list[Finding]) -> Finding:
        details = {name: count for part in parts for name, count in part.details.items()}
        rows = next((part for part in parts if part.path.name == _DATABASE), None)
        return Finding(
            store=self.id,
            title=self.title,
            category=self.category,
            path=place.path,
            state=State.FOUND if details else State.CLEAN,
            items=rows.items if rows else 0,
            size=sum(part.size for part in parts),
            hosts=rows.hosts if rows else {},
            details=details,
            problems=tuple(problem for part in parts for problem in part.problems),
            used=rows.used if rows else None,
            listing=rows.listing if rows else (),
        )

    def _bodies(self, place: Place, wish: Wish | None = None) -> _Bodies:
        store = _Bodies(self.id, self.title, self.category)
        database = _inside(place, _DATABASE)
        if wish is None or not _is_there(place, _DATABASE):
            return store
        with reading(database) as connection:
            going = self.database.chosen_ids(connection, database, wish, _TABLE)
            return replace(store, going=_tokens(connection, going), known=_tokens(connection))


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A ``SavedStore`` of which only some entries' files come back, and the index."""

    saved: SavedStore
    names: set[str] = field(default_factory=set)

    @property
    def notes(self) -> Mapping[str, str]:
        return self.saved.notes

    def rows(self, table: str) -> Iterator[SavedRow]:
        return self.saved.rows(table)

    def files(self) -> Iterator[SavedFile]:
        for file in self.saved.files():
            name = file.rel.rpartition("/")[2]
            if name in self.names or simple_cache.parse_file_name(name) is None:
                yield file

    def write_file(self, file: SavedFile, target: Any) -> None:
        self.saved.write_file(file, target)


def _tokens(connection: sqlite3.Connection, ids: Iterable[int] | None = None) -> frozenset[bytes]:
    """The tokens of all rows or of some, as they are written in the cache."""
    wanted = None if ids is None else set(ids)
    rows = connection.execute(f"SELECT primary_key, token_high, token_low FROM {_TABLE}")
    return frozenset(
        b"%016X%016X" % (high % _HALF, low % _HALF)
        for number, high, low in rows
        if wanted is None or number in wanted
    )


def _inside(place: Place, name: str) -> Place:
    return replace(place, rel=f"{place.rel}/{name}")


def _is_there(place: Place, name: str) -> bool:
    """Whether a part exists; Chromium makes an empty database before it writes to it."""
    inside = _inside(place, name)
    return place.tree.exists(inside.rel) and place.tree.stat(inside.rel).st_size > 0


def _any_host(wish: Wish) -> str:
    """A host of the site: only that it is the site's matters where a token is all there is."""
    return (*wish.site.domains, *wish.site.hosts)[0]
