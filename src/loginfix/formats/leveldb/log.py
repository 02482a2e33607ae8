"""The log format, which write-ahead logs and manifests share: LevelDB ``doc/log_format.md``.

A file is a row of blocks of 32 KiB. A record that does not fit into the rest of a block goes on in
the next as fragments. The rest of a block that is too short for a header is zero.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from loginfix.formats.leveldb.checksum import masked_crc32c
from loginfix.formats.leveldb.model import LevelDBError

_BLOCK = 32768
_HEADER = struct.Struct("<IHB")

_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


class Log(NamedTuple):
    """The records of a log; ``torn``: whether a last one was cut short, which LevelDB ignores."""

    records: list[bytes]
    torn: bool


class _Fragment(NamedTuple):
    kind: int
    payload: bytes
    end: int


def read_log(data: bytes) -> Log:
    """Read every whole record.

    Only the very end may be cut short, or be zeros that were reserved and never written.

    Raises:
        LevelDBError: Anything else is damaged.
    """
    records: list[bytes] = []
    parts: list[bytes] = []
    whole = 0
    for kind, payload, end in _fragments(data):
        if (kind in (_FULL, _FIRST)) == bool(parts):
            raise LevelDBError(f"the fragments of a record do not follow each other at {end}")
        parts.append(payload)
        if kind in (_FULL, _LAST):
            records.append(b"".join(parts))
            parts.clear()
            whole = end
    return Log(records, torn=not _is_zero(data[whole:]))


def build_log(records: Iterable[bytes]) -> bytes:
    """Write what ``read_log`` reads."""
    log = bytearray()
    for record in records:
        done, first = 0, True
        while first or done < len(record):
            left = _BLOCK - len(log) % _BLOCK
            if left < _HEADER.size:
                log += bytes(left)
                left = _BLOCK
            payload = record[done : done + left - _HEADER.size]
            done += len(payload)
            last = done == len(record)
            kind = (_FULL if last else _FIRST) if first else (_LAST if last else _MIDDLE)
            log += _HEADER.pack(_checksum(kind, payload), len(payload), kind)
            log += payload
            first = False
    return bytes(log)


def _fragments(data: bytes) -> Iterator[_Fragment]:
    """Every whole fragment up to the end, or up to one that the end of the file cuts off."""
    offset = 0
    while offset < len(data):
        block_end = min(offset - offset % _BLOCK + _BLOCK, len(data))
        # Only in a block that is not full does LevelDB take what is cut off as never written.
        in_last_block = block_end % _BLOCK != 0
        if block_end - offset < _HEADER.size:
            if in_last_block:
                return
            if not _is_zero(data[offset:block_end]):
                raise LevelDBError(f"the end of the block at {block_end} is not empty")
            offset = block_end
            continue
        crc, size, kind = _HEADER.unpack_from(data, offset)
        start = offset + _HEADER.size
        end = start + size
        if end > block_end:
            if in_last_block:
                return
            raise LevelDBError(f"the record at {offset} is longer than its block")
        if kind == 0 and size == 0 and _is_zero(data[offset:]):
            return
        payload = data[start:end]
        if _checksum(kind, payload) != crc:
            raise LevelDBError(f"the record at {offset} does not match its checksum")
        if kind not in (_FULL, _FIRST, _MIDDLE, _LAST):
            raise LevelDBError(f"the record at {offset} is of the unknown kind {kind}")
        yield _Fragment(kind, payload, end)
        offset = end


def _checksum(kind: int, payload: bytes) -> int:
    return masked_crc32c(bytes((kind,)), payload)


def _is_zero(data: bytes) -> bool:
    return data.count(0) == len(data)
