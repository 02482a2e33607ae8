"""The bytes of a block file that belong to no entry: free blocks, and what is left in used ones.

The browser zeroes blocks when it gives them back, but not when it is killed meanwhile.
"""

import io
from collections.abc import Iterator

from loginfix.formats.block_cache.block_file import HEADER, BlockFile
from loginfix.formats.block_cache.cache import BlockCache
from loginfix.formats.block_cache.extents import Extents
from loginfix.formats.block_cache.ranges import CHUNK, Range, read_all, together

_OVERLAP = 1 << 10
_ZEROS = bytes(2 * CHUNK)


def unused_runs(file: BlockFile, extents: Extents) -> Iterator[tuple[int, bytes]]:
    """Yield offset and content of each run of bytes that belongs to nobody and is not all zero.

    A run ends where owned bytes begin, or after 1 MiB; then the next one begins a little before, so
    that no name is cut in two.
    """
    for group in together(_runs(file, extents)):
        contents = read_all(file, group)
        if not _is_zero(b"".join(contents)):
            for (begin, _), data in zip(group, contents, strict=True):
                if not _is_zero(data):
                    yield begin, data


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


def _is_zero(data: bytes) -> bool:
    return _ZEROS.startswith(data)  # compares a hundred times as fast as ``strip``


def _runs(file: BlockFile, extents: Extents) -> Iterator[Range]:
    position = HEADER
    width = file.block_size
    for block, _, size in extents:
        begin = HEADER + block * width
        if position < begin:
            yield from _cut(position, begin)
        position = begin + size
    yield from _cut(position, file.length)


def _cut(begin: int, end: int) -> Iterator[Range]:
    while end - begin > CHUNK:
        yield begin, begin + CHUNK
        begin += CHUNK - _OVERLAP
    if begin < end:
        yield begin, end
