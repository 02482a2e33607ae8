"""Firefox's database of what pages are about (``places_semantic.sqlite``).

Pages are in it by Places' hash of their URLs. It is derived from Places and made anew, and its
vectors are in virtual tables of an extension that only Firefox has: it goes whole
(toolkit/components/places/PlacesSemanticHistoryDatabase.sys.mjs).
"""

from collections import Counter
from dataclasses import dataclass

from loginfix.stores.declared import PlainStore
from loginfix.stores.from_history.urls import pages_of_site
from loginfix.stores.model import (
    BackupSink,
    Finding,
    Place,
    Restored,
    SavedStore,
    State,
    Wish,
    Workspace,
)
from loginfix.stores.sqlite.files import reading
from loginfix.stores.sqlite.schema import quote, read_schema
from loginfix.stores.trees import SavedTrees, back_up

_HASH = "url_hash"
_SIDE_FILES = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class SemanticStore(PlainStore):
    """The whole database, when a page of the site is in it."""

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say how many of the site's pages are in it; see ``Store.find``."""
        hosts = self._hosts(place, wish)
        files = _files(place)
        return Finding(
            store=self.id,
            title=self.title,
            category=self.category,
            path=place.path,
            state=State.FOUND if hosts else State.CLEAN,
            items=hosts.total(),
            size=sum(place.tree.stat(rel).st_size for rel in files) if hosts else 0,
            hosts=dict(sorted(hosts.items())),
            details={"files": len(files)} if hosts else {},
        )

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage the removal; see ``Store.clear``."""
        finding = self.find(place, wish)
        if finding.state is State.FOUND:
            for rel in _files(place):
                back_up(place, rel, backup)
                work.remove(rel)
        return finding

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage what was removed, unless Firefox has made it anew; see ``Store.restore``."""
        trees = SavedTrees(saved)
        present = _files(place) if place.tree.exists(place.rel) else []
        if sorted(present) == trees.paths and all(trees.is_there(place, rel) for rel in present):
            return Restored(unchanged=len(present))
        if present and not overwrite:
            return Restored(kept_newer=(place.rel,))
        for rel in present:
            work.remove(rel)
        for rel in trees.paths:
            staged = work.scratch("semantic")
            trees.write(rel, staged)
            work.create(rel, staged)
        return Restored(restored=len(trees.paths))

    def _hosts(self, place: Place, wish: Wish) -> Counter[str]:
        hosts = {page.places_hash: page.host for page in pages_of_site(place, wish)}
        found: Counter[str] = Counter()
        if not hosts:
            return found
        with reading(place) as connection:
            for table in read_schema(connection).values():
                if _HASH in table.columns:
                    sql = f"SELECT {quote(_HASH)} FROM {table.sql}"
                    found.update(
                        hosts[each] for (each,) in connection.execute(sql) if each in hosts
                    )
        return found


def _files(place: Place) -> list[str]:
    rels = (place.rel + suffix for suffix in _SIDE_FILES)
    return [rel for rel in rels if place.tree.exists(rel)]
