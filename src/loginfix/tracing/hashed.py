"""The last part of a search: the site's hosts as hashes, when every host of it was seen."""

from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path

from loginfix.errors import LoginfixError
from loginfix.files.tree import Tree
from loginfix.sites.spotting import Spotter
from loginfix.tracing.found import Found
from loginfix.tracing.hashes import Hashes
from loginfix.tracing.judging import judge
from loginfix.tracing.layout import Layout, StoreRule
from loginfix.tracing.model import UNKNOWN, Encoding, Hit, Match, Record
from loginfix.tracing.readers.choosing import read
from loginfix.tracing.source import Source

_MATCH = Match(0, 0, "", Encoding.HASH, is_excluded=False)


def look_up_hashes(found: Found, spotter: Spotter, layout: Layout) -> None:
    """Search the files in which the engine keeps hashes for those of all that was ``found``."""
    hashes = Hashes((*spotter.names, *found.hosts), found.urls)
    for root, path in found.hashed:
        rule = layout.rule(path)
        for hit in _hits(root, path, rule, hashes):
            found.note((root, path), judge(spotter, rule, UNKNOWN, _MATCH), hit)


def _hits(root: Path, path: str, rule: StoreRule, hashes: Hashes) -> Iterator[Hit]:
    if host := hashes.in_name(rule.hashes, path.rpartition("/")[2]):
        yield Hit(None, host, Encoding.HASH)
    with suppress(OSError, LoginfixError), Tree(root) as tree:
        if not tree.is_file(path):
            return
        with tree.open(path) as file:
            source = Source(file, tree.stat(path).st_size, path, rule)
            for piece in read(source, lambda: nullcontext(_of_nobody)):
                for start, _, host in hashes.in_bytes(rule.hashes, piece.data):
                    yield Hit(piece.place(start), host, Encoding.HASH, piece.inside)


def _of_nobody(*_: object) -> Record:
    return UNKNOWN
