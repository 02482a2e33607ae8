"""Chromium's block-file cache: which bytes of its files belong to which entry.

Formats: net/disk_cache/blockfile/disk_format.h, disk_format_base.h and addr.h. The index leads to
the entries, an entry's addresses to its key, headers and body. What no entry leads to is nobody's.
"""

import struct
from array import array
from collections.abc import Callable, Iterator, Mapping, MutableSequence, Sequence
from typing import overload

from loginfix.sites.keys import deciding_part
from loginfix.tracing.model import UNKNOWN, Record
from loginfix.tracing.readers.cache_entries import key_record

Read = Callable[[str, int, int], bytes]
"""Bytes of a file of the cache: name, offset, size; fewer or none where there are none."""

Range = tuple[int, int, Record]
"""Where a part of a file begins and ends, and whose it is."""

Ranges = Mapping[str, Sequence[Range]]
"""Whose each part of each file is; sorted."""

_Place = tuple[str, int, int]
_INDEX_MAGIC = bytes.fromhex("c3ca03c1")
_TABLE_AT = 368
_SMALLEST_TABLE = 65536
_BLOCK_HEADER = 8192
_BLOCK_SIZES = {1: 36, 2: 256, 3: 1024, 4: 4096}
_BLOCK_FILES = tuple(f"data_{number}" for number in range(256))
_ENTRY = 256
_KEY_AT = 96
_MOST_ENTRIES = 2_000_000
# Of an entry: length and address of its key; sizes and addresses of its streams.
_FIELDS = struct.Struct("<32xiI4i4I")
_ADDRESS = struct.Struct("<I")


class _Records:
    """Whose entries are, each record once: most keys begin as one before did."""

    def __init__(self) -> None:
        self._numbers: dict[Record, int] = {}
        self._known: dict[bytes, int] = {}
        self.all: list[Record] = []

    def number(self, key: bytes) -> int:
        """The number in ``all`` of a key's record."""
        begin = deciding_part("chromium_cache_key", key)
        if begin is None:
            return self._number(key)
        number = self._known.get(begin)
        if number is None:
            number = self._known[begin] = self._number(begin)
        return number

    def _number(self, key: bytes) -> int:
        record = key_record(key, UNKNOWN)
        number = self._numbers.setdefault(record, len(self.all))
        if number == len(self.all):
            self.all.append(record)
        return number


class _Parts(Sequence[Range]):
    """The ranges of one file, in twelve bytes each."""

    def __init__(self, records: list[Record]) -> None:
        self._records = records
        # Where a range begins, in the upper half, and how long it is: in the order of ranges.
        self._places: MutableSequence[int] = array("Q")
        self._numbers: MutableSequence[int] = array("I")

    def add(self, start: int, size: int, number: int) -> None:
        """Take up a range of the record with a number; ``sort`` is still to be called."""
        # A damaged key may have a length below zero: like none, it covers nothing.
        self._places.append(start << 32 | max(size, 0))
        self._numbers.append(number)

    def sort(self) -> None:
        """Bring the ranges into order."""
        order = sorted(range(len(self._places)), key=self._places.__getitem__)
        self._places = array("Q", map(self._places.__getitem__, order))
        self._numbers = array("I", map(self._numbers.__getitem__, order))

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Range: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Range]: ...

    def __getitem__(self, index: int | slice) -> Range | Sequence[Range]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        place = self._places[index]
        start = place >> 32
        return start, start + (place & 0xFFFFFFFF), self._records[self._numbers[index]]


def ranges(read: Read) -> Ranges:
    """Follow the index; empty if it is none."""
    head = read("index", 0, _TABLE_AT)
    found: dict[str, _Parts] = {}
    if not head.startswith(_INDEX_MAGIC) or len(head) < _TABLE_AT:
        return found
    length = int.from_bytes(head[28:32], "little") or _SMALLEST_TABLE
    table = read("index", _TABLE_AT, 4 * min(length, 1 << 20))
    records = _Records()
    seen: set[int] = set()
    for (first,) in _ADDRESS.iter_unpack(table[: len(table) // 4 * 4]):
        for place, data in _chain(read, first, seen) if first else ():
            key, parts = _entry(read, place, data)
            number = records.number(key)
            for name, start, size in parts:
                if name not in found:
                    found[name] = _Parts(records.all)
                found[name].add(start, size, number)
    for each in found.values():
        each.sort()
    return found


def _chain(read: Read, address: int, seen: set[int]) -> Iterator[tuple[_Place, bytes]]:
    """The entries of one bucket, as they are stored; each once, whatever the pointers say."""
    while address and address not in seen and len(seen) < _MOST_ENTRIES:
        seen.add(address)
        if (place := _place(address, _ENTRY)) is None:
            return
        data = read(*place)
        if len(data) >= _KEY_AT:
            yield place, data
        address = int.from_bytes(data[4:8], "little")


def _entry(read: Read, place: _Place, data: bytes) -> tuple[bytes, list[_Place]]:
    """The key of an entry, and everything that is the entry's."""
    length, long_key, *streams = _FIELDS.unpack_from(data)
    parts = [place]
    key = data[_KEY_AT : _KEY_AT + max(length, 0)]
    if long_key and (far := _place(long_key, length + 1)):
        key = read(far[0], far[1], min(max(length, 0), 1 << 20))
        parts.append(far)
    for size, at in zip(streams[:4], streams[4:], strict=True):
        if at and size > 0 and (body := _place(at, size)):
            parts.append(body)
    return key, parts


def _place(address: int, size: int) -> _Place | None:
    """File, offset and size of an address (addr.h); None if it is not in use."""
    if not address & 0x8000_0000:
        return None
    kind = address >> 28 & 7
    if kind == 0:
        return f"f_{address & 0x0FFF_FFFF:06x}", 0, size
    block = _BLOCK_SIZES.get(kind)
    if block is None:
        return None
    count = (address >> 24 & 3) + 1
    offset = _BLOCK_HEADER + block * (address & 0xFFFF)
    return _BLOCK_FILES[address >> 16 & 0xFF], offset, block * count
