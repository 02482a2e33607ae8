"""Chromium's simple cache: the HTTP cache on Linux and macOS."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from loginfix.formats import simple_cache
from loginfix.sites.forms import Names
from loginfix.stores.caches.files import FileCache
from loginfix.stores.model import Place, Wish


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
        for each in place.tree.list(place.rel):
            if name := simple_cache.parse_file_name(each.name):
                yield f"{place.rel}/{each.name}", f"{name.hash:016x}"

    def read_names(self, place: Place, rel: str, wish: Wish) -> Names:  # noqa: ARG002  one interface
        """Read the key of an entry file; see ``FileCache``."""
        with place.tree.open(rel) as file:
            return self._names(simple_cache.read_key(file))

    def read_address(self, place: Place, rel: str) -> str:
        """Read the key of an entry file, which ends in the address; see ``FileCache``."""
        with place.tree.open(rel) as file:
            return simple_cache.read_key(file).decode("utf-8", "replace")
