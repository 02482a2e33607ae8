"""Chromium's block-file cache, the web cache on Windows."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from loginfix.files.exact import write_exactly
from loginfix.formats.block_cache.addresses import Address, Kind
from loginfix.formats.block_cache.cache import BlockCache, Entry
from loginfix.formats.block_cache.compare import is_rest
from loginfix.formats.block_cache.edit import finish, remove
from loginfix.formats.block_cache.records import State as EntryState
from loginfix.formats.block_cache.unused import unused_bytes, zero_unused
from loginfix.sites.forms import FORMS
from loginfix.sites.keys import Keys
from loginfix.sites.mentions import is_mentioned
from loginfix.stores.caches.block_files import (
    INDEX,
    Copies,
    is_block_cache,
    opened,
    own_files,
    sha256,
    understood,
)
from loginfix.stores.caches.block_patches import TABLE, differences
from loginfix.stores.caches.block_restore import ENTRIES, LEFT, WAS, BlockRestore
from loginfix.stores.content import not_proven
from loginfix.stores.declared import refuse_unknown
from loginfix.stores.listing import Listing, known_by
from loginfix.stores.model import (
    BackupSink,
    Category,
    Finding,
    Identity,
    Item,
    Place,
    Restored,
    SavedStore,
    State,
    Wish,
    Workspace,
)
from loginfix.stores.times import TIMES

_CHILD = b"Range_"
_FORM = "block_cache_key"


@dataclass(frozen=True, slots=True)
class _Hits:
    """The site's entries in an opened cache; traces in unused bytes; dead files."""

    cache: BlockCache | None = None
    traces: int = 0
    dead: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[tuple[Entry, str]]:
        """The entries with the host that each names."""
        if self.cache is not None:
            for entry in map(self.cache.entry, self.cache.chosen):
                names = FORMS[_FORM](entry.key.decode("utf-8", "replace"))
                yield entry, names.host or ""

    @property
    def entries(self) -> int:
        """How many they are."""
        return len(self.cache.chosen) if self.cache else 0


@dataclass(frozen=True, slots=True)
class BlockCacheStore:
    """``index``, ``data_*`` and ``f_*`` in a cache's directory.

    Where another back end has made the directory its own, what is left of these files is dead, and
    a file goes whole when it names the site.
    """

    id: str
    title: str
    category: Category

    @classmethod
    def declared(cls, identity: Identity, data: Mapping[str, Any]) -> Self:
        """Make the store that a declaration describes.

        Raises:
            ValueError: The declaration says what no cache needs; the text names it.
        """
        refuse_unknown(data, ())
        return cls(*identity)

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say what the cache holds of the site; see ``Store.find``."""
        if not is_block_cache(place):
            return self._describe(place, _Hits(dead=_dead_files(place, wish, set())), wish)
        with opened(place, _chooser(wish)) as cache:
            return self._describe(place, _look(place, cache, wish), wish)

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage the cache without the site's entries; see ``Store.clear``."""
        if not is_block_cache(place):
            hits = _Hits(dead=_dead_files(place, wish, set()))
            _take_away(place, hits.dead, work, backup)
            return self._describe(place, hits, wish)
        choose = _chooser(wish)
        with opened(place, choose) as before:
            hits = _look(place, before, wish)
            finding = self._describe(place, hits, wish)
            if finding.state is State.CLEAN:
                return finding
            copies = Copies.make(place, work)
            with copies.of(before) as cache:
                external = remove(cache, before.chosen)
                zero_unused(cache)
                index = finish(cache)
            write_exactly(copies.paths[INDEX], index)
            with copies.opened(choose) as after:
                left = _look(place, after, wish)
                if left.entries or left.traces or not is_rest(after, before, before.chosen):
                    raise not_proven(place)
            for entry, _ in hits:
                backup.row(ENTRIES, "deleted", {"address": entry.address.value, "key": entry.key})
        self._stage(copies, work, backup)
        present = [name for name in external if place.tree.exists(f"{place.rel}/{name}")]
        _take_away(place, (*present, *hits.dead), work, backup)
        return finding

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage the cache as it was or, where it was used since, with what it lacks.

        See ``Store.restore``.
        """
        with understood(place):
            return BlockRestore(place, saved, work, overwrite=overwrite).run()

    def _stage(self, copies: Copies, work: Workspace, backup: BackupSink) -> None:
        """Swap in the copies that differ, and keep what they had before."""
        place = copies.place
        for name, path in copies.paths.items():
            rel = f"{place.rel}/{name}"
            with place.tree.open(rel) as before, path.open("rb") as after:
                changed = False
                for row in differences(name, before, after):
                    backup.row(TABLE, "deleted", row)
                    changed = True
                if not changed:
                    continue
                for note, file in ((WAS, before), (LEFT, after)):
                    file.seek(0)
                    backup.note(f"{note}{name}", sha256(file))
            work.replace(rel, path)

    def _describe(self, place: Place, hits: _Hits, wish: Wish) -> Finding:
        hosts: Counter[str] = Counter()
        listing = Listing(wish)
        size = 0
        for entry, host in hits:
            size += entry.size
            if entry.record.state == EntryState.NORMAL and not entry.key.startswith(_CHILD):
                hosts[host] += 1
                address = known_by(entry.key.decode("utf-8", "replace"))
                used = TIMES["webkit"](entry.node.last_used)
                listing.add(Item(address, host, entry.size, used))
        details = {
            "entries": hits.entries,
            "left-over files": len(hits.dead),
            "traces of deleted entries": hits.traces,
        }
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
            used=listing.used,
            listing=listing.items,
        )


def _chooser(wish: Wish) -> Callable[[bytes], bool]:
    keys = Keys(_FORM, wish.site)
    return lambda key: keys.owned(key) is not None


def _look(place: Place, cache: BlockCache, wish: Wish) -> _Hits:
    used = {file.name for file in cache.files.values()}
    used |= {Address(Kind.EXTERNAL, number).external_name for number in cache.owned.external}
    traces = sum(is_mentioned(run, wish.site) for run in unused_bytes(cache))
    return _Hits(cache, traces, _dead_files(place, wish, used))


def _dead_files(place: Place, wish: Wish, used: set[str]) -> tuple[str, ...]:
    """The files that no entry refers to and that name the site."""
    blocks, external = own_files(place)
    dead = []
    for name in (*blocks, *external):
        if name not in used:
            with place.tree.open(f"{place.rel}/{name}") as file:
                if is_mentioned(file, wish.site):
                    dead.append(name)
    return tuple(dead)


def _take_away(place: Place, names: tuple[str, ...], work: Workspace, backup: BackupSink) -> None:
    for name in names:
        rel = f"{place.rel}/{name}"
        status = place.tree.stat(rel)
        mode, mtime = status.st_mode & 0o7777, status.st_mtime_ns
        with place.tree.open(rel) as source:
            backup.file(rel, source, mode=mode, mtime_ns=mtime)
        work.remove(rel)
