"""Firefox's HTTP cache: one file an entry, ``cache2/entries/<SHA-1 of its key>``.

Sources: Firefox ``netwerk/cache2/`` (``CacheFileMetadata.cpp`` and ``.h``, ``CacheHashUtils.cpp``,
``CacheFileContextEvictor.cpp``), checked on files that Firefox 140 (version 3) and 153 (version 4)
wrote. All numbers are big-endian.

A file is: the body, the metadata, and in the last 4 bytes the offset of the metadata, which is
also the size of the body. The metadata is: its hash, a 2-byte hash for every 256 KiB of the body,
a header, the key, a NUL, and elements ``name NUL value NUL``. Version 4 repeats its number before
the offset and sets the highest bit of the offset where body and metadata are encrypted.
"""

import base64
import hashlib
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

_U32 = struct.Struct(">I")
_TRAILER = struct.Struct(">II")
_CHUNK_HASH = struct.Struct(">H")
_CHUNK = 256 * 1024
_HEADER = struct.Struct(">7I")
_VERSION_AND_KEY_SIZE = struct.Struct(">I20xI")

_VERSIONS = range(1, 5)
_FIRST_WITH_FLAGS = 2
_FIRST_WITH_LONG_TRAILER = 4
_ENCRYPTED = 1 << 31

# Firefox keeps at most 64 KiB of elements (kMaxElementsSize); a key is a URL of at most 1 MiB
# (network.standard-url.max-length) behind a short prefix.
_MAX_KEY_AND_ELEMENTS = 2 << 20
_KEY_READ = 1024

_NO_EXPIRATION = 0xFFFFFFFF
_EVICTION_PREFIX = "ce_"
_MASK = 0xFFFFFFFF


class Cache2Error(ValueError):
    """Bytes that are not a cache2 entry, or one that is damaged or cut short."""


class EncryptedEntryError(Cache2Error):
    """An entry that says it is encrypted: its key can be tested by file name, not read."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What an entry says of itself.

    Times are in seconds since 1970. ``data_size`` is the size of the body in bytes; it includes
    an alternative form of the body (such as compiled script) where there is one.
    """

    version: int
    fetch_count: int
    last_fetched: int
    last_modified: int
    frecency: int
    expiration: int
    flags: int
    key: bytes
    elements: dict[str, bytes]
    data_size: int


class _Place(NamedTuple):
    """Where a file's metadata is. ``header`` counts from ``offset``; all in bytes."""

    offset: int
    size: int
    header: int
    long_trailer: bool


class _Header(NamedTuple):
    """The fixed fields, and where in the metadata the key is."""

    version: int
    fetch_count: int
    last_fetched: int
    last_modified: int
    frecency: int
    expiration: int
    flags: int
    key: slice


def entry_name(key: str | bytes) -> str:
    """File name of the entry of ``key``: its SHA-1 in upper case hexadecimal."""
    raw = key.encode() if isinstance(key, str) else key
    return hashlib.sha1(raw, usedforsecurity=False).hexdigest().upper()


def read_key(file: BinaryIO, *, name: str | None = None) -> bytes:
    """Read the key of an entry.

    With the ``name`` of a file in ``entries`` the key is proved by its SHA-1: two small reads and
    a few microseconds. Without it (files in ``doomed`` have other names) the hash of the whole
    metadata is checked, which takes many times longer.

    Raises:
        EncryptedEntryError: The key is encrypted.
        Cache2Error: Not an entry, or the key does not fit ``name`` or the metadata.
    """
    if name is None:
        return read_metadata(file).key
    place = _find_metadata(file)
    file.seek(place.offset)
    block = file.read(min(place.size, place.header + _KEY_READ))
    header = _parse_header(block, place)
    if len(block) < header.key.stop:
        block += file.read(header.key.stop - len(block))
    key = block[header.key]
    if entry_name(key) != name:
        raise Cache2Error("the key does not match the name of the file")
    return key


def proven_key(end: bytes, size: int, name: str) -> bytes | None:
    """The key in the last bytes of a file of ``size``, if it is there and ``name`` proves it.

    What gives None may be anything: ``read_key`` tells. No other check is needed where the SHA-1
    of what is found is the name.
    """
    if len(end) < _TRAILER.size:
        return None
    trailer, offset = _TRAILER.unpack_from(end, len(end) - _TRAILER.size)
    metadata = len(end) - size + offset
    header = metadata + _U32.size + _CHUNK_HASH.size * -(-offset // _CHUNK)
    if metadata < 0 or header + _HEADER.size + _U32.size > len(end):
        return None
    version, key_size = _VERSION_AND_KEY_SIZE.unpack_from(end, header)
    has_long_trailer = trailer == _FIRST_WITH_LONG_TRAILER
    if version not in _VERSIONS or has_long_trailer != (version >= _FIRST_WITH_LONG_TRAILER):
        return None
    start = header + _HEADER.size + (_U32.size if version >= _FIRST_WITH_FLAGS else 0)
    key = end[start : start + key_size]
    return key if hashlib.sha1(key, usedforsecurity=False).hexdigest().upper() == name else None


def read_metadata(file: BinaryIO) -> Metadata:
    """Read and check all metadata of an entry; the body is not touched.

    Raises:
        EncryptedEntryError: The metadata is encrypted.
        Cache2Error: Not an entry, or its metadata is damaged.
    """
    place = _find_metadata(file)
    file.seek(place.offset)
    block = file.read(place.size)
    header = _parse_header(block, place)
    if cache_hash(block[_U32.size :]) != _U32.unpack_from(block)[0]:
        raise Cache2Error("the metadata does not match its hash")
    if block[header.key.stop] != 0:
        raise Cache2Error("the key has no end")
    return Metadata(
        version=header.version,
        fetch_count=header.fetch_count,
        last_fetched=header.last_fetched,
        last_modified=header.last_modified,
        frecency=header.frecency,
        expiration=header.expiration,
        flags=header.flags,
        key=block[header.key],
        elements=_parse_elements(block[header.key.stop + 1 :]),
        data_size=place.offset,
    )


def build_entry(
    key: bytes,
    data: bytes,
    elements: Mapping[str, bytes],
    *,
    version: int = 4,
    fetch_count: int = 1,
    last_fetched: int = 0,
    last_modified: int = 0,
    frecency: int = 0,
    expiration: int = _NO_EXPIRATION,
    flags: int = 0,
) -> bytes:
    """Make the file that a Firefox of this entry version writes for key, body and elements."""
    times = (fetch_count, last_fetched, last_modified, frecency, expiration)
    chunks = (data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK))
    metadata = b"".join(
        (
            *(_CHUNK_HASH.pack(cache_hash(chunk) & 0xFFFF) for chunk in chunks),
            _HEADER.pack(version, *times, len(key)),
            _U32.pack(flags) if version >= _FIRST_WITH_FLAGS else b"",
            key + b"\0",
            *(name.encode("latin-1") + b"\0" + value + b"\0" for name, value in elements.items()),
        )
    )
    trailer = _U32.pack(version) if version >= _FIRST_WITH_LONG_TRAILER else b""
    return data + _U32.pack(cache_hash(metadata)) + metadata + trailer + _U32.pack(len(data))


