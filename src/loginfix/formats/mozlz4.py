"""Firefox's container for compressed JSON: ``.jsonlz4``, ``.baklz4``, ``.mozlz4``.

Source: ``dom/system/IOUtils.cpp`` (``MozLZ4``). The magic, the size of the content as an unsigned
32-bit integer in little endian, and one LZ4 block.
"""

import struct

import cramjam

MAGIC = b"mozLz40\0"
MAX_CONTENT = 256 << 20
"""Bytes. Firefox's own files are far smaller; a size that a file only claims costs memory."""

_SIZE = struct.Struct("<I")
_HEADER = len(MAGIC) + _SIZE.size
# A block of n bytes holds at most 255 n: a longer claim is a lie (LZ4 block format).
_MOST_PER_BYTE = 255


class MozLz4Error(ValueError):
    """Bytes that are not such a file, or one that is damaged."""


def decode(data: bytes) -> bytes:
    """The content of a file.

    Raises:
        MozLz4Error: It is not such a file, is damaged, or holds more than ``MAX_CONTENT`` bytes.
    """
    if not data.startswith(MAGIC) or len(data) < _HEADER:
        raise MozLz4Error("it is not a mozLz4 file")
    size = _SIZE.unpack_from(data, len(MAGIC))[0]
    block = data[_HEADER:]
    if size > min(MAX_CONTENT, _MOST_PER_BYTE * len(block)):
        raise MozLz4Error(f"it claims to hold {size} bytes")
    content = bytearray(size)
    try:
        written = cramjam.lz4.decompress_block_into(block, content)
    except cramjam.DecompressionError as error:
        raise MozLz4Error(f"it cannot be decompressed ({error})") from error
    if written != size:
        raise MozLz4Error("it holds less than it claims")
    return bytes(content)


def encode(content: bytes) -> bytes:
    """A file with this content.

    Raises:
        MozLz4Error: The content is longer than ``MAX_CONTENT`` bytes.
    """
    if len(content) > MAX_CONTENT:
        raise MozLz4Error(f"{len(content)} bytes are too many")
    block = bytes(cramjam.lz4.compress_block(content, store_size=False))
    return MAGIC + _SIZE.pack(len(content)) + block
