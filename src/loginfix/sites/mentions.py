"""A site's hosts in raw bytes, whatever these are."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO

from loginfix.sites.site import Site

_BLOCK = 1 << 20
_LONGEST_HOST = 255
_FOLLOWING = 16


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
    pattern = _pattern(site, encoding)
    width = len("a".encode(encoding))
    overlap = 4 * _LONGEST_HOST * width
    window, block = b"", file.read(_BLOCK)
    while block:
        following = file.read(_BLOCK)
        # What touches an inner edge is cut off there, and whole in the window before or after.
        cut_at_start, window = bool(window), window[-overlap:] + block
        for match in pattern.finditer(window):
            whole_end = match.end() < len(window) or not following
            whole_start = match.start() > 0 or not cut_at_start
            host = match[1].decode(encoding).lstrip(".-")
            if whole_start and whole_end and site.owns_host(host):
                yield host, match[0].decode(encoding).encode("ascii")
        block = following


@lru_cache(maxsize=32)
def _pattern(site: Site, encoding: str) -> re.Pattern[bytes]:
    """A host of the site (group 1) and what follows it."""
    before, after = {
        "ascii": (b"", b""),
        "utf-16-le": (b"", rb"\0"),
        "utf-16-be": (rb"\0", b""),
    }[encoding]

    def one_of(characters: bytes) -> bytes:
        return b"(?:%b[%b]%b)" % (before, characters, after)

    def text(name: str) -> bytes:
        return b"".join(before + re.escape(character.encode("ascii")) + after for character in name)

    names = b"|".join(text(name) for name in (*site.domains, *site.hosts))
    label = one_of(b"a-z0-9.-")
    host = b"%b{0,%d}(?:%b)(?!%b)" % (label, _LONGEST_HOST, names, one_of(b".-"))
    return re.compile(b"(%b)%b{0,%d}" % (host, one_of(b"!-~"), _FOLLOWING))
