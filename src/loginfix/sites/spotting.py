"""Whose name it is that some bytes spell: the site's hosts in text that is not parsed.

Raw bytes have no fields. Around the one label that every name of the site contains, the longest
run of host characters is taken for the host; what may be glued to it (an escape before it, the
next field behind it) is tried without. The boundary stays a label: ``notamazon.com`` and
``amazon.com.evil.example`` are other sites.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from loginfix.sites.forms import (
    Names,
    cache2_key,
    chromium_cache_key,
    cookie_domain,
    origin,
    rev_host,
    storage_key,
    url,
)
from loginfix.sites.hosts import has_known_suffix, is_ip_address, registrable_domain
from loginfix.sites.site import Site

REACH = 255
"""How many characters around a label may belong to a host (DNS allows 253)."""

# Shorter labels occur everywhere; for those the whole domain is looked for.
_SHORTEST_LABEL = 4
_BEHIND = re.compile(rb"[a-z0-9.-]*")
# Escapes that end in host characters: %2F, %252F, \u002f, \x2f, \n.
_PERCENT = re.compile(rb"(?:25)*[0-9a-f]{2}")
_BACKSLASH = re.compile(rb"u[0-9a-f]{4}|x[0-9a-f]{2}|[bfnrt]")
_URL_LIKE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CACHE_KEY = re.compile(r"[0-9]+/[0-9]+/")
_CACHE2_KEY = re.compile(r"(?:[Oap~][^:]*,)+:")
_HOST_LIKE = re.compile(r"\.?(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*")
_REVERSED_HOST = re.compile(r"(?:[a-z0-9_-]+\.){2,}")


class Standing(Enum):
    """What a host is to the site."""

    OWNED = "owned"
    EXCLUDED = "excluded"


class Spotted(NamedTuple):
    """A host of the site, and how many characters it begins before the label."""

    host: str
    before: int
    standing: Standing


class Spotter:
    """Reads hosts of one site out of raw text."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._names = sorted({*site.domains, *site.hosts}, key=lambda name: (-len(name), name))

    @property
    def labels(self) -> tuple[str, ...]:
        """Texts of which each name of the site contains at least one, as few as possible."""
        wanted = {_label(name) for name in self._names}
        return tuple(
            sorted(
                each
                for each in wanted
                if not any(other != each and other in each for other in wanted)
            )
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The site's domains and exact hosts."""
        return tuple(sorted(self._names))

    def standing(self, host: str | None) -> Standing | None:
        """What a host is to the site; None for another site's."""
        if self.site.owns_host(host):
            return Standing.OWNED
        return Standing.EXCLUDED if self.site.excludes(host) else None

    def spot(self, before: bytes, after: bytes) -> Spotted | None:
        """The host around a label: ``after`` begins with the label, ``before`` ends at it."""
        before, after = before[-REACH:].lower(), after[:REACH].lower()
        run = _BEHIND.match(before[::-1])
        head = before[len(before) - (run.end() if run else 0) :]
        tail = _BEHIND.match(after)
        behind = tail[0] if tail else b""
        if not behind:
            return self._exactly(before, after)
        for start in _starts(before, head):
            text = (head[start:] + behind).decode("ascii")
            host = text.strip(".-")
            if host and (spotted := self._of(host)):
                skipped = len(text) - len(text.lstrip(".-"))
                return Spotted(spotted[0], len(head) - start - skipped, spotted[1])
        return self._exactly(before, after) if b":" in after[:REACH] else None

    def judge(self, names: Names) -> Standing | None:
        """What a record that is stored under these names is to the site."""
        if self.site.owns(names):
            return Standing.OWNED
        return Standing.EXCLUDED if self.site.excludes(names.host) else None

    def _of(self, host: str) -> tuple[str, Standing] | None:
        if standing := self.standing(host):
            return host, standing
        if has_known_suffix(host):
            return None
        # Fields of a record may stand side by side: "amazon.comsession-id".
        for name in self._names:
            at = host.find(name)
            rest = host[at + len(name) :]
            if at >= 0 and (at == 0 or host[at - 1] == ".") and rest and "." not in rest:
                own = host[: at + len(name)]
                if standing := self.standing(own):
                    return own, standing
        return None

    def _exactly(self, before: bytes, after: bytes) -> Spotted | None:
        """An IPv6 address, which has other characters than a name."""
        for name in self._names:
            text = name.encode("ascii")
            if (
                b":" in text
                and after.startswith(text)
                and not re.match(rb"[0-9a-z:]", after[len(text) : len(text) + 1])
                and not re.search(rb"[0-9a-z:]\Z", before)
            ):
                return Spotted(name, 0, Standing.OWNED)
        return None


def names_in(text: str) -> Names | None:
    """The hosts that a whole value names, in whatever form it does; None if it names none."""
    if len(text) > 1 << 14:
        return None
    if _CACHE_KEY.match(text):
        names = chromium_cache_key(text)
    elif _CACHE2_KEY.match(text):
        names = cache2_key(text)
    elif _URL_LIKE.match(text):
        names = _of_url(text)
    elif text.startswith("^"):
        names = origin("https://none.invalid" + text)._replace(host=None)
    elif _HOST_LIKE.fullmatch(text):
        names = cookie_domain(text)
    elif _REVERSED_HOST.fullmatch(text):
        names = rev_host(text)
    else:
        return None
    return names if any(names) else None


def hosts_within(text: str) -> Iterator[str]:
    """The hosts of all URLs in a text."""
    for found in re.finditer(r"(?:https?|wss?|ftp)://[^\s\x00-\x20\"'<>\\]{1,2048}", text):
        if host := url(found[0]).host:
            yield host


def _of_url(text: str) -> Names:
    return origin(text) if re.search(r"\^[A-Za-z]+=", text) else storage_key(text)


def _label(name: str) -> str:
    if is_ip_address(name):
        return name
    label = (registrable_domain(name) or name).partition(".")[0]
    if len(label) < _SHORTEST_LABEL or "." not in name:
        return name
    return f"{label}."


def _starts(before: bytes, head: bytes) -> Iterator[int]:
    """Where the host may begin in the run of host characters before the label."""
    yield 0
    preceding = before[: len(before) - len(head)][-1:]
    escape = {b"%": _PERCENT, b"\\": _BACKSLASH}.get(preceding)
    if escape and (found := escape.match(head)):
        yield found.end()
