"""Firefox's HTTP cache."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar

from loginfix.formats import cache2
from loginfix.sites.forms import FORMS, Names
from loginfix.sites.keys import Keys
from loginfix.stores.caches.files import WORTH, FileCache, Sifted
from loginfix.stores.model import Place, Wish
from loginfix.workers import spread

_ENTRIES = "entries"
_DOOMED = "doomed"
_TRASH = "trash"
_START_PAGE = b"about:home"
_PREDICTOR = b"predictor-origin"
_END = 8 << 10  # bytes; what Firefox writes behind a body, certificates among it, is shorter


@dataclass(frozen=True, slots=True)
class Cache2Store(FileCache):
    """``cache2``: entries, those doomed or in the trash, and the names of pending evictions."""

    entries_dir: ClassVar[str] = _ENTRIES
    # They hold hashes of keys; Firefox rebuilds them from the entries (CacheIndex.cpp).
    index_files: ClassVar[tuple[str, ...]] = ("index", "index.log", "index.tmp")
    key_form: ClassVar[str] = "cache2_key"

    def candidates(self, place: Place) -> Iterator[tuple[str, str]]:
        """Yield everything that may carry a key; see ``FileCache``."""
        for each in place.tree.list(place.rel):
            rel = f"{place.rel}/{each.name}"
            if each.name in (_ENTRIES, _DOOMED) or each.name.startswith(_TRASH):
                for path in place.tree.paths(rel):
                    yield path, path.rpartition("/")[2]
            elif cache2.parse_eviction_name(each.name) is not None:
                yield rel, each.name

    def sift(self, place: Place, wish: Wish) -> Iterator[Sifted]:
        """Read the keys at the end of all entries; see ``FileCache``."""
        entries = f"{place.rel}/{_ENTRIES}/"

        def plainly(files: Sequence[tuple[str, str]]) -> list[Sifted]:
            keys = Keys(self.key_form, wish.site)
            found: list[Sifted] = []
            edges = place.tree.edges(entries[:-1], (name for _, name in files), -_END)
            for (rel, name), (size, end) in zip(files, edges, strict=True):
                key = cache2.proven_key(end, size, name)
                owned = keys.owned(key) if key else None
                if owned or not key or key.endswith(_START_PAGE) or _PREDICTOR in key:
                    found.append((rel, name, owned))
            return found

        own: list[tuple[str, str]] = []
        for rel, name in self.candidates(place):
            if rel == entries + name:
                own.append((rel, name))
            else:
                yield rel, name, None
        yield from chain.from_iterable(spread(plainly, own, worth=WORTH))

    def read_names(self, place: Place, rel: str, wish: Wish) -> Names:
        """Read the key of an entry, or the name of an eviction; see ``FileCache``."""
        parent, _, name = rel.rpartition("/")
        if (text := cache2.parse_eviction_name(name)) is not None:
            return _evicted(text)
        with place.tree.open(rel) as file:
            # In its own directory the file's name proves the key, which is far cheaper.
            own_name = name if parent.endswith(_ENTRIES) else None
            key = cache2.read_key(file, name=own_name)
            names = self._names(key)
            if wish.site.owns(names):
                return names
            if key.endswith(_START_PAGE):
                file.seek(0)
                return _mentioned(file.read(), wish)
            if _PREDICTOR in key:
                file.seek(0)
                return _predicted(cache2.read_metadata(file), wish)
        return names

    def read_address(self, place: Place, rel: str) -> str:
        """Read the key of an entry, which ends in the address; see ``FileCache``."""
        with place.tree.open(rel) as file:
            return cache2.read_key(file, name=None).decode("utf-8", "replace")


def _evicted(text: str) -> Names:
    """``<origin attributes>TAB<origin>`` or ``…TABs:<site>`` (CacheFileContextEvictor.cpp)."""
    attributes, _, target = text.rpartition("\t")
    partition = FORMS["cache2_key"](f"{attributes}:").partition
    site = target.removeprefix("s:")
    names = FORMS["host"](site) if site != target else FORMS["origin"](target)
    return Names(names.host, names.partition or partition)


def _mentioned(page: bytes, wish: Wish) -> Names:
    """The rendered start page shows the most visited sites; Firefox renders it anew."""
    for domain in wish.site.domains:
        if domain.encode() in page:
            return Names(domain, None)
    return Names(None, None)


def _predicted(metadata: cache2.Metadata, wish: Wish) -> Names:
    """What a page of another site loads (netwerk/base/Predictor.cpp, until Firefox 140).

    The URLs are in the names of the elements, behind their last ``,`` if any.
    """
    for name in metadata.elements:
        for url in (name.rpartition(",")[2], name.removeprefix("predictor::")):
            names = FORMS["url"](url)
            if wish.site.owns(names):
                return names
    return Names(None, None)
