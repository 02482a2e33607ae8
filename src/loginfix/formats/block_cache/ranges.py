"""Many short ranges of a block file, read a megabyte at a time."""

from collections.abc import Iterable, Iterator

from loginfix.formats.block_cache.block_file import BlockFile

Range = tuple[int, int]
"""Where some bytes of a file begin and end."""

CHUNK = 1 << 20
"""Bytes that are read at once; no range is longer."""


def together(ranges: Iterable[Range]) -> Iterator[list[Range]]:
    """Yield ranges, which are in order, in groups that lie within ``CHUNK``."""
    group: list[Range] = []
    limit = 0
    for each in ranges:
        if each[1] > limit:
            if group:
                yield group
            group = []
            limit = each[0] + CHUNK
        group.append(each)
    if group:
        yield group


def read_all(file: BlockFile, group: list[Range]) -> list[bytes]:
    """What is in each range of a group.

    Raises:
        BlockCacheError: The file is not that long any more.
    """
    first = group[0][0]
    data = file.read_at(first, group[-1][1] - first)
    return [data[begin - first : end - first] for begin, end in group]
