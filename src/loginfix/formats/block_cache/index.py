"""The file ``index``: counts, the heads and tails of the lists, and the hash table.

Source: ``disk_format.h`` (``IndexHeader``, ``LruData``), ``BackendImpl::CheckIndex``.
"""

import struct
from collections.abc import Iterator

from loginfix.formats.block_cache.addresses import BlockCacheError

MAGIC = 0xC103CAC3
LISTS = 5
"""By use: none, low, high; reserved; evicted and doomed."""

_VERSION = 0x30000
_HEADER = 368
_TABLE_STEP = 0x10000
# kBaseTableLen times 16 serves the largest cache there can be.
_MAX_TABLE = _TABLE_STEP * 16
MAX_SIZE = _HEADER + 4 * _MAX_TABLE
"""Bytes of the largest index."""

_NUM_ENTRIES, _LAST_FILE, _STATS, _TABLE_LENGTH = 8, 16, 24, 28
_NUM_BYTES, _CORRUPTION = 48, 56
_SIZES, _HEADS, _TAILS, _TRANSACTION = 268, 288, 308, 328
_BUCKETS = 64
_STRETCH = struct.Struct(f"<{_BUCKETS}I")
_NUMBER, _ADDRESS, _LONG = struct.Struct("<i"), struct.Struct("<I"), struct.Struct("<q")


class Index:
    """A checked index in memory; ``data`` is the file."""

    def __init__(self, data: bytes) -> None:
        """Check and take over the content of the file.

        Raises:
            BlockCacheError: Not an index that this program may edit; the text says why.
        """
        if len(data) < _HEADER or _ADDRESS.unpack_from(data)[0] != MAGIC:
            raise BlockCacheError("index is not that of a block-file cache")
        self.data = bytearray(data)
        version = self._get(_ADDRESS, 4)
        if version != _VERSION:
            raise BlockCacheError(f"unknown version {version:#x} of the cache")
        length = self._get(_NUMBER, _TABLE_LENGTH)
        # The bucket is cut out of the hash with a mask, so other lengths would not do.
        if not _TABLE_STEP <= length <= _MAX_TABLE or length & (length - 1):
            raise BlockCacheError(f"impossible length {length} of the table")
        if len(data) < _HEADER + 4 * length:
            raise BlockCacheError("index ends inside its table")
        if self._get(_NUMBER, _CORRUPTION):
            raise BlockCacheError("the browser found it corrupt and will drop it")
        if self._get(_ADDRESS, _TRANSACTION):
            raise BlockCacheError("the browser was killed in the middle of a change")
        if self.entries < 0 or self.size < 0:
            raise BlockCacheError("impossible counts in index")
        self.mask = length - 1

    @property
    def entries(self) -> int:
        """Number of entries, evicted ones included."""
        return self._get(_NUMBER, _NUM_ENTRIES)

    @entries.setter
    def entries(self, number: int) -> None:
        self._set(_NUMBER, _NUM_ENTRIES, max(number, 0))

    @property
    def size(self) -> int:
        """Size of all keys and streams, in bytes."""
        return self._get(_LONG, _NUM_BYTES)

    @size.setter
    def size(self, number: int) -> None:
        self._set(_LONG, _NUM_BYTES, max(number, 0))

    @property
    def last_file(self) -> int:
        """Number of the ``f_*`` file made last."""
        return self._get(_NUMBER, _LAST_FILE)

    @last_file.setter
    def last_file(self, number: int) -> None:
        self._set(_NUMBER, _LAST_FILE, number)

    @property
    def stats(self) -> int:
        """Address of the statistics."""
        return self._get(_ADDRESS, _STATS)

    def buckets(self) -> Iterator[tuple[int, int]]:
        """Each bucket that has an entry, and the address of the first."""
        empty = bytes(_STRETCH.size)
        # Nearly all are empty: passing over whole stretches is far faster than reading each.
        for first in range(0, self.mask + 1, _BUCKETS):
            offset = _HEADER + 4 * first
            if self.data[offset : offset + _STRETCH.size] != empty:
                for number, value in enumerate(_STRETCH.unpack_from(self.data, offset)):
                    if value:
                        yield first + number, value

    def bucket(self, bucket: int) -> int:
        """The address of the first entry of a bucket."""
        return self._get(_ADDRESS, _HEADER + 4 * bucket)

    def set_bucket(self, bucket: int, value: int) -> None:
        """Let a bucket begin with another entry."""
        self._set(_ADDRESS, _HEADER + 4 * bucket, value)

    def ends(self, number: int) -> tuple[int, int]:
        """Addresses of the first and the last node of a list."""
        return self._get(_ADDRESS, _HEADS + 4 * number), self._get(_ADDRESS, _TAILS + 4 * number)

    def set_ends(self, number: int, head: int, tail: int, *, grown: int) -> None:
        """Let a list begin and end elsewhere, and be longer by ``grown`` nodes."""
        self._set(_ADDRESS, _HEADS + 4 * number, head)
        self._set(_ADDRESS, _TAILS + 4 * number, tail)
        size = self._get(_NUMBER, _SIZES + 4 * number) + grown
        self._set(_NUMBER, _SIZES + 4 * number, max(size, 0))

    def _get(self, form: struct.Struct, offset: int) -> int:
        return int(form.unpack_from(self.data, offset)[0])

    def _set(self, form: struct.Struct, offset: int, value: int) -> None:
        form.pack_into(self.data, offset, value)
