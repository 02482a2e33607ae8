"""The index of Chromium's "simple" cache: ``index-dir/the-real-index``.

Source: Chromium ``net/disk_cache/simple/simple_index_file.cc``, checked on files that Chromium 156
wrote. All numbers are little-endian.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import NamedTuple

from loginfix.formats.simple_cache import SimpleCacheError

_CHECK = struct.Struct("<II")
_HEADER = struct.Struct("<QIQQI")
_ENTRY = struct.Struct("<QqQ")
_MTIME = struct.Struct("<q")
_MAGIC = 0x656E74657220796F
# Version 8 packed hints into the size; 9 put a read-ahead size into indexes that keep no times.
_VERSIONS = (8, 9)


class IndexEntry(NamedTuple):
    """What the index says of an entry.

    ``last_used`` is in µs since 1601 (in Cache Storage and script caches: bytes to read ahead);
    ``size`` is Chromium's estimate in bytes, a multiple of 256 and a little more than the files
    have; ``hints`` is a byte that Chromium keeps for itself.
    """

    last_used: int
    size: int
    hints: int


@dataclass(frozen=True, slots=True)
class Index:
    """The file ``index-dir/the-real-index``.

    ``cache_size`` is in bytes. ``directory_mtime`` is the modification time of the cache directory
    in µs since 1601: Chromium rebuilds the index when the directory is newer.
    """

    version: int
    cache_size: int
    write_reason: int
    entries: dict[int, IndexEntry]
    directory_mtime: int


def parse_index(data: bytes) -> Index:
    """Read ``the-real-index``, a ``base::Pickle`` with a CRC-32 in its header.

    Raises:
        SimpleCacheError: Damaged, or of a version whose layout is not known.
    """
    payload = data[_CHECK.size :]
    if len(payload) < _HEADER.size + _MTIME.size:
        raise SimpleCacheError("the index ends inside its header")
    size, crc = _CHECK.unpack_from(data)
    if size != len(payload) or crc != zlib.crc32(payload):
        raise SimpleCacheError("the index does not match its checksum")
    magic, version, count, cache_size, reason = _HEADER.unpack_from(payload)
    if magic != _MAGIC or version not in _VERSIONS:
        raise SimpleCacheError(f"unknown index version {version}")
    table = payload[_HEADER.size : -_MTIME.size]
    if len(table) != count * _ENTRY.size:
        raise SimpleCacheError("the index does not hold as many entries as it says")
    entries = {
        key: IndexEntry(last_used, packed & ~0xFF, packed & 0xFF)
        for key, last_used, packed in _ENTRY.iter_unpack(table)
    }
    if len(entries) != count:
        raise SimpleCacheError("the index names an entry twice")
    (mtime,) = _MTIME.unpack(payload[-_MTIME.size :])
    return Index(version, cache_size, reason, entries, mtime)


def build_index(index: Index) -> bytes:
    """Write what ``parse_index`` reads, byte for byte."""
    payload = bytearray(
        _HEADER.pack(
            _MAGIC, index.version, len(index.entries), index.cache_size, index.write_reason
        )
    )
    for key, entry in index.entries.items():
        payload += _ENTRY.pack(key, entry.last_used, entry.size | entry.hints)
    payload += _MTIME.pack(index.directory_mtime)
    return _CHECK.pack(len(payload), zlib.crc32(payload)) + payload
