"""Chromium's ``base::Pickle``: values one after the other, each padded to four bytes.

Source: ``base/pickle.h`` and ``base/pickle.cc``. The payload's length stands in front of it, as an
unsigned 32-bit integer. A string is its length as a signed 32-bit integer, in bytes or, for
``string16``, in UTF-16 code units, and then its content. All integers are in little endian.
"""

import struct

_UINT32 = struct.Struct("<I")
_INT32 = struct.Struct("<i")
_INT64 = struct.Struct("<q")
_ALIGNMENT = 4


class PickleError(ValueError):
    """Data that is not a pickle, or ends before the value that was asked for."""


class PickleReader:
    """Reads the values of a pickle in their order."""

    def __init__(self, data: bytes) -> None:
        """Raises ``PickleError`` where the header does not fit the data."""
        if len(data) < _UINT32.size:
            raise PickleError("a pickle has no header")
        size = _UINT32.unpack_from(data)[0]
        if size != len(data) - _UINT32.size or size % _ALIGNMENT:
            raise PickleError("a pickle is not as long as it says")
        self._data = data
        self._at = _UINT32.size

    @property
    def at_end(self) -> bool:
        """Whether every value has been read."""
        return self._at == len(self._data)

    def int32(self) -> int:
        """A signed 32-bit integer; booleans are written like this as well."""
        return int(_INT32.unpack(self._take(_INT32.size))[0])

    def int64(self) -> int:
        """A signed 64-bit integer."""
        return int(_INT64.unpack(self._take(_INT64.size))[0])

    def string(self) -> bytes:
        """A string of bytes."""
        return self._string(1)

    def string16(self) -> bytes:
        """A string of UTF-16 code units, in little endian."""
        return self._string(2)

    def rest(self) -> bytes:
        """Everything that has not been read."""
        return self._take(len(self._data) - self._at)

    def _string(self, width: int) -> bytes:
        length = self.int32()
        if length < 0:
            raise PickleError("a string has a negative length")
        size = length * width
        content = self._take(size)
        if any(self._take(-size % _ALIGNMENT)):
            raise PickleError("a string is not padded with zeros")
        return content

    def _take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise PickleError("a pickle ends inside a value")
        taken = self._data[self._at : end]
        self._at = end
        return taken


class PickleWriter:
    """Writes what ``PickleReader`` reads."""

    def __init__(self) -> None:
        self._payload = bytearray()

    def int32(self, value: int) -> None:
        """Write a signed 32-bit integer or a boolean."""
        self._payload += _INT32.pack(value)

    def int64(self, value: int) -> None:
        """Write a signed 64-bit integer."""
        self._payload += _INT64.pack(value)

    def string(self, content: bytes) -> None:
        """Write a string of bytes."""
        self._string(content, 1)

    def string16(self, content: bytes) -> None:
        """Write a string of UTF-16 code units, given as their bytes."""
        self._string(content, 2)

    def raw(self, content: bytes) -> None:
        """Write what ``PickleReader.rest`` gave."""
        self._payload += content

    def to_bytes(self) -> bytes:
        """The whole pickle."""
        return _UINT32.pack(len(self._payload)) + bytes(self._payload)

    def _string(self, content: bytes, width: int) -> None:
        self.int32(len(content) // width)
        self._payload += content + bytes(-len(content) % _ALIGNMENT)
