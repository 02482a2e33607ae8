"""Chromium's session files: a header and a log of commands.

Source: ``components/sessions/core/command_storage_backend.cc``. The header is ``SNSS`` and a
version; a record is its length and its content, which is a command: one byte that says which, and
the payload. All integers are in little endian.

======= ============================== ============ ===============
version written by                     length       content
======= ============================== ============ ===============
1       Chromium before 90             16 bits      command
3       Chromium since 90              16 bits      command
5       ``Sessions_Encrypted``         32 bits      encrypted command
2, 4    ChromeOS                       16 bits      (not read here)
======= ============================== ============ ===============

The browser appends to the file while it runs. What a crash cut short it passes over, and so does
``read_log``: an incomplete record, or nothing but zeros, at the end.
"""

import struct
from collections.abc import Iterable
from typing import NamedTuple

CURRENT = 3
"""The version that the browser writes."""

ENCRYPTED = 5
"""The version whose records are encrypted, each for itself."""

MARKER = 255
"""The command behind the initial state; a file without it is not used by the browser."""

_MAGIC = b"SNSS"
_HEADER = struct.Struct("<4si")
_LENGTHS = {1: struct.Struct("<H"), 3: struct.Struct("<H"), ENCRYPTED: struct.Struct("<I")}
# A command has at most 65535 bytes; encrypting adds a few dozen.
_MAX_RECORD = 1 << 17


class SnssError(ValueError):
    """Bytes that are not a session file, or one that is damaged or of an unknown version."""


class Command(NamedTuple):
    """A command: what it is, and its payload."""

    id: int
    payload: bytes

    def to_bytes(self) -> bytes:
        """The content of its record."""
        return bytes((self.id,)) + self.payload


class Log(NamedTuple):
    """A session file: ``tail`` is what a crash left behind the last complete record."""

    version: int
    records: list[bytes]
    tail: bytes


def read_log(data: bytes) -> Log:
    """Take a file apart.

    Raises:
        SnssError: It is not a session file, or is damaged.
    """
    if len(data) < _HEADER.size:
        raise SnssError("it is not a session file")
    magic, version = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise SnssError("it is not a session file")
    length = _LENGTHS.get(version)
    if length is None:
        raise SnssError(f"it is a session file of the unknown version {version}")
    records = []
    at = _HEADER.size
    while at + length.size <= len(data):
        size = length.unpack_from(data, at)[0]
        if not size:
            if any(data[at:]):
                raise SnssError("it has an empty record")
            break
        if size > _MAX_RECORD:
            raise SnssError(f"it has a record of {size} bytes")
        end = at + length.size + size
        if end > len(data):
            break
        records.append(data[at + length.size : end])
        at = end
    return Log(version, records, data[at:])


def build_log(version: int, records: Iterable[bytes]) -> bytes:
    """Write a file of these records.

    Raises:
        SnssError: The version is unknown, or a record is empty or too long for it.
    """
    length = _LENGTHS.get(version)
    if length is None:
        raise SnssError(f"session files of version {version} cannot be written")
    parts = [_HEADER.pack(_MAGIC, version)]
    for record in records:
        if not 0 < len(record) < min(_MAX_RECORD, 1 << 8 * length.size):
            raise SnssError(f"a record of {len(record)} bytes cannot be written")
        parts += (length.pack(len(record)), record)
    return b"".join(parts)


def command(content: bytes) -> Command:
    """The command that a record's content is.

    Raises:
        SnssError: There is none.
    """
    if not content:
        raise SnssError("a record holds no command")
    return Command(content[0], content[1:])
