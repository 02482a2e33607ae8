"""Whose the keys of a cache are: many thousands, of which most begin alike."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from loginfix.sites.forms import FORMS, Names
from loginfix.sites.hosts import LONGEST_KEPT
from loginfix.sites.site import Site

# What decides whose a plain key is, up to the end of its host: nothing behind it is looked at.
_HOST = rb"https?://[a-z0-9.-]+(?::[0-9]*)?[/?#]"
_CHROMIUM = re.compile(rb"(?:[0-9]+/)*(?:_dk_[!-~]+(?: [!-~]+)? )?" + _HOST)
_STEMS: Mapping[str, re.Pattern[bytes]] = MappingProxyType(
    {
        "block_cache_key": _CHROMIUM,
        "chromium_cache_key": _CHROMIUM,
        "cache2_key": re.compile(rb"(?:(?!dict:)[ -+\--9;-~][^,]*,)*:" + _HOST),
    }
)
# The two parts of a plain beginning of Chromium's, each with all hosts that it names.
_PLAIN = rb"https?://([a-z0-9.-]+)(?::[0-9]*)?"
_SITES = re.compile(rb"(?:[0-9]+/)*_dk_(?:[a-z]+_)*%b (?:%b )?" % (_PLAIN, _PLAIN))
_ADDRESS = re.compile(rb"(?:[0-9]+/)*%b/" % _PLAIN)
_IN_TWO_PARTS = frozenset({"block_cache_key", "chromium_cache_key"})
_UNKNOWN = Names("", None)  # like no other: a host is not empty
_MOST_KNOWN = 1 << 16
_LONGEST_FOREIGN = 2 * LONGEST_KEPT  # bytes; a part has up to two hosts
_LONGEST_KNOWN = 1 << 10  # bytes


def deciding_part(form: str, key: bytes) -> bytes | None:
    """The beginning of a key that alone decides what the key names; None if that cannot be told."""
    pattern = _STEMS.get(form)
    stem = pattern.match(key) if pattern else None
    # Chromium's form is read from its last space on.
    if stem is None or key.find(b" ", stem.end()) >= 0:
        return None
    return stem[0]


class Keys:
    """Tells the site's keys of one form from all others.

    Most keys are made of a partition, a host and a path. What was found out for a partition and a
    host is remembered, and their keys are not taken apart again; of Chromium's, either is
    remembered by itself where it is plainly another site's.
    """

    def __init__(self, form: str, site: Site) -> None:
        self._form = FORMS[form]
        self._form_name = form
        self._site = site
        self._known: dict[bytes, Names | None] = {}
        # No sites is a part of Chromium's keys, too; of other forms, none is taken in parts.
        self._foreign = {b""} if form in _IN_TWO_PARTS else set()

    def owned(self, key: bytes) -> Names | None:
        """What a key names, if that makes it the site's; None for all others."""
        # Where the address begins, and its host ends. To look for them so costs a third of what it
        # takes to read the key up to there.
        start = key.rfind(b" ") + 1
        end = key.find(b"/", key.find(b"://", start) + 3) + 1
        sites, address = key[:start], key[start:end]
        if address and sites in self._foreign and address in self._foreign:
            return None
        # Of a plain key, that is the beginning that decides.
        names = self._known.get(key[:end], _UNKNOWN)
        if names is not _UNKNOWN:
            return names
        if address and self._foreign and self._is_foreign(sites) and self._is_foreign(address):
            return None
        return self._met_anew(key)

    def _is_foreign(self, part: bytes) -> bool:
        """Whether a part is a plain one, in which every host is another site's."""
        if part in self._foreign:
            return True
        if len(part) > _LONGEST_FOREIGN:
            return False
        plain = (_SITES if part.endswith(b" ") else _ADDRESS).fullmatch(part)
        if not plain or any(map(self._owns, plain.groups())):
            return False
        if len(self._foreign) >= _MOST_KNOWN:
            self._foreign = {b""}
        self._foreign.add(part)
        return True

    def _met_anew(self, key: bytes) -> Names | None:
        begin = deciding_part(self._form_name, key)
        if begin is None or len(begin) > _LONGEST_KNOWN:
            return self._read(key)
        names = self._known.get(begin, _UNKNOWN)
        if names is _UNKNOWN:
            names = self._read(begin)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[begin] = names
        return names

    def _owns(self, host: bytes | None) -> bool:
        return host is not None and self._site.owns_host(host.decode("ascii"))

    def _read(self, key: bytes) -> Names | None:
        names = self._form(key.decode("utf-8", "replace"))
        return names if self._site.owns(names) else None
