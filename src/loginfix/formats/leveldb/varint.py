"""Numbers and byte strings one after the other, as LevelDB ``util/coding.h`` writes them."""

from loginfix.formats.leveldb.model import LevelDBError

# In each byte of a number: whether more follow, and 7 bits of it.
MORE = 0x80
BITS = 0x7F


class Cursor:
    """Reads on from where it stands; whatever reaches past ``end`` is a ``LevelDBError``."""

    __slots__ = ("_data", "_end", "offset")

    def __init__(self, data: bytes, offset: int = 0, end: int | None = None) -> None:
        self._data = data
        self._end = len(data) if end is None else end
        self.offset = offset

    @property
    def at_end(self) -> bool:
        """Whether everything has been read."""
        return self.offset == self._end

    def varint32(self) -> int:
        """A number of up to 32 bits, 7 a byte, the lowest first."""
        return self._varint(32)

    def varint64(self) -> int:
        """A number of up to 64 bits, 7 a byte, the lowest first."""
        return self._varint(64)

    def fixed(self, size: int) -> int:
        """A little-endian number of ``size`` bytes."""
        return int.from_bytes(self.take(size), "little")

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        start = self.offset
        if size > self._end - start:
            raise LevelDBError("something is longer than what holds it")
        self.offset = start + size
        return self._data[start : self.offset]

    def sized(self) -> bytes:
        """Bytes that follow their own length."""
        return self.take(self._varint(32))

    def _varint(self, bits: int) -> int:
        start = self.offset
        if start < self._end and (only := self._data[start]) < MORE:  # as nearly all are
            self.offset = start + 1
            return only
        value = 0
        data, end, at = self._data, self._end, start
        for shift in range(0, bits, 7):
            if at >= end:
                raise LevelDBError("a number is cut short")
            byte = data[at]
            at += 1
            if byte < MORE:
                value |= byte << shift
                if value >> bits:
                    break
                self.offset = at
                return value
            value |= (byte & BITS) << shift
        raise LevelDBError("a number is too large")


def varint(value: int) -> bytes:
    """Encode a number that is not negative."""
    encoded = bytearray()
    while value >= MORE:
        encoded.append(value & BITS | MORE)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def sized(data: bytes) -> bytes:
    """``data`` behind its length."""
    return varint(len(data)) + data
