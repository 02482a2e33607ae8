"""Paul Hsieh's SuperFastHash, which Chromium calls ``base::PersistentHash`` (base/hash/hash.cc)."""

import struct
from functools import lru_cache

_LANE = 8
_ALL = 0xFFFFFFFF


def super_fast_hash(data: bytes) -> int:
    """The 32-bit hash of ``data``."""
    mask = 0xFFFFFFFF
    value = len(data)
    tail = len(data) & 3
    whole = len(data) - tail
    for low, high in struct.iter_unpack("<HH", data[:whole]):
        value += low
        value = (value << 16 ^ high << 11 ^ value) & mask
        value += value >> 11
    rest = int.from_bytes(data[whole : whole + 2], "little")
    # C reads the odd last byte as a signed char.
    last = int.from_bytes(data[-1:], signed=True)
    match tail:
        case 3:
            value += rest
            value = (value ^ value << 16 ^ last << 18) & mask
            value += value >> 11
        case 2:
            value += rest
            value = (value ^ value << 11) & mask
            value += value >> 17
        case 1:
            value += last
            value = (value ^ value << 10) & mask
            value += value >> 1
    for left, right in ((3, 5), (4, 17), (25, 6)):
        value = (value ^ value << left) & mask
        value += value >> right
    return value & mask


def super_fast_hashes(data: bytes, stride: int, length: int) -> tuple[int, ...]:
    """The hashes of the first ``length`` bytes of every ``stride`` bytes of ``data``.

    Ten times as fast as one after the other: each value has 64 bits of one large number to itself,
    so that a step is taken for all at once. Nothing may leave its lane: what is shifted down is
    cut off first, and what is shifted up fits.
    """
    count = len(data) // stride

    def lanes(number: int) -> int:
        return _repeated(number, count)

    def column(at: int, width: int) -> int:
        """The little-endian number at an offset of each."""
        spread = bytearray(_LANE * count)
        for byte in range(width):
            spread[byte::_LANE] = data[at + byte : stride * count : stride]
        return int.from_bytes(spread, "little")

    def down(value: int, bits: int) -> int:
        return (value & lanes((1 << 33) - (1 << bits))) >> bits

    mask, low, high = lanes(_ALL), lanes(0xFFFF), lanes(0xFFFF0000)
    value = lanes(length)
    tail = length & 3
    whole = length - tail
    for at in range(0, whole, 4):
        word = column(at, 4)
        value += word & low
        value = (value << 16 ^ (word & high) >> 5 ^ value) & mask
        value += down(value, 11)
    last = column(length - 1, 1) if tail else 0
    sign = last & lanes(0x80)
    last += (sign << 25) - (sign << 1)  # as a signed char, in 32 bits
    match tail:
        case 3:
            value += column(whole, 2)
            value = (value ^ value << 16 ^ last << 18) & mask
            value += down(value, 11)
        case 2:
            value += column(whole, 2)
            value = (value ^ value << 11) & mask
            value += down(value, 17)
        case 1:
            value += last
            value = (value ^ value << 10) & mask
            value += down(value, 1)
    for left, right in ((3, 5), (4, 17), (25, 6)):
        value = (value ^ value << left) & mask
        value += down(value, right)
    return struct.unpack(f"<{count}Q", (value & mask).to_bytes(_LANE * count, "little"))


@lru_cache(maxsize=64)
def _repeated(number: int, count: int) -> int:
    return int.from_bytes(number.to_bytes(_LANE, "little") * count, "little")
