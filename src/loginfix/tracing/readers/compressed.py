"""Compressed data, expanded within limits: what a web site sends must not fill the memory."""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping

import cramjam

from loginfix.tracing.model import Piece, Record
from loginfix.tracing.source import Source
from loginfix.words import say

MOST_PACKED = 32 << 20
"""The largest compressed data that is expanded, in bytes."""

MOST_EXPANDED = 64 << 20
"""How much of what it expands to is searched, in bytes."""

MOZLZ4 = b"mozLz40\0"
_LZ4_FRAME = b"\x04\x22\x4d\x18"
_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_SNAPPY_FRAMES = b"\xff\x06\x00\x00sNaPpY"
_TLS_TOKENS = re.compile(rb"STCF.(?=\x78)", re.DOTALL)
_ZLIB_HEADER = 31  # RFC 1950: the first two bytes are a multiple of it
_DEFLATE = 8


def kind_of(head: bytes) -> tuple[str, int] | None:
    """The compression that data starts with, and where its stream begins."""
    if head.startswith(MOZLZ4):
        return "mozlz4", len(MOZLZ4)
    for magic, kind in (
        (_GZIP, "gzip"),
        (_ZSTD, "zstd"),
        (_LZ4_FRAME, "lz4"),
        (_SNAPPY_FRAMES, "snappy"),
    ):
        if head.startswith(magic):
            return kind, 0
    if found := _TLS_TOKENS.match(head):
        return "zlib", found.end()
    if (
        len(head) > 1
        and head[0] & 15 == _DEFLATE
        and head[0] >> 4 <= 7  # noqa: PLR2004  the window is at most 32 KiB
        and int.from_bytes(head[:2], "big") % _ZLIB_HEADER == 0
    ):
        return "zlib", 0
    return None


def expand(kind: str, data: bytes, most: int = MOST_EXPANDED) -> tuple[bytes, bool]:
    """What ``data`` expands to, at most ``most`` bytes of it, and whether that is all.

    Raises:
        ValueError: It is not compressed like that.
    """
    if kind not in _EXPANDERS:
        raise ValueError(kind)
    return _EXPANDERS[kind](data, most)


def pieces(
    source: Source, kind: str, start: int, end: int, record: Record, label: str = ""
) -> Iterator[Piece]:
    """The expanded content of a range of a file, as far as it can be expanded."""
    inside = label or kind
    if kind == "snappy":
        yield from _snappy_frames(source, start, end, record)
        return
    packed = source.read(start, min(end - start, MOST_PACKED + 1))
    if len(packed) > MOST_PACKED:
        source.notes.append(say("its {inside} data is too large to look inside", inside=inside))
        return
    try:
        data, is_all = expand(kind, packed)
    except ValueError:
        return
    if not is_all:
        source.notes.append(
            say(
                "its {inside} data was searched only to {most_expanded} MiB",
                inside=inside,
                most_expanded=MOST_EXPANDED >> 20,
            )
        )
    yield Piece(data, lambda _: start, record, inside)


def _snappy_frames(source: Source, start: int, end: int, record: Record) -> Iterator[Piece]:
    """Frame by frame (google/snappy, framing_format.txt), each with the end of the one before."""
    offset, tail = start, b""
    while offset + 4 <= end:
        header = source.read(offset, 4)
        size = int.from_bytes(header[1:4], "little")
        if len(header) < 4 or offset + 4 + size > end:  # noqa: PLR2004  a frame's header
            break
        body = source.read(offset + 8, size - 4) if header[0] in (0, 1) else b""
        if header[0] == 0:
            try:
                body = expand("snappy block", body, 1 << 20)[0]
            except ValueError:
                break
        if body:
            here = offset
            yield Piece(
                tail + body,
                lambda _, here=here: here,  # type: ignore[misc]
                record,
                "snappy",
                start=len(tail),
            )
            tail = body[-1024:]
        offset += 4 + size


def _inflate(data: bytes, window: int, most: int) -> tuple[bytes, bool]:
    machine = zlib.decompressobj(window)
    try:
        expanded = machine.decompress(data, most)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    return expanded, machine.eof or not machine.unconsumed_tail


def _into(decode: Callable[..., int], data: bytes, size: int, most: int) -> tuple[bytes, bool]:
    """Formats that say beforehand how long they will be."""
    if not 0 < size <= most:
        raise ValueError(f"{size} bytes")
    target = bytearray(size)
    try:
        written = decode(data, target)
    except cramjam.DecompressionError as error:
        raise ValueError(str(error)) from error
    return bytes(target[:written]), True


def _stream(decode: Callable[..., int], data: bytes, most: int) -> tuple[bytes, bool]:
    """Formats that do not: the target is made larger until it is large enough."""
    size = min(most, max(1 << 16, 8 * len(data)))
    while True:
        target = bytearray(size)
        try:
            written = decode(data, target)
        except cramjam.DecompressionError as error:
            is_full = "whole buffer" in str(error)
            if is_full and size < most:
                size = min(most, size * 8)
                continue
            if not is_full and not any(target):
                raise ValueError(str(error)) from error
            # Cut short, or larger than what is searched: as much as there is.
            return bytes(target), not is_full
        return bytes(target[:written]), True


def _snappy_length(data: bytes) -> int:
    length, shift = 0, 0
    for byte in data[:5]:
        length |= (byte & 127) << shift
        if byte < 128:  # noqa: PLR2004  the last byte of a varint
            return length
        shift += 7
    raise ValueError("not snappy")


def _deflate(data: bytes, most: int) -> tuple[bytes, bool]:
    """HTTP's "deflate": zlib by the standard, raw deflate by some servers."""
    try:
        return _inflate(data, zlib.MAX_WBITS, most)
    except ValueError:
        return _inflate(data, -zlib.MAX_WBITS, most)


_EXPANDERS: Mapping[str, Callable[[bytes, int], tuple[bytes, bool]]] = {
    "gzip": lambda data, most: _inflate(data, 16 + zlib.MAX_WBITS, most),
    "zlib": lambda data, most: _inflate(data, zlib.MAX_WBITS, most),
    "deflate": _deflate,
    "mozlz4": lambda data, most: _into(
        cramjam.lz4.decompress_block_into, data[4:], int.from_bytes(data[:4], "little"), most
    ),
    "snappy block": lambda data, most: _into(
        cramjam.snappy.decompress_raw_into, data, _snappy_length(data), most
    ),
    "zstd": lambda data, most: _stream(cramjam.zstd.decompress_into, data, most),
    "br": lambda data, most: _stream(cramjam.brotli.decompress_into, data, most),
    "lz4": lambda data, most: _stream(cramjam.lz4.decompress_into, data, most),
}
