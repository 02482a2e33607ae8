"""The checksum of blocks and log records: a CRC-32C, masked as LevelDB ``util/crc32c.h`` does."""

from crc32c import crc32c

_MASK_DELTA = 0xA282EAD8


def masked_crc32c(*parts: bytes | memoryview) -> int:
    """Checksum of ``parts`` one behind the other."""
    crc = 0
    for part in parts:
        crc = crc32c(part, crc)
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF
