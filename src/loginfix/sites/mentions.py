"""A site's hosts in raw bytes, whatever these are."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from loginfix.sites.site import Site
from loginfix.sites.spotting import Spotter

_BLOCK = 1 << 20
_LONGEST_HOST = 255
_FOLLOWING = 16
_LABEL = b"a-z0-9.-"


def mentions(file: BinaryIO, site: Site) -> Iterator[bytes]:
    """The site's hosts in a file, as ASCII, each with the text that follows.

    In a database's record, the next column's text follows without a separator: letters after a
    host are therefore no reason to doubt it, but a dot or hyphen is.
    """
    return (text for _, text in _matches(file, site, "ascii"))


def mentioned_hosts(file: BinaryIO, site: Site) -> set[str]:
    """The site's hosts in a file, as ASCII; letters before one may be part of another text."""
    return {host for host, _ in _matches(file, site, "ascii")}


def is_mentioned(file: BinaryIO, site: Site) -> bool:
    """Whether one of the site's hosts is in a file, as ASCII or as UTF-16 of either byte order."""
    for encoding in ("ascii", "utf-16-le", "utf-16-be"):
        file.seek(0)
        if next(_matches(file, site, encoding), None) is not None:
            return True
    return False


def _matches(file: BinaryIO, site: Site, encoding: str) -> Iterator[tuple[str, bytes]]:
    search = _search(site, encoding)
    overlap = 4 * _LONGEST_HOST * search.width
    window, block = b"", file.read(_BLOCK)
    while block:
        following = file.read(_BLOCK)
        # What touches an inner edge is cut off there, and whole in the window before or after.
        cut_at_start, window = bool(window), window[-overlap:] + block
        for match in search.finditer(window):
            whole_end = match.end() < len(window) or not following
            whole_start = match.start() > 0 or not cut_at_start
            host = match[1].decode(encoding).lstrip(".-")
            if whole_start and whole_end and site.owns_host(host):
                yield host, match[0].decode(encoding).encode("ascii")
        block = following


@dataclass(frozen=True, slots=True)
class _Search:
    """How the hosts of a site stand in one encoding, whose characters are ``width`` bytes.

    ``host`` is a host of the site (group 1) and what follows it; trying that at every byte would
    take seconds a megabyte, and trying ``names`` half a second a hundred megabytes. So ``labels``,
    of which each name contains one, are looked for, and ``names`` is tried where it then begins.
    """

    labels: BytesAhoCorasick
    starts: Sequence[Sequence[int]]  # of each label, how far before it a name begins, falling
    can_overlap: bool
    names: re.Pattern[bytes]
    host: re.Pattern[bytes]
    backwards: re.Pattern[bytes]
    width: int

    def finditer(self, window: bytes) -> Iterator[re.Match[bytes]]:
        """Yield what ``host.finditer`` would."""
        at = 0
        for name in self._named(window):
            if name.start() < at:
                continue
            before = window[max(at, name.start() - _LONGEST_HOST * self.width) : name.start()]
            labels = self.backwards.match(before[::-1])
            start = name.start() - (labels.end() if labels else 0)
            at = name.end()
            if match := self.host.match(window, start):
                yield match
                at = match.end()

    def _named(self, window: bytes) -> Iterator[re.Match[bytes]]:
        """Every name in the window, the first to begin first."""
        found = self.labels.find_matches_as_indexes(window, overlapping=self.can_overlap)
        for number, position, _ in found:
            for before in self.starts[number]:
                if position >= before and (name := self.names.match(window, position - before)):
                    yield name


@lru_cache(maxsize=32)
def _search(site: Site, encoding: str) -> _Search:
    before, after = {
        "ascii": (b"", b""),
        "utf-16-le": (b"", rb"\0"),
        "utf-16-be": (rb"\0", b""),
    }[encoding]

    def one_of(characters: bytes) -> bytes:
        return b"(?:%b[%b]%b)" % (before, characters, after)

    def spelled(character: str) -> bytes:
        return before + re.escape(character.encode("ascii")) + after

    width = len("a".encode(encoding))
    spotter = Spotter(site)
    can_overlap = any(
        _can_overlap(one, other) for one in spotter.labels for other in spotter.labels
    )
    names = b"%b(?!%b)" % (_any_of(spotter.names, spelled), one_of(b".-"))
    label = one_of(_LABEL)
    host = b"%b{0,%d}%b" % (label, _LONGEST_HOST, names)
    return _Search(
        labels=BytesAhoCorasick(
            [each.encode(encoding) for each in spotter.labels],
            # The fastest; it passes over what begins inside of what it has found.
            matchkind=MatchKind.Standard if can_overlap else MatchKind.LeftmostLongest,
        ),
        starts=[_starts(each, spotter.names, width) for each in spotter.labels],
        can_overlap=can_overlap,
        names=re.compile(names),
        host=re.compile(b"(%b)%b{0,%d}" % (host, one_of(b"!-~"), _FOLLOWING)),
        backwards=re.compile(b"(?:%b[%b]%b)*" % (after, _LABEL, before)),
        width=width,
    )


def _starts(label: str, names: Iterable[str], width: int) -> list[int]:
    """How many bytes before a label a name that contains it may begin, the most first."""
    places = {at for name in names for at in range(len(name)) if name.startswith(label, at)}
    return sorted((at * width for at in places), reverse=True)


def _can_overlap(one: str, other: str) -> bool:
    """Whether a text may begin inside the other and end behind it."""
    return any(other.startswith(one[at:]) for at in range(1, len(one)))


def _any_of(names: Iterable[str], spelled: Callable[[str], bytes]) -> bytes:
    """An expression for these names, the longest first, in which no beginning is written twice.

    A plain list of a hundred names would be gone through at every byte.
    """
    rests: dict[str, set[str]] = {}
    for name in sorted(names):
        rests.setdefault(name[:1], set()).add(name[1:])
    branches = [
        spelled(first) + _any_of(rest, spelled)
        for first, rest in sorted(rests.items(), reverse=True)
        if first
    ]
    if "" in rests:
        branches.append(b"")
    return b"(?:%b)" % b"|".join(branches) if len(branches) > 1 else b"".join(branches)
