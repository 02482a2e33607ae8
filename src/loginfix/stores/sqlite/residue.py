"""What deleted rows left behind: the site's hosts in free pages, in slack, in the log or journal.

SQLite marks deleted content as free without wiping it unless told to, and a log keeps what it
once held (https://www.sqlite.org/pragma.html#pragma_secure_delete).
"""

import sqlite3

from loginfix.files.scratch import scratch
from loginfix.files.sqlite import vacuum_into
from loginfix.files.tree import Tree
from loginfix.sites.mentions import mentions
from loginfix.sites.site import Site
from loginfix.stores.model import Place

_SIDE_FILES = ("", "-wal", "-journal")


def find_residue(place: Place, connection: sqlite3.Connection, site: Site) -> set[bytes]:
    """The site's hosts, with the beginning of their paths, that are in the files but in no row.

    Live rows are looked at in a database written anew from them, so that what another site's row
    mentions does not count. That is only made if there is anything to account for.
    """
    rels = [place.rel + suffix for suffix in _SIDE_FILES if place.tree.exists(place.rel + suffix)]
    found = {text for rel in rels for text in _mentions(place.tree, rel, site)}
    if not found:
        return found
    with scratch() as directory:
        vacuum_into(connection, directory / "live")
        with Tree(directory) as tree:
            return found.difference(_mentions(tree, "live", site))


def _mentions(tree: Tree, rel: str, site: Site) -> set[bytes]:
    with tree.open(rel) as file:
        return set(mentions(file, site))
