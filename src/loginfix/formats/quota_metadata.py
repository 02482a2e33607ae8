"""``.metadata-v2``: whose a directory of Firefox's quota storage is.

Big-endian: the time of last access in microseconds (8 bytes), whether it is kept (1), flags (4),
the day of the last maintenance (4); then three strings, each after its length (4): the origin
attributes, the group and the origin. What newer versions add follows
(dom/quota/DirectoryMetadata.cpp; seen in ESR 140 and 153).
"""

import struct
from typing import NamedTuple

FILE_NAME = ".metadata-v2"
MAX_SIZE = 1 << 16
"""Bytes; far more than any origin takes."""

_HEAD = struct.Struct(">QBII")
_LENGTH = struct.Struct(">I")


class QuotaMetadata(NamedTuple):
    """``group`` is the registrable domain with the origin attributes.

    ``origin`` has them too, and is ``uuid://…`` in storage of private windows.
    """

    suffix: str
    group: str
    origin: str


def parse(data: bytes) -> QuotaMetadata:
    """Read the file's content.

    Raises:
        ValueError: It is something else.
    """
    position = _HEAD.size
    texts = []
    for _ in range(3):
        if position + _LENGTH.size > len(data):
            raise ValueError("it ends too early")
        (length,) = _LENGTH.unpack_from(data, position)
        position += _LENGTH.size
        if position + length > len(data):
            raise ValueError("it ends too early")
        texts.append(data[position : position + length].decode("utf-8"))
        position += length
    return QuotaMetadata(*texts)
