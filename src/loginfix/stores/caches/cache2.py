"""Firefox's HTTP cache."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import ClassVar

from loginfix.files.tree import Entry, Tree
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
            yield from _carriers(each)

    def sift(self, place: Place, wish: Wish) -> Iterator[Sifted]:
        """Read the keys at the end of all entries; see ``FileCache``."""

        def plainly(names: Sequence[str]) -> list[Sifted]:
            keys = Keys(self.key_form, wish.site)
            found: list[Sifted] = []
            ends = place.tree.ends(entries, names, _END)
            for name, (size, end) in zip(names, ends, strict=True):
                key = cache2.proven_key(end, size, name)
                owned = keys.owned(key) if key else None
                if owned or not key or key.endswith(_START_PAGE) or _PREDICTOR in key:
                    found.append((f"{entries}/{name}", name, owned))
            return found

        for each in place.tree.list(place.rel):
            if each.name != _ENTRIES or not each.is_dir():
                yield from ((rel, name, None) for rel, name in _carriers(each))
                continue
            entries = each.path
            names = place.tree.names_as_kept(entries)
            found = chain.from_iterable(spread(plainly, names, worth=WORTH))
            for rel, name, owned in sorted(found, key=itemgetter(0)):
                if owned or not _is_folder(place.tree, rel):
                    yield rel, name, owned
                    continue
                for path, inner in _files_below(place.tree, rel):
                    yield path, inner, None

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


def _carriers(each: Entry) -> Iterator[tuple[str, str]]:
    """The files in one of the cache's folders, or a pending eviction, each with its name."""
    if each.name in (_ENTRIES, _DOOMED) or each.name.startswith(_TRASH):
        yield from _files_below(each.tree, each.path)
    elif cache2.parse_eviction_name(each.name) is not None:
        yield each.path, each.name


def _is_folder(tree: Tree, rel: str) -> bool:
    try:
        return tree.is_dir(rel)
    except FileNotFoundError:
        return False  # the browser is running and has just dropped it


def _files_below(tree: Tree, folder: str) -> Iterator[tuple[str, str]]:
    return ((path, path.rpartition("/")[2]) for path in tree.paths(folder))


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
