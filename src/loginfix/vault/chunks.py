"""Files in pieces, so that a large one never has to fit into memory.

A piece is stored as SQLite archives store theirs (https://www.sqlite.org/sqlar.html): as a zlib
stream if that is shorter, else as it is. So ``sqlar_uncompress`` of the ``sqlite3`` shell reads it.
"""

import zlib

from loginfix.vault.errors import ContentError
from loginfix.words import say

CHUNK_SIZE = 1 << 20
"""Bytes of a file that become one chunk."""

# Most of what browsers keep is compressed already; more effort hardly makes it smaller.
_LEVEL = 1


_SAMPLE = 512
"""Bytes from the beginning, the middle and the end that tell whether there is any point."""


def pack(raw: bytes) -> bytes:
    """Give the compressed bytes if they are shorter, else the bytes themselves.

    Where nothing of a sample can be compressed, the rest is not tried.
    """
    middle = len(raw) // 2
    sample = raw[:_SAMPLE] + raw[middle : middle + _SAMPLE] + raw[-_SAMPLE:]
    if len(sample) < len(raw) and len(zlib.compress(sample, _LEVEL)) > len(sample):
        return raw
    packed = zlib.compress(raw, _LEVEL)
    return packed if len(packed) < len(raw) else raw


def unpack(data: bytes, size: int) -> bytes:
    """Give back the ``size`` bytes that ``pack`` was given.

    Raises:
        ContentError: They are not in ``data``.
    """
    if not 0 < size <= CHUNK_SIZE or len(data) > size:
        raise ContentError(say("a chunk of a file has an impossible size"))
    if len(data) == size:
        return data
    stream = zlib.decompressobj()
    try:
        # One byte more than promised, so that a stream that goes on is noticed, not unrolled.
        raw = stream.decompress(data, size + 1)
    except zlib.error as error:
        raise ContentError(
            say("a chunk of a file cannot be decompressed ({error})", error=error)
        ) from error
    if len(raw) != size or not stream.eof or stream.unused_data:
        raise ContentError(say("a chunk of a file decompresses to something else"))
    return raw
