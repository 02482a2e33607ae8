"""Where something is in a block-file cache (``addr.h``)."""

from enum import IntEnum
from typing import NamedTuple


class BlockCacheError(ValueError):
    """Bytes that are not a block-file cache, or one that is damaged, or of an unknown version."""


class Kind(IntEnum):
    """What an address leads to: a file of its own, or blocks of a size."""

    EXTERNAL = 0
    RANKINGS = 1
    BLOCK_256 = 2
    BLOCK_1K = 3
    BLOCK_4K = 4


BLOCK_SIZES = {
    Kind.RANKINGS: 36,
    Kind.BLOCK_256: 256,
    Kind.BLOCK_1K: 1024,
    Kind.BLOCK_4K: 4096,
}
"""Bytes of one block."""

MAX_BLOCKS = 4
"""The most blocks that one thing takes; they never cross a multiple of four."""

LARGEST_IN_BLOCKS = MAX_BLOCKS * BLOCK_SIZES[Kind.BLOCK_4K]
"""Bytes; what is larger has a file of its own, what is not has none."""

_INITIALISED = 1 << 31
_RESERVED = 0x0C000000
_EXTERNAL_NUMBER = 0x0FFFFFFF


class Address(NamedTuple):
    """``file`` is the number of ``data_N`` or of ``f_N``; ``blocks`` of them from ``block`` on."""

    kind: Kind
    file: int
    block: int = 0
    blocks: int = 1

    @property
    def value(self) -> int:
        """The number that is stored."""
        if self.kind is Kind.EXTERNAL:
            return _INITIALISED | self.file
        place = (self.blocks - 1) << 24 | self.file << 16 | self.block
        return _INITIALISED | self.kind << 28 | place

    @property
    def size(self) -> int:
        """Bytes of its blocks."""
        return self.blocks * BLOCK_SIZES[self.kind]

    @property
    def external_name(self) -> str:
        """The name of the file of its own."""
        return f"f_{self.file:06x}"


def parse_address(value: int) -> Address | None:
    """Take a stored address apart; None is "nowhere".

    Raises:
        BlockCacheError: No cache writes such an address.
    """
    if not value:
        return None
    kind = value >> 28 & 7
    if not value & _INITIALISED or kind > Kind.BLOCK_4K:
        raise BlockCacheError(f"{value:#010x} is not an address")
    if kind == Kind.EXTERNAL:
        return Address(Kind.EXTERNAL, value & _EXTERNAL_NUMBER)
    address = Address(Kind(kind), value >> 16 & 0xFF, value & 0xFFFF, (value >> 24 & 3) + 1)
    if value & _RESERVED or address.block % MAX_BLOCKS + address.blocks > MAX_BLOCKS:
        raise BlockCacheError(f"{value:#010x} is not an address")
    return address


def parse_block_address(value: int, kind: Kind) -> Address:
    """Take apart an address that must lead to blocks of one kind.

    Raises:
        BlockCacheError: It does not.
    """
    address = parse_address(value)
    if address is None or address.kind is not kind:
        raise BlockCacheError(f"{value:#010x} does not lead to {kind.name}")
    return address


def kind_for(size: int) -> Kind:
    """Where something of ``size`` bytes is kept."""
    if size > LARGEST_IN_BLOCKS:
        return Kind.EXTERNAL
    if size < BLOCK_SIZES[Kind.BLOCK_1K]:
        return Kind.BLOCK_256
    return Kind.BLOCK_1K if size < BLOCK_SIZES[Kind.BLOCK_4K] else Kind.BLOCK_4K
