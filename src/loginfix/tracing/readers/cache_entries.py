"""Files of one cache entry: whose the entry is, and its body as the browser would read it.

Chromium's simple cache: net/disk_cache/simple/simple_entry_format.h. Firefox's cache2:
netwerk/cache2/CacheFileMetadata.cpp.
"""

import re
import struct
from collections.abc import Callable, Iterator

from loginfix.sites.forms import Names, cache2_key, chromium_cache_key, url
from loginfix.sites.spotting import names_in
from loginfix.tracing.model import Bounds, Piece, Record
from loginfix.tracing.readers.compressed import kind_of, pieces
from loginfix.tracing.source import Source

_SIMPLE_MAGIC = bytes.fromhex("305c72a71b6dfbfc")
_SIMPLE_HEADER = 24
_SIMPLE_END = struct.Struct("<QIII4x")
_SIMPLE_END_MAGIC = 0xF4FA6F45970D41D8
_HAS_SHA256 = 2  # of the key, before that end
_SHA256 = 32
_LONGEST_KEY = 1 << 16
_CODE_CACHE_KEY = re.compile(
    rb"_key(?P<url>[^\n]*) \n(?P<lock>[^\n]*)(?: \n(?P<nik>.*))?", re.DOTALL
)
_HEADER = b"content-encoding:"
_ENCODING = re.compile(rb"\s*(gzip|br|deflate|zstd)")
_CACHE2_HEADERS = (28, 32)
_CACHE2_CHUNK = 256 << 10
_TAIL = 64 << 10
_LARGEST_HEADERS = 1 << 20


def simple_key(source: Source) -> bytes | None:
    """The key of an entry of the simple cache; None if it is no such file."""
    head = source.read(0, _SIMPLE_HEADER)
    length = int.from_bytes(head[12:16], "little")
    if not head.startswith(_SIMPLE_MAGIC) or length > min(_LONGEST_KEY, source.size):
        return None
    return source.read(_SIMPLE_HEADER, length)


def simple(source: Source, key: bytes, owner: Record) -> Iterator[Piece]:
    """The whole file as its key's, raw, and its body expanded."""
    record = _Later(lambda: key_record(key, owner))
    yield from _whole(source, record)
    if kind := _encoding(_simple_headers(source)):
        yield from _body(source, kind, _SIMPLE_HEADER + len(key), source.size, record())


def cache2_metadata(source: Source) -> tuple[int, bytes] | None:
    """Where the metadata of a cache2 entry begin, and its key; None if it is no such file."""
    if source.size < _CACHE2_HEADERS[0] + 4:
        return None
    offset = int.from_bytes(source.read(source.size - 4, 4), "big")
    chunks = -(-offset // _CACHE2_CHUNK)
    header = offset + 4 + 2 * chunks
    data = source.read(header, min(_LONGEST_KEY, source.size - header))
    if offset >= source.size or len(data) < _CACHE2_HEADERS[0]:
        return None
    version, size = int.from_bytes(data[:4], "big"), int.from_bytes(data[24:28], "big")
    if version not in range(1, 5) or size > _LONGEST_KEY:
        return None
    start = _CACHE2_HEADERS[version > 1]
    key = data[start : start + size]
    return (
        (offset, key)
        if len(key) == size and data[start + size : start + size + 1] == b"\0"
        else None
    )


def cache2(source: Source, metadata: tuple[int, bytes]) -> Iterator[Piece]:
    """The whole file as its key's, raw, and its body expanded."""
    offset, key = metadata
    record = _Later(lambda: _cache2_record(key, source.record))
    yield from _whole(source, record)
    if kind := _encoding(source.read(offset, min(source.size - offset, _LARGEST_HEADERS))):
        yield from _body(source, kind, 0, offset, record())


class _Later:
    """Whose an entry is, found out when it is asked: most files never name the site."""

    def __init__(self, find: Callable[[], Record]) -> None:
        self._find = find
        self._found: Record | None = None

    def __call__(self) -> Record:
        if self._found is None:
            self._found = self._find()
        return self._found


def _whole(source: Source, record: _Later) -> Iterator[Piece]:
    def bounds(_: int) -> Bounds:
        return Bounds(0, source.size, record())

    for piece in source.windows():
        piece.bounds = bounds
        yield piece


def _cache2_record(key: bytes, directory: Record) -> Record:
    names = cache2_key(key.decode("latin-1"))
    return Record((names,)) if any(names) else directory


def key_record(key: bytes, directory: Record) -> Record:
    """Whose an entry with this key is."""
    text = key.decode("latin-1")
    if code := _CODE_CACHE_KEY.fullmatch(key):
        script, lock, around = (url((part or b"").decode("latin-1")).host for part in code.groups())
        return Record((Names(script, lock, around),))
    if directory.names:
        return directory
    names = chromium_cache_key(text) if "/" in text else names_in(text)
    return Record((names,)) if names and any(names) else directory


def _encoding(headers: bytes) -> str | None:
    """How a body is packed; as headers say in any case, and among whatever else."""
    # Not by one pattern that minds no case: it takes many times as long.
    headers = headers.lower()
    at = headers.find(_HEADER)
    while at >= 0:
        at += len(_HEADER)
        if found := _ENCODING.match(headers, at):
            return found[1].decode("ascii")
        at = headers.find(_HEADER, at)
    return None


def _simple_headers(source: Source) -> bytes:
    """The headers of a response; whatever is near the end, of a file without a proper end."""
    magic, flags, _, size = _SIMPLE_END.unpack(
        source.read(source.size - _SIMPLE_END.size, _SIMPLE_END.size).ljust(_SIMPLE_END.size)
    )
    start = source.size - _SIMPLE_END.size - (_SHA256 if flags & _HAS_SHA256 else 0) - size
    if magic != _SIMPLE_END_MAGIC or not size or start < _SIMPLE_HEADER:
        start, size = max(0, source.size - _TAIL), _TAIL
    return source.read(start, min(size, _LARGEST_HEADERS))


def _body(source: Source, kind: str, start: int, end: int, record: Record) -> Iterator[Piece]:
    """The body of a response, which its headers say is packed."""
    known = kind_of(source.read(start, 16))
    yield from pieces(source, known[0] if known else kind, start, end, record)
