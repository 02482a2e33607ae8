"""Reads the keys of an HTTP cache's entries, independently of loginfix's own codecs."""

import sqlite3
import struct
from contextlib import closing
from pathlib import Path

SIMPLE_MAGIC = 0xFCFB6D1BA7725C30
SIMPLE_HEADER = 24
INDEX_HEADER = 368
BLOCK_FILE_HEADER = 8192
CHUNK = 256 * 1024


def chromium_cache_keys(directory: Path) -> list[str]:
    """Return the keys in Chromium's HTTP cache, whichever back end has written it."""
    return other_cache_keys(directory) or simple_cache_keys(directory)


def other_cache_keys(directory: Path) -> list[str]:
    """Return the keys where the back end is not the simple one."""
    if (directory / "data_1").exists():
        return block_cache_keys(directory)
    return sql_cache_keys(directory)


def block_cache_keys(directory: Path) -> list[str]:
    """Return the keys in Chromium's block-file cache."""
    return sorted(key for key, _ in block_cache_entries(directory))


def block_cache_entries(directory: Path) -> list[tuple[str, list[bytes]]]:
    """Return key and streams of each entry (net/disk_cache/blockfile/disk_format.h)."""
    index = (directory / "index").read_bytes()
    table = struct.unpack_from(f"<{(len(index) - INDEX_HEADER) // 4}I", index, INDEX_HEADER)
    entries = []
    for bucket in table:
        address = bucket
        while address:
            entry = _block(directory, address)
            address, length, outside = (
                struct.unpack_from("<I", entry, at)[0] for at in (4, 32, 36)
            )
            text = _block(directory, outside) if outside else entry[96:]
            sizes = struct.unpack_from("<4I", entry, 40)
            places = struct.unpack_from("<4I", entry, 56)
            streams = [
                _block(directory, place)[:size]
                for place, size in zip(places, sizes, strict=True)
                if place
            ]
            entries.append((text[:length].decode(), streams))
    return entries


def _block(directory: Path, address: int) -> bytes:
    kind, blocks, number = address >> 28 & 7, (address >> 24 & 3) + 1, address >> 16 & 0xFF
    if kind == 0:
        return (directory / f"f_{address & 0xFFFFFFF:06x}").read_bytes()
    size = {1: 36, 2: 256, 3: 1024, 4: 4096}[kind]
    with (directory / f"data_{number}").open("rb") as file:
        file.seek(BLOCK_FILE_HEADER + (address & 0xFFFF) * size)
        return file.read(blocks * size)


def sql_cache_keys(directory: Path) -> list[str]:
    """Return the keys in Chromium's SQL cache (net/disk_cache/sql/)."""
    keys = []
    for path in directory.glob("sqldb*"):
        if path.name.endswith(("-wal", "-shm", "-journal")):
            continue
        with closing(sqlite3.connect(path)) as database:
            keys += [key for (key,) in database.execute("SELECT cache_key FROM resources")]
    return sorted(keys)


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
