"""Chromium's cache of compiled scripts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from loginfix.errors import Problem, UnsafePathError
from loginfix.formats import simple_cache
from loginfix.sites.forms import Names
from loginfix.sites.mentions import is_mentioned
from loginfix.stores.caches.files import CachedFile
from loginfix.stores.caches.simple import SimpleCacheStore
from loginfix.stores.model import Place, Wish

_BODY_KEY = re.compile(rb"[0-9A-F]{64}")
# Stream 0 of an entry whose script is kept elsewhere: time, size, key of the body.
_REFERENCE = re.compile(rb".{12}([0-9A-F]{64})", re.DOTALL)
_REFERENCE_SIZE = 76


@dataclass(frozen=True, slots=True)
class CodeCacheStore(SimpleCacheStore):
    """``Code Cache/js`` and its like: small entries by URL, large bodies by their hash.

    Several scripts may share a body (content/browser/code_cache/generated_code_cache.cc). A body
    goes when no entry that stays refers to it, and one that goes does, or the site is named in it.
    """

    key_form: ClassVar[str] = "code_cache_key"

    def read_address(self, place: Place, rel: str) -> str:
        """Read what is before the sites that a key may end with; see ``FileCache``."""
        key = _key_of(place, rel).decode("utf-8", "replace")
        return key.partition(" \n")[0].removeprefix("_key")

    def owned(self, place: Place, wish: Wish, problems: list[Problem]) -> Iterator[CachedFile]:
        """Yield the site's small entries, then the bodies that are left over; see ``FileCache``."""
        hits = list(super(CodeCacheStore, self).owned(place, wish, problems))
        yield from hits
        going = {body: hit.names for hit in hits if (body := _body_of(place, hit.rel))}
        gone = {hit.rel for hit in hits}
        staying = [each for each in self.candidates(place) if each[0] not in gone]
        keys = {rel: _key_of(place, rel) for rel, _ in staying}
        kept = {_body_of(place, rel) for rel, key in keys.items() if not _is_body(key)}
        for rel, entry in staying:
            key = keys[rel]
            if not _is_body(key) or key in kept:
                continue
            if key in going:
                yield CachedFile(rel, entry, going[key])
            elif _is_mentioned(place, rel, wish):
                yield CachedFile(rel, entry, Names(None, None))


def _is_body(key: bytes) -> bool:
    return _BODY_KEY.fullmatch(key) is not None


def _is_mentioned(place: Place, rel: str, wish: Wish) -> bool:
    with place.tree.open(rel) as file:
        return is_mentioned(file, wish.site)


def _key_of(place: Place, rel: str) -> bytes:
    """The key; empty in a file that cannot be read, which was reported before."""
    try:
        with place.tree.open(rel) as file:
            return simple_cache.read_key(file)
    except (OSError, ValueError, UnsafePathError):
        return b""


def _body_of(place: Place, rel: str) -> bytes | None:
    """The key of the body that an entry refers to."""
    try:
        with place.tree.open(rel) as file:
            stream = simple_cache.parse_entry(file).stream0
            if stream.size != _REFERENCE_SIZE:
                return None
            file.seek(stream.offset)
            found = _REFERENCE.fullmatch(file.read(stream.size))
    except (OSError, ValueError, UnsafePathError):
        return None
    return found[1] if found else None
