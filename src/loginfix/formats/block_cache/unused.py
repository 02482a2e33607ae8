"""The bytes of a block file that belong to no entry: free blocks, and what is left in used ones.

The browser zeroes blocks when it gives them back, but not when it is killed meanwhile.
"""

import io
from collections.abc import Iterator

from loginfix.formats.block_cache.block_file import HEADER, BlockFile
from loginfix.formats.block_cache.cache import BlockCache, Extent

_CHUNK = 1 << 20
_OVERLAP = 1 << 10


def unused_runs(file: BlockFile, extents: list[Extent]) -> Iterator[tuple[int, bytes]]:
    """Yield offset and content of each run of bytes that belongs to nobody and is not all zero.

    A run ends where owned bytes begin, or after 1 MiB; then the next one begins a little before, so
    that no name is cut in two.
    """
    position = HEADER
    length = file.length
    for block, _, size in (*extents, (file.capacity, 0, 0)):
        begin = HEADER + block * file.block_size
        if block == file.capacity:
            begin = length
        while position < begin:
            data = file.read_at(position, min(begin - position, _CHUNK))
            if data.strip(b"\0"):
                yield position, data
            position += len(data)
            if position < begin:
                position -= _OVERLAP
        position = max(position, begin + size)


def unused_bytes(cache: BlockCache) -> Iterator[io.BytesIO]:
    """Yield what is in nobody's bytes, a run at a time."""
    for number, file in cache.files.items():
        for _, data in unused_runs(file, cache.extents[number]):
            yield io.BytesIO(data)


def zero_unused(cache: BlockCache) -> None:
    """Zero every byte that belongs to nobody; blocks keep their state in the map."""
    for number, file in cache.files.items():
        for offset, data in unused_runs(file, cache.extents[number]):
            file.write_at(offset, bytes(len(data)))
