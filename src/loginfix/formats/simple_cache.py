"""Chromium's "simple" cache: each entry is a few files named by a hash of its key.

The HTTP cache (Linux, macOS, Android, ChromeOS), the code cache, Cache Storage and the service
worker script cache have this format. Sources: Chromium ``net/disk_cache/simple/``
(``simple_entry_format.h``, ``simple_synchronous_entry.cc``, ``simple_util.cc``), checked on files
that Chromium 156 wrote. All numbers are little-endian.

An entry ``<hash>_0`` is: header, key, stream 1 (the body), end record, stream 0 (the response
headers), SHA-256 of the key, end record. ``<hash>_1`` is header, key, stream 2, end record.
``<hash>_s`` (sparse: parts of a body that were asked for by range) is header, key, ranges.
The index that lists the entries is in ``simple_cache_index``.
"""

import hashlib
import os
import re
import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO, Literal, NamedTuple, cast

from loginfix.formats.superfasthash import super_fast_hash

Stream = Literal["0", "1", "s"]

_HEADER = struct.Struct("<QIII4x")
_HEADER_MAGIC = 0xFCFB6D1BA7725C30
# Files _0 and _1 have been version 5 since 2013. Sparse files carry the version of the back end
# that wrote them: 9 now, from 6 on before; the header is the same in all.
_HEADER_VERSIONS = range(5, 10)
_FILE_VERSION = 5

_END = struct.Struct("<QIII4x")
_END_MAGIC = 0xF4FA6F45970D41D8
_HAS_CRC32 = 1
_HAS_KEY_SHA256 = 2

# Chromium refuses URLs above 2 MiB (url::kMaxURLChars); a key is one URL and at most two sites.
_MAX_KEY = 4 << 20
_FIRST_READ = 1024
_BLOCK = 1 << 16

_FILE_NAME = re.compile(r"(todelete_)?([0-9a-f]{16})_([01s])(?(1)_[0-9]{1,20})")


class SimpleCacheError(ValueError):
    """Bytes that are not a simple cache file, or one that is damaged or cut short."""


class FileName(NamedTuple):
    """What the name of an entry's file says.

    ``doomed`` marks a leftover: a deleted entry that was still open when the browser died.
    """

    hash: int
    stream: Stream
    doomed: bool


@dataclass(frozen=True, slots=True)
class Span:
    """Where a stream lies in its file, in bytes."""

    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A checked ``_0`` file: its key, its headers (stream 0) and its body (stream 1)."""

    key: bytes
    stream0: Span
    stream1: Span


def entry_hash(key: str | bytes) -> int:
    """Number that names the files of ``key``: the start of its SHA-1."""
    raw = key.encode() if isinstance(key, str) else key
    return int.from_bytes(hashlib.sha1(raw, usedforsecurity=False).digest()[:8], "little")


def entry_file_name(key: str | bytes, stream: Stream) -> str:
    """Name of the file that holds ``stream`` (``0``, ``1`` or ``s``) of ``key``."""
    return f"{entry_hash(key):016x}_{stream}"


def parse_file_name(name: str) -> FileName | None:
    """Take a file name apart; None when it is not the name of an entry's file."""
    match = _FILE_NAME.fullmatch(name)
    if match is None:
        return None
    doomed, digits, stream = match.groups()
    return FileName(int(digits, 16), cast("Stream", stream), doomed is not None)


def entry_of(name: str) -> str | None:
    """The digits by which a file's name tells its entry; None when it is not an entry's file."""
    match = _FILE_NAME.fullmatch(name)
    return match[2] if match else None


def proven_key(start: bytes, entry: str) -> bytes | None:
    """The key at the start of a file of ``entry``, if it is all there and the name proves it.

    That is quick, and as good as the hash in the header. What gives None may be anything:
    ``read_key`` tells.
    """
    if len(start) < _HEADER.size:
        return None
    magic, version, key_size, _ = _HEADER.unpack_from(start)
    key = start[_HEADER.size : _HEADER.size + key_size]
    if magic != _HEADER_MAGIC or version not in _HEADER_VERSIONS or not 0 < key_size == len(key):
        return None
    named = hashlib.sha1(key, usedforsecurity=False).digest()[7::-1].hex()
    return key if named == entry else None


