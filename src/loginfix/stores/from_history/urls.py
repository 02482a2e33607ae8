"""The site's pages that Places knows."""

import sqlite3
from typing import NamedTuple

from loginfix.sites.forms import FORMS
from loginfix.stores.model import Place, Root, Wish
from loginfix.stores.sqlite.files import reading

PLACES = "places.sqlite"


class Page(NamedTuple):
    """A page of the site: its URL, Places' own hash of it (a 48-bit number), and its host."""

    url: str
    places_hash: int
    host: str


def pages_of_site(place: Place, wish: Wish) -> list[Page]:
    """Read the site's pages from the profile's Places, as it is on the disk.

    What a run has staged is not there before the commit, so the pages that are about to go are
    known; afterwards there are only the bookmarked ones.

    Raises:
        LoginfixError: Places cannot be read.
    """
    tree = place.profile or place.tree
    if not tree.exists(PLACES) or tree.stat(PLACES).st_size == 0:
        return []
    with reading(Place(tree, Root.PROFILE, PLACES)) as connection:
        return [*_pages(connection, wish)]


def _pages(connection: sqlite3.Connection, wish: Wish) -> list[Page]:
    pages = []
    for url, places_hash in connection.execute("SELECT url, url_hash FROM moz_places"):
        if isinstance(url, str):
            names = FORMS["url"](url)
            if names.host and wish.site.owns(names):
                pages.append(Page(url, places_hash, names.host))
    return pages
