"""Reads the keys of an HTTP cache's entries, independently of loginfix's own codecs."""

import struct
from pathlib import Path

SIMPLE_MAGIC = 0xFCFB6D1BA7725C30
SIMPLE_HEADER = 24
CHUNK = 256 * 1024


def simple_cache_keys(directory: Path) -> list[str]:
    """Return the keys in Chromium's simple cache (net/disk_cache/simple/simple_entry_format.h)."""
    keys = []
    for path in directory.glob("*_0"):
        data = path.read_bytes()
        magic, _, length = struct.unpack_from("<QII", data)
        if magic == SIMPLE_MAGIC:
            keys.append(data[SIMPLE_HEADER : SIMPLE_HEADER + length].decode())
    return sorted(keys)


def cache2_keys(directory: Path) -> list[str]:
    """Return the keys in Firefox's cache2 (netwerk/cache2/CacheFileMetadata.h)."""
    keys = []
    for path in (directory / "entries").iterdir():
        data = path.read_bytes()
        (size,) = struct.unpack_from(">I", data, len(data) - 4)
        chunks = (size + CHUNK - 1) // CHUNK
        header = size + 4 + 2 * chunks
        version, *_, key_size = struct.unpack_from(">7I", data, header)
        start = header + (32 if version > 1 else 28)
        keys.append(data[start : start + key_size].decode())
    return sorted(keys)
