"""Chromium's block-file cache: which bytes of its files belong to which entry.

Formats: net/disk_cache/blockfile/disk_format.h, disk_format_base.h and addr.h. The index leads to
the entries, an entry's addresses to its key, headers and body. What no entry leads to is nobody's.
"""

from collections.abc import Callable, Iterator, Mapping

from loginfix.tracing.model import UNKNOWN, Record
from loginfix.tracing.readers.cache_entries import key_record

Read = Callable[[str, int, int], bytes]
"""Bytes of a file of the cache: name, offset, size; fewer or none where there are none."""

Ranges = Mapping[str, list[tuple[int, int, Record]]]
"""Whose each range of each file is: start, end, record; sorted."""

_INDEX_MAGIC = bytes.fromhex("c3ca03c1")
_TABLE_AT = 368
_SMALLEST_TABLE = 65536
_BLOCK_HEADER = 8192
_BLOCK_SIZES = {1: 36, 2: 256, 3: 1024, 4: 4096}
_ENTRY = 256
_KEY_AT = 96
_MOST_ENTRIES = 2_000_000


def ranges(read: Read) -> Ranges:
    """Follow the index; empty if it is none."""
    head = read("index", 0, _TABLE_AT)
    found: dict[str, list[tuple[int, int, Record]]] = {}
    if not head.startswith(_INDEX_MAGIC) or len(head) < _TABLE_AT:
        return found
    length = int.from_bytes(head[28:32], "little") or _SMALLEST_TABLE
    table = read("index", _TABLE_AT, 4 * min(length, 1 << 20))
    seen: set[int] = set()
    for at in range(0, len(table) - 3, 4):
        for address in _chain(read, int.from_bytes(table[at : at + 4], "little"), seen):
            for name, start, end, record in _entry(read, address):
                found.setdefault(name, []).append((start, end, record))
    for each in found.values():
        each.sort(key=lambda part: part[:2])
    return found


def _chain(read: Read, address: int, seen: set[int]) -> Iterator[int]:
    """The entries of one bucket; each once, whatever the pointers say."""
    while address and address not in seen and len(seen) < _MOST_ENTRIES:
        seen.add(address)
        if (place := _place(address, _ENTRY)) is None:
            return
        yield address
        address = int.from_bytes(read(place[0], place[1] + 4, 4), "little")


def _entry(read: Read, address: int) -> Iterator[tuple[str, int, int, Record]]:
    place = _place(address, _ENTRY)
    if place is None:
        return
    name, start, size = place
    data = read(name, start, size)
    if len(data) < _KEY_AT:
        return
    length = int.from_bytes(data[32:36], "little", signed=True)
    long_key = int.from_bytes(data[36:40], "little")
    parts = [place]
    key = data[_KEY_AT : _KEY_AT + max(length, 0)]
    if long_key and (far := _place(long_key, length + 1)):
        key = read(far[0], far[1], min(max(length, 0), 1 << 20))
        parts.append(far)
    for stream in range(4):
        size = int.from_bytes(data[40 + 4 * stream : 44 + 4 * stream], "little", signed=True)
        at = int.from_bytes(data[56 + 4 * stream : 60 + 4 * stream], "little")
        if at and size > 0 and (body := _place(at, size)):
            parts.append(body)
    record = key_record(key, UNKNOWN)
    for file, begin, count in parts:
        yield file, begin, begin + count, record


def _place(address: int, size: int) -> tuple[str, int, int] | None:
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
    return f"data_{address >> 16 & 0xFF}", _BLOCK_HEADER + block * (address & 0xFFFF), block * count
