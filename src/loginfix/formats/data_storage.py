"""Firefox's small tables of security state: slots of one size, one after the other.

Source: security/manager/ssl/data_storage/src/lib.rs, and files of Firefox ESR 153. A slot is, all
big endian: a checksum, a score and the day of last access in 16 bits each, the key in 256 bytes and
the value in a number of bytes that the table's name decides, both filled up with zeros. The
checksum is the XOR of the 16-bit words behind it. A slot of nothing but zeros is empty. A file may
end after any slot.
"""

from collections.abc import Iterator
from functools import reduce
from operator import xor
from typing import NamedTuple

KEY_SIZE = 256
MAX_SLOTS = 2048

_HEADER_SIZE = 6
_CHECKSUM_SIZE = 2


class DataStorageError(ValueError):
    """The bytes are not such a table; the text says in what way."""


class Slot(NamedTuple):
    """A slot that is not empty; ``number`` counts from 0.

    ``is_sound`` tells whether its checksum is right: Firefox passes over others.
    """

    number: int
    raw: bytes
    key: bytes
    value: bytes
    is_sound: bool


def slot_size(value_size: int) -> int:
    """The size of a slot, in bytes."""
    return _HEADER_SIZE + KEY_SIZE + value_size


def slots(data: bytes, value_size: int) -> Iterator[Slot]:
    """The slots of a file that are not empty.

    Raises:
        DataStorageError: The file has another size, or no slot of it has the right checksum.
    """
    size = slot_size(value_size)
    if len(data) % size:
        raise DataStorageError(f"it does not consist of slots of {size} bytes")
    if len(data) > size * MAX_SLOTS:
        raise DataStorageError(f"it has more than {MAX_SLOTS} slots")
    found = [
        read_slot(index, data[index * size : (index + 1) * size])
        for index in range(len(data) // size)
        if not is_empty(data[index * size : (index + 1) * size])
    ]
    if found and not any(slot.is_sound for slot in found):
        raise DataStorageError("no checksum in it is right")
    yield from found


def build_slot(key: bytes, value: bytes, *, value_size: int, score: int = 0, day: int = 0) -> bytes:
    """Write a slot.

    Raises:
        DataStorageError: The key or the value is too long.
    """
    if len(key) > KEY_SIZE or len(value) > value_size:
        raise DataStorageError("the key or the value is too long for a slot")
    rest = score.to_bytes(2, "big") + day.to_bytes(2, "big")
    rest += key.ljust(KEY_SIZE, b"\0") + value.ljust(value_size, b"\0")
    return _checksum(rest) + rest


def read_slot(number: int, raw: bytes) -> Slot:
    """Take one slot apart, whatever is in it."""
    key = raw[_HEADER_SIZE : _HEADER_SIZE + KEY_SIZE].rstrip(b"\0")
    value = raw[_HEADER_SIZE + KEY_SIZE :].rstrip(b"\0")
    is_sound = raw[:_CHECKSUM_SIZE] == _checksum(raw[_CHECKSUM_SIZE:])
    return Slot(number, raw, key, value, is_sound)


def is_empty(raw: bytes) -> bool:
    """Whether a slot holds nothing."""
    return not any(raw)


def _checksum(rest: bytes) -> bytes:
    words = (rest[i : i + 2] for i in range(0, len(rest), 2))
    return reduce(xor, (int.from_bytes(word, "big") for word in words)).to_bytes(2, "big")
