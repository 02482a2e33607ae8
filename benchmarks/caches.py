"""Large web caches: Chromium's simple one and its block files, and Firefox's ``cache2``."""

from pathlib import Path

import block_caches
import synthetic
from benchmarks.content import Content
from loginfix.formats import cache2, simple_cache, simple_cache_index

_MEAN_ENTRY = 13_000
_MEAN_SMALL = 1_500
_MEAN_IN_BLOCKS = 3_000
_LARGEST_IN_BLOCKS = 16 << 10
_FURTHER_FILES = 3
_NOW = 13_440_000_000_000_000


def simple(home: Path, count: int) -> Path:
    """Chromium with ``count`` entries, 13 kB each on average; gives the directory of the cache."""
    content = Content()
    synthetic.chromium(home)
    directory = home / ".cache/chromium/Default/Cache/Cache_Data"
    (directory / "index-dir").mkdir(parents=True)
    listed = {}
    for number in range(count):
        key = _chromium_key(content, number)
        entry = simple_cache.build_entry(key, content.headers(), content.body(_MEAN_ENTRY))
        directory.joinpath(simple_cache.entry_file_name(key, "0")).write_bytes(entry)
        size = -(-len(entry) // 256) * 256
        listed[simple_cache.entry_hash(key)] = simple_cache_index.IndexEntry(_NOW, size, 0)
    sizes = sum(each.size for each in listed.values())
    mtime = directory.stat().st_mtime_ns // 1000 + 11_644_473_600_000_000
    index = simple_cache_index.Index(9, sizes, 1, listed, mtime)
    directory.joinpath("index-dir/the-real-index").write_bytes(
        simple_cache_index.build_index(index)
    )
    return directory


def blocks(home: Path, count: int) -> Path:
    """Chromium as on Windows, with ``count`` entries in block files; gives their directory."""
    content = Content()
    synthetic.chromium(home)
    directory = home / ".cache/chromium/Default/Cache/Cache_Data"
    entries = (
        block_caches.new_entry(
            _chromium_key(content, number),
            (content.headers(), content.body(_MEAN_IN_BLOCKS)[:_LARGEST_IN_BLOCKS]),
            used=number,
        )
        for number in range(count)
    )
    files = block_caches.Files.empty(further=_FURTHER_FILES)
    block_caches.with_entries(entries, files).write(directory)
    return directory


def firefox(home: Path, count: int) -> Path:
    """Firefox with ``count`` entries, small ones; gives the directory of the cache."""
    content = Content()
    profile = synthetic.firefox(home).path
    directory = home / ".cache/mozilla/firefox" / profile.name / "cache2"
    (directory / "entries").mkdir(parents=True)
    for number in range(count):
        site, url = content.loaded(number)
        key = f"O^partitionKey=%28https%2C{site}%29,:{url}".encode()
        elements = {
            "request-method": b"GET",
            "response-head": content.headers().replace(b"\0", b"\r\n"),
            "original-response-headers": content.headers().replace(b"\0", b"\r\n"),
        }
        entry = cache2.build_entry(key, content.body(_MEAN_SMALL), elements)
        directory.joinpath("entries", cache2.entry_name(key)).write_bytes(entry)
    return directory


def _chromium_key(content: Content, number: int) -> bytes:
    site, url = content.loaded(number)
    return f"1/0/_dk_https://{site} https://{site} {url}".encode()