def read_key(file: BinaryIO) -> bytes:
    """Read the key at the start of a ``_0``, ``_1`` or ``_s`` file.

    Most keys take one read of 1 KiB; the body is never touched, so an entry that is cut short
    behind its key still tells whose it is.

    Raises:
        SimpleCacheError: Not an entry's file, or header and key do not fit together.
    """
    file.seek(0)
    head = file.read(_FIRST_READ)
    if len(head) < _HEADER.size:
        raise SimpleCacheError("the file ends inside its header")
    magic, version, key_size, key_hash = _HEADER.unpack_from(head)
    if magic != _HEADER_MAGIC:
        raise SimpleCacheError("the file does not start like a cache entry")
    if version not in _HEADER_VERSIONS:
        raise SimpleCacheError(f"unknown entry version {version}")
    if not 0 < key_size <= _MAX_KEY:
        raise SimpleCacheError(f"impossible key length {key_size}")
    end = _HEADER.size + key_size
    if len(head) < end:
        head += file.read(end - len(head))
    key = head[_HEADER.size : end]
    if len(key) < key_size:
        raise SimpleCacheError("the file ends inside its key")
    if super_fast_hash(key) != key_hash:
        raise SimpleCacheError("the key does not match its hash")
    return key


def parse_entry(file: BinaryIO) -> Entry:
    """Check a whole ``_0`` file: sizes, end records and every checksum it has.

    Reads the file in blocks; memory use does not depend on its size.

    Raises:
        SimpleCacheError: Not a ``_0`` file, or any part of it is damaged.
    """
    key = read_key(file)
    file_size = file.seek(0, os.SEEK_END)
    body_offset = _HEADER.size + len(key)
    end = file_size - _END.size
    flags, crc0, size0 = _read_end(file, end)
    if flags & _HAS_KEY_SHA256:
        end -= hashlib.sha256().digest_size
    stream0 = Span(end - size0, size0)
    body_end = stream0.offset - _END.size
    stream1 = Span(body_offset, body_end - body_offset)
    if stream1.size < 0:
        raise SimpleCacheError("the streams do not fit into the file")
    if flags & _HAS_KEY_SHA256:
        file.seek(end)
        if file.read(hashlib.sha256().digest_size) != hashlib.sha256(key).digest():
            raise SimpleCacheError("the key does not match its SHA-256")
    flags1, crc1, _ = _read_end(file, body_end)
    for number, stream, stream_flags, crc in (
        (0, stream0, flags, crc0),
        (1, stream1, flags1, crc1),
    ):
        if stream_flags & _HAS_CRC32 and _crc32(file, stream) != crc:
            raise SimpleCacheError(f"stream {number} does not match its checksum")
    return Entry(key, stream0, stream1)


def build_entry(key: bytes, stream0: bytes, stream1: bytes) -> bytes:
    """Make the ``_0`` file that Chromium writes for this key, headers and body."""
    return b"".join(
        (
            _HEADER.pack(_HEADER_MAGIC, _FILE_VERSION, len(key), super_fast_hash(key)),
            key,
            stream1,
            # The size counts in the last record only; Chromium leaves it 0 here.
            _END.pack(_END_MAGIC, _HAS_CRC32, zlib.crc32(stream1), 0),
            stream0,
            hashlib.sha256(key).digest(),
            _END.pack(_END_MAGIC, _HAS_CRC32 | _HAS_KEY_SHA256, zlib.crc32(stream0), len(stream0)),
        )
    )


def _read_end(file: BinaryIO, offset: int) -> tuple[int, int, int]:
    """Flags, CRC-32 and stream size of the end record at ``offset``."""
    file.seek(offset)
    record = file.read(_END.size)
    if len(record) < _END.size:
        raise SimpleCacheError("the file became shorter while it was read")
    magic, flags, crc, size = _END.unpack(record)
    if magic != _END_MAGIC or flags > _HAS_CRC32 | _HAS_KEY_SHA256:
        raise SimpleCacheError("a stream is not followed by an end record")
    return flags, crc, size


def _crc32(file: BinaryIO, span: Span) -> int:
    file.seek(span.offset)
    crc, left = 0, span.size
    while block := file.read(min(left, _BLOCK)):
        crc = zlib.crc32(block, crc)
        left -= len(block)
    return crc
