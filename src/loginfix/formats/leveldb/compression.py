"""How a block is compressed, and how large it may become.

A block says how large it was. That number is checked before memory is asked for, and the library
writes into a buffer of exactly that size, so a lie costs at most ``MAX_BLOCK`` bytes.
"""

import cramjam

from loginfix.formats.leveldb.model import LevelDBError
from loginfix.formats.leveldb.varint import Cursor

NONE = 0
_SNAPPY = 1
_ZSTD = 2

# LevelDB starts a new block after 4 KiB: only one huge value makes a block larger.
MAX_BLOCK = 64 << 20

_ZSTD_MAGIC = 0xFD2FB528


def decompress(kind: int, data: bytes) -> bytes:
    """Content of a block whose trailer says ``kind`` (``CompressionType`` of LevelDB).

    Raises:
        LevelDBError: An unknown kind, damaged data, or more than ``MAX_BLOCK`` bytes.
    """
    if kind == NONE:
        return data
    if kind not in (_SNAPPY, _ZSTD):
        raise LevelDBError(f"a block is compressed in the unknown way {kind}")
    size = Cursor(data).varint32() if kind == _SNAPPY else _zstd_size(Cursor(data))
    if size > MAX_BLOCK:
        raise LevelDBError(f"a block claims to be {size} bytes large")
    content = bytearray(size)
    try:
        if kind == _SNAPPY:
            written = cramjam.snappy.decompress_raw_into(data, content)
        else:
            written = cramjam.zstd.decompress_into(data, content)
    except cramjam.DecompressionError as error:
        raise LevelDBError(f"a block cannot be decompressed: {error}") from error
    if written != size:
        raise LevelDBError("a block is shorter than it claims")
    return bytes(content)


def _zstd_size(frame: Cursor) -> int:
    """Size of the content that a Zstandard frame declares: RFC 8878, section 3.1.1.1."""
    if frame.fixed(4) != _ZSTD_MAGIC:
        raise LevelDBError("a block is not a Zstandard frame")
    descriptor = frame.fixed(1)
    single_segment = descriptor >> 5 & 1
    if not single_segment:
        frame.take(1)
    frame.take((0, 1, 2, 4)[descriptor & 3])
    match descriptor >> 6:
        case 0 if not single_segment:
            raise LevelDBError("a block does not say how large it was")
        case 0:
            return frame.fixed(1)
        case 1:
            return frame.fixed(2) + 256
        case 2:
            return frame.fixed(4)
        case _:
            return frame.fixed(8)
