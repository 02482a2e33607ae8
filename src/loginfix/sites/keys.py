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
# All hosts that a plain beginning of Chromium's can name, each as it is written in the key.
_PLAIN = rb"https?://([a-z0-9.-]+)(?::[0-9]*)?"
_CHROMIUM_HOSTS = re.compile(
    rb"(?:[0-9]+/)*(?:_dk_(?:[a-z]+_)*%b (?:%b )?)?%b[/?#]" % (_PLAIN, _PLAIN, _PLAIN)
)
_HOSTS: Mapping[str, re.Pattern[bytes]] = MappingProxyType(
    dict.fromkeys(("block_cache_key", "chromium_cache_key"), _CHROMIUM_HOSTS)
)
_UNKNOWN = Names("", None)  # like no other: a host is not empty
_MOST_KNOWN = 1 << 16
_LONGEST_FOREIGN = 3 * LONGEST_KEPT  # bytes; a key of the web has up to three hosts
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
    host is remembered, and their keys are not taken apart again. Most of what is met anew names
    none but hosts that were met before: that is not taken apart either.
    """

    def __init__(self, form: str, site: Site) -> None:
        self._form = FORMS[form]
        self._form_name = form
        self._hosts_in = _HOSTS.get(form)
        self._site = site
        self._known: dict[bytes, Names | None] = {}
        self._foreign: set[bytes | None] = {None}

    def owned(self, key: bytes) -> Names | None:
        """What a key names, if that makes it the site's; None for all others."""
        # The beginning that decides, if the key is a plain one: then no space is behind it. To
        # look for it so costs half as much as to take the key apart up to there.
        address = key.find(b"://", key.rfind(b" ") + 1)
        begin = key[: key.find(b"/", address + 3) + 1]
        names = self._known.get(begin, _UNKNOWN)
        if names is not _UNKNOWN:
            return names
        if self._is_foreign(begin):
            self._remember(begin, None)
            return None
        return self._met_anew(key)

    def _met_anew(self, key: bytes) -> Names | None:
        begin = deciding_part(self._form_name, key)
        if begin is None or len(begin) > _LONGEST_KNOWN:
            return self._read(key)
        names = self._known.get(begin, _UNKNOWN)
        if names is _UNKNOWN:
            names = self._remember(begin, self._read(begin))
        return names

    def _remember(self, begin: bytes, names: Names | None) -> Names | None:
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[begin] = names
        return names

    def _is_foreign(self, begin: bytes) -> bool:
        """Whether this decides, and every host in it is known not to be the site's."""
        if not self._hosts_in or len(begin) > _LONGEST_FOREIGN:
            return False
        plain = self._hosts_in.fullmatch(begin)
        if not plain:
            return False
        hosts: tuple[bytes | None, ...] = plain.groups()
        if self._foreign.issuperset(hosts):
            return True
        if len(self._foreign) >= _MOST_KNOWN:
            self._foreign = {None}
        met_anew = set(hosts) - self._foreign
        self._foreign |= {host for host in met_anew if not self._owns(host)}
        return self._foreign.issuperset(hosts)

    def _owns(self, host: bytes | None) -> bool:
        return host is not None and self._site.owns_host(host.decode("ascii"))

    def _read(self, key: bytes) -> Names | None:
        names = self._form(key.decode("utf-8", "replace"))
        return names if self._site.owns(names) else None
