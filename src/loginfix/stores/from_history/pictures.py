"""Pictures of pages: files named by a hash of the page's URL."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from loginfix.files.tree import Entry
from loginfix.sites.forms import Names
from loginfix.stores.declared import refuse_unknown
from loginfix.stores.directories.store import DirectoriesStore
from loginfix.stores.from_history.urls import pages_of_site
from loginfix.stores.model import (
    BackupSink,
    Category,
    Finding,
    Identity,
    Place,
    Restored,
    SavedStore,
    Wish,
    Workspace,
)

_HASHES = ("md5", "sha256")


@dataclass(frozen=True, slots=True)
class _HashLabel:
    """By its name, which is a hash that stands for a host."""

    entry: re.Pattern[str]
    hosts: Mapping[str, str]

    def unit(self, name: str) -> str:
        """See ``Label``."""
        return name

    def names(self, entry: Entry, wish: Wish) -> Names | None:  # noqa: ARG002  one interface
        """See ``Label``."""
        match = self.entry.fullmatch(entry.name)
        host = self.hosts.get(match["hash"]) if match and entry.is_file() else None
        return Names(host, None) if host else None


@dataclass(frozen=True, slots=True)
class PicturesStore:
    """The directory ``place.rel`` of pictures, each named by the ``digest`` of its page's URL.

    Pictures of pages that history has forgotten cannot be told; Firefox removes them in time.
    """

    id: str
    title: str
    category: Category
    digest: str
    entry: re.Pattern[str]

    @classmethod
    def declared(cls, identity: Identity, data: Mapping[str, Any]) -> Self:
        """Make the store that a declaration describes.

        Raises:
            KeyError, ValueError: The declaration is wrong; the text says how.
        """
        refuse_unknown(data, ("hash", "entry"))
        if data["hash"] not in _HASHES:
            raise ValueError(f"unknown hash {data['hash']!r}")
        entry = re.compile(data["entry"])
        if "hash" not in entry.groupindex:
            raise ValueError("'entry' wants a group 'hash'")
        return cls(*identity, data["hash"], entry)

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say which pictures are of the site's pages; see ``Store.find``."""
        return self._files(self._hosts(place, wish)).find(place, wish)

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage the removal of the site's pictures; see ``Store.clear``."""
        return self._files(self._hosts(place, wish)).clear(place, wish, work, backup)

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage the pictures that are gone; see ``Store.restore``."""
        return self._files({}).restore(place, saved, work, overwrite=overwrite)

    def _files(self, hosts: Mapping[str, str]) -> DirectoriesStore:
        label = _HashLabel(self.entry, hosts)
        return DirectoriesStore(self.id, self.title, self.category, label)

    def _hosts(self, place: Place, wish: Wish) -> dict[str, str]:
        """The host of each of the site's pages by the hash of its URL."""
        return {
            hashlib.new(
                self.digest, page.url.encode(), usedforsecurity=False
            ).hexdigest(): page.host
            for page in pages_of_site(place, wish)
        }