def parse_eviction_name(name: str) -> str | None:
    """Text in the name of a pending eviction, a file ``cache2/ce_…``; None for other names.

    Firefox leaves such an empty file until all entries of a forgotten context are gone. The text
    is the key prefix of the context (``*`` for all contexts, empty for the default one), with a
    tab before it if pinned entries are meant, and behind it a tab and the origin for a forgotten
    origin, or a tab, ``s:`` and the base domain for a forgotten site.
    """
    if not name.startswith(_EVICTION_PREFIX):
        return None
    encoded = name.removeprefix(_EVICTION_PREFIX).replace("-", "/")
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except ValueError:
        return None


def cache_hash(data: bytes) -> int:
    """Bob Jenkins' hash of 1996 ("lookup2"), which Firefox calls ``CacheHash``."""
    a = b = 0x9E3779B9
    c = 0
    whole = len(data) - len(data) % 12
    for x, y, z in struct.iter_unpack("<3I", data[:whole]):
        a, b, c = _mix(a + x, b + y, c + z)
    tail = data[whole:]
    a += int.from_bytes(tail[:4], "little")
    b += int.from_bytes(tail[4:8], "little")
    # The lowest byte of c is left to the length.
    c += (int.from_bytes(tail[8:], "little") << 8) + len(data)
    return _mix(a, b, c)[2]


def _mix(a: int, b: int, c: int) -> tuple[int, int, int]:
    for first, second, third in ((13, 8, 13), (12, 16, 5), (3, 10, 15)):
        a = (a - b - c ^ (c & _MASK) >> first) & _MASK
        b = (b - c - a ^ a << second) & _MASK
        c = (c - a - b ^ b >> third) & _MASK
    return a, b, c


def _find_metadata(file: BinaryIO) -> _Place:
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - _TRAILER.size))
    return _place_of_metadata(file.read(_TRAILER.size), end)


def _place_of_metadata(trailer: bytes, end: int) -> _Place:
    """Read the last bytes of a file of this size."""
    if end < _TRAILER.size:
        raise Cache2Error("the file is too short")
    if len(trailer) < _TRAILER.size:
        raise Cache2Error("the file became shorter while it was read")
    version, offset = _TRAILER.unpack(trailer)
    # Up to version 3 a NUL of the elements or the key stands where version 4 has its 4.
    long_trailer = version == _FIRST_WITH_LONG_TRAILER
    if long_trailer and offset & _ENCRYPTED:
        raise EncryptedEntryError("the entry is encrypted")
    size = end - (_TRAILER.size if long_trailer else _U32.size) - offset
    header = _U32.size + _CHUNK_HASH.size * -(-offset // _CHUNK)
    if size < header + _HEADER.size:
        raise Cache2Error("the last number of the file does not lead to metadata")
    if size > header + _HEADER.size + _MAX_KEY_AND_ELEMENTS:
        raise Cache2Error("the metadata is larger than any that Firefox writes")
    return _Place(offset, size, header, long_trailer)


def _parse_header(block: bytes, place: _Place) -> _Header:
    """Read the header in ``block``, which begins where the metadata begins."""
    try:
        version, fetched, last_fetched, last_modified, frecency, expiration, key_size = (
            _HEADER.unpack_from(block, place.header)
        )
        key = place.header + _HEADER.size
        flags = 0
        if version >= _FIRST_WITH_FLAGS:
            (flags,) = _U32.unpack_from(block, key)
            key += _U32.size
    except struct.error:
        raise Cache2Error("the file ends inside its header") from None
    if version not in _VERSIONS or place.long_trailer != (version >= _FIRST_WITH_LONG_TRAILER):
        raise Cache2Error(f"unknown entry version {version}")
    if key + key_size >= place.size:
        raise Cache2Error("the key does not fit into the metadata")
    span = slice(key, key + key_size)
    return _Header(version, fetched, last_fetched, last_modified, frecency, expiration, flags, span)


def _parse_elements(block: bytes) -> dict[str, bytes]:
    *parts, rest = block.split(b"\0")
    if rest or len(parts) % 2:
        raise Cache2Error("the elements are not pairs of names and values")
    names = (name.decode("latin-1") for name in parts[::2])
    return dict(zip(names, parts[1::2], strict=True))
