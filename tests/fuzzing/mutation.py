"""Damage that tends to matter: flipped bits, odd numbers, parts cut off, doubled and exchanged."""

import random
from collections.abc import Sequence

_WIDTHS = (7, 8, 15, 16, 31, 32, 63, 64)
_NUMBERS = (0, 1, *(edge for bits in _WIDTHS for edge in (2**bits - 1, 2**bits)))
_LONGEST = 1 << 20


def mutated(seeds: Sequence[bytes], rand: random.Random) -> bytes:
    """One of ``seeds`` with one to four kinds of damage."""
    data = bytearray(rand.choice(seeds))
    for _ in range(rand.choice((1, 1, 1, 2, 3, 4))):
        _damage(data, seeds, rand)
    return bytes(data[:_LONGEST])


def _damage(data: bytearray, seeds: Sequence[bytes], rand: random.Random) -> None:
    # The beginning and the end of a file tell what the rest is.
    at = rand.randrange(min(len(data), rand.choice((_LONGEST, 64, 512))) + 1)
    if rand.random() < 0.1:
        at = len(data) - at
    width = rand.choice((1, 2, 4, 8))
    match rand.randrange(8):
        case 0 | 1 if at < len(data):
            data[at] ^= 1 << rand.randrange(8)
        case 2:
            number = rand.choice(_NUMBERS) & ((1 << 8 * width) - 1)
            data[at : at + width] = number.to_bytes(width, rand.choice(("little", "big")))
        case 3:
            del data[at:]
        case 4:
            del data[at : at + rand.choice((1, width, 100))]
        case 5:
            data[at:at] = data[at : at + rand.choice((1, 16, 300))] * rand.choice((1, 2, 200))
        case 6:
            other = rand.choice(seeds)
            start = rand.randrange(len(other) + 1)
            data[at : at + 300] = other[start : start + rand.choice((8, 300, 4000))]
        case _:
            data[at : at + width] = rand.randbytes(width)
