"""Whose the keys of a cache are: many thousands, of which most begin alike."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from loginfix.sites.forms import FORMS, Names
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
_MOST_KNOWN = 1 << 16
_LONGEST_KNOWN = 1 << 10  # bytes; hosts have 253, and a key of the web has up to three of them


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
    host is remembered, and their keys are not taken apart again.
    """

    def __init__(self, form: str, site: Site) -> None:
        self._form = FORMS[form]
        self._form_name = form
        self._site = site
        self._known: dict[bytes, Names | None] = {}

    def owned(self, key: bytes) -> Names | None:
        """What a key names, if that makes it the site's; None for all others."""
        begin = deciding_part(self._form_name, key)
        if begin is None or len(begin) > _LONGEST_KNOWN:
            return self._read(key)
        try:
            return self._known[begin]
        except KeyError:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            names = self._known[begin] = self._read(begin)
            return names

    def _read(self, key: bytes) -> Names | None:
        names = self._form(key.decode("utf-8", "replace"))
        return names if self._site.owns(names) else None
