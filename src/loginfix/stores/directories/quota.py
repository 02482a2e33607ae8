"""Directories of Firefox's quota storage whose names say nothing: a file inside does."""

from dataclasses import dataclass

from loginfix.errors import UnsafePathError
from loginfix.files.tree import Entry
from loginfix.formats import quota_metadata
from loginfix.sites.forms import FORMS, Names
from loginfix.sites.mentions import mentioned_hosts
from loginfix.stores.model import Wish

_PRIVATE = "uuid://"


@dataclass(frozen=True, slots=True)
class QuotaLabel:
    """By ``.metadata-v2``; where that is missing or damaged, what mentions the site is the site's.

    What is labelled so is waste: a removal that was not finished, or what a private window left
    whose keys are gone.
    """

    def unit(self, name: str) -> str:
        """See ``Label``."""
        return name

    def names(self, entry: Entry, wish: Wish) -> Names | None:
        """See ``Label``."""
        if not entry.is_dir():
            return None
        try:
            with entry.tree.open(f"{entry.path}/{quota_metadata.FILE_NAME}") as file:
                _, group, origin = quota_metadata.parse(file.read(quota_metadata.MAX_SIZE))
        except (FileNotFoundError, ValueError):
            hosts = _mentioned(entry, wish)
            return Names(min(hosts), None) if hosts else None
        # Of a private window's origin only the registrable domain is there.
        return FORMS["origin"](f"https://{group}" if origin.startswith(_PRIVATE) else origin)


def _mentioned(entry: Entry, wish: Wish) -> set[str]:
    hosts: set[str] = set()
    for path, _ in entry.tree.walk(entry.path):
        try:
            with entry.tree.open(path) as file:
                hosts |= mentioned_hosts(file, wish.site)
        except UnsafePathError:
            continue  # it is reported where the directory itself is
    return hosts
