"""When the hashes of a cache are looked at: each at once, or many together, which is far faster."""

from collections import defaultdict
from typing import Protocol

from loginfix.formats.block_cache.addresses import BlockCacheError
from loginfix.formats.block_cache.records import HASH_SIZE, check_hash
from loginfix.formats.superfasthash import super_fast_hash, super_fast_hashes

_RECORDS = 1024
_KEYS = 1 << 20


class Hashes(Protocol):
    """Takes what has a hash.

    Every method raises ``BlockCacheError`` where something, be it from before, does not match.
    """

    def record(self, data: bytes, what: str) -> None:
        """Take a record, its own hash at its end."""

    def key(self, key: bytes, stated: int) -> None:
        """Take a key and the hash that it should have."""

    def finish(self) -> None:
        """Look at what was put off."""


class AtOnce:
    """Each as it comes."""

    def record(self, data: bytes, what: str) -> None:
        """See ``Hashes``."""
        check_hash(data, what)

    def key(self, key: bytes, stated: int) -> None:
        """See ``Hashes``."""
        if stated != super_fast_hash(key):
            raise BlockCacheError("a key does not match its hash")

    def finish(self) -> None:
        """See ``Hashes``."""


class PutOff:
    """Many together: at most a megabyte of them waits."""

    def __init__(self) -> None:
        self._records: defaultdict[str, list[bytes]] = defaultdict(list)
        self._keys: defaultdict[int, list[bytes]] = defaultdict(list)
        self._stated: defaultdict[int, list[int]] = defaultdict(list)
        self._waiting = 0

    def record(self, data: bytes, what: str) -> None:
        """See ``Hashes``."""
        records = self._records[what]
        records.append(data)
        if len(records) == _RECORDS:
            self._look_at_records(what)

    def key(self, key: bytes, stated: int) -> None:
        """See ``Hashes``."""
        size = len(key)
        self._keys[size].append(key)
        self._stated[size].append(stated)
        self._waiting += size
        if self._waiting >= _KEYS:
            self._look_at_keys()

    def finish(self) -> None:
        """See ``Hashes``."""
        for what in self._records:
            self._look_at_records(what)
        self._look_at_keys()

    def _look_at_records(self, what: str) -> None:
        records = self._records[what]
        if not records:
            return
        size = len(records[0])
        data = b"".join(records)
        stated = [int.from_bytes(each[-HASH_SIZE:], "little") for each in records]
        if super_fast_hashes(data, size, size - HASH_SIZE) != tuple(stated):
            for each in records:
                check_hash(each, what)
        records.clear()

    def _look_at_keys(self) -> None:
        for size, keys in self._keys.items():
            if super_fast_hashes(b"".join(keys), size, size) != tuple(self._stated[size]):
                raise BlockCacheError("a key does not match its hash")
        self._keys.clear()
        self._stated.clear()
        self._waiting = 0
