"""Chromium's simple cache: the HTTP cache on Linux and macOS."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import ClassVar

from loginfix.formats import simple_cache
from loginfix.sites.forms import Names
from loginfix.sites.keys import Keys
from loginfix.stores.caches.files import WORTH, FileCache, Sifted
from loginfix.stores.model import Place, Wish
from loginfix.workers import spread

_START = 512  # bytes; nearly all keys are shorter
_DIGITS = 16  # with which the names of entries begin


@dataclass(frozen=True, slots=True)
class SimpleCacheStore(FileCache):
    """A directory of simple-cache entries; a key ends in the URL.

    Where another back end has made the directory its own, what is left of them goes likewise.
    """

    entries_dir: ClassVar[str] = ""
    # When it is missing, Chromium lists the directory instead (simple_index_file.cc).
    index_files: ClassVar[tuple[str, ...]] = ("index-dir/the-real-index",)
    key_form: ClassVar[str] = "chromium_cache_key"

    def candidates(self, place: Place) -> Iterator[tuple[str, str]]:
        """Yield the entry files, and those that wait to be deleted; see ``FileCache``."""
        for name in place.tree.names(place.rel):
            if entry := simple_cache.entry_of(name):
                yield f"{place.rel}/{name}", entry

    def sift(self, place: Place, wish: Wish) -> Iterator[Sifted]:
        """Read the keys at the beginning of all files; see ``FileCache``."""

        def plainly(names: Sequence[str]) -> list[Sifted]:
            keys = Keys(self.key_form, wish.site)
            found: list[Sifted] = []
            starts = place.tree.starts(place.rel, names, _START)
            for name, start in zip(names, starts, strict=True):
                key = simple_cache.proven_key(start, name[:_DIGITS])
                owned = keys.owned(key) if key else None
                if (owned or not key) and (entry := simple_cache.entry_of(name)):
                    found.append((f"{place.rel}/{name}", entry, owned))
            return found

        names = place.tree.names_as_kept(place.rel)
        found = chain.from_iterable(spread(plainly, names, worth=WORTH))
        yield from sorted(found, key=itemgetter(0))

    def read_names(self, place: Place, rel: str, wish: Wish) -> Names:  # noqa: ARG002  one interface
        """Read the key of an entry file; see ``FileCache``."""
        with place.tree.open(rel) as file:
            return self._names(simple_cache.read_key(file))

    def read_address(self, place: Place, rel: str) -> str:
        """Read the key of an entry file, which ends in the address; see ``FileCache``."""
        with place.tree.open(rel) as file:
            return simple_cache.read_key(file).decode("utf-8", "replace")
