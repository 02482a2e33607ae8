"""What deleted rows left behind: the site's hosts in free pages, in slack, in the log or journal.

SQLite marks deleted content as free without wiping it unless told to, and a log keeps what it
once held (https://www.sqlite.org/pragma.html#pragma_secure_delete).
"""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from loginfix.files.tree import Tree
from loginfix.sites.site import Site
from loginfix.stores.model import Place

_BLOCK = 1 << 20
_LONGEST_HOST = 255
_FOLLOWING = 16
_OVERLAP = 4 * _LONGEST_HOST
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
    with TemporaryDirectory(prefix="loginfix-") as scratch:
        connection.execute("VACUUM INTO ?", (str(Path(scratch) / "live"),))
        with Tree(Path(scratch)) as tree:
            return found.difference(_mentions(tree, "live", site))


def _mentions(tree: Tree, rel: str, site: Site) -> Iterator[bytes]:
    """The site's hosts in a file, each with the text that follows.

    In a record, the next column's text follows without a separator: letters after a host are
    therefore no reason to doubt it, but a dot or hyphen is.
    """
    names = b"|".join(re.escape(name.encode("ascii")) for name in (*site.domains, *site.hosts))
    host = rb"[a-z0-9.-]{0,%d}(?:%b)(?![.-])" % (_LONGEST_HOST, names)
    pattern = re.compile(rb"(%b)[!-~]{0,%d}" % (host, _FOLLOWING))
    with tree.open(rel) as file:
        window, block = b"", file.read(_BLOCK)
        while block:
            following = file.read(_BLOCK)
            # What touches an inner edge is cut off there, and whole in the window before or after.
            cut_at_start, window = bool(window), window[-_OVERLAP:] + block
            for match in pattern.finditer(window):
                whole_end = match.end() < len(window) or not following
                whole_start = match.start() > 0 or not cut_at_start
                if whole_start and whole_end and site.owns_host(_host(match)):
                    yield match[0]
            block = following


def _host(match: re.Match[bytes]) -> str:
    return match[1].decode("ascii").lstrip(".-")
