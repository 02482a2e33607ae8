"""Paul Hsieh's SuperFastHash, which Chromium calls ``base::PersistentHash`` (base/hash/hash.cc)."""

import struct


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
