"""Proving that an edited cache still holds everything that was not to go, as it was."""

from collections.abc import Collection, Iterator

from loginfix.formats.block_cache.block_file import HEADER
from loginfix.formats.block_cache.cache import BlockCache
from loginfix.formats.block_cache.ownership import Ownership
from loginfix.formats.block_cache.ranges import Range, read_all, together
from loginfix.formats.block_cache.records import KEY_OFFSET, NODE_SIZE

# What an edit may change of others: the entry or node that is next, the one before, and the hash.
_RECORD_PARTS = ((0, 4), (8, KEY_OFFSET - 4))
_NODE_PARTS = ((0, 16), (24, NODE_SIZE - 4))


def is_rest(after: BlockCache, before: BlockCache, gone: Collection[int]) -> bool:
    """Whether one cache holds exactly what another one does without the entries at ``gone``.

    Every other entry is led to as it was, has all it had in the same places, and its key, its
    record and its streams in blocks are the same bytes; only its neighbours may be others.

    Raises:
        BlockCacheError: A file became shorter while it was read.
    """
    staying = before.owned.copy()
    for entry in map(before.entry, gone):
        pieces = [address for address, _ in entry.pieces()]
        staying.forget(entry.address, entry.node_address, pieces)
    if not after.owned.is_same(staying):
        return False
    for number, file in before.files.items():
        ranges = _lasting(staying, number, file.block_size)
        for group in together(ranges):
            if b"".join(read_all(file, group)) != b"".join(read_all(after.files[number], group)):
                return False
    return True


def _lasting(owned: Ownership, number: int, width: int) -> Iterator[Range]:
    """The bytes of a file that no edit of other entries may change."""
    entries = owned.entries.get(number)
    states = entries.states if entries else b""
    for block, _, size in owned.extents[number]:
        begin = HEADER + block * width
        if width == NODE_SIZE:
            for first, end in _NODE_PARTS:
                yield begin + first, begin + end
        elif states and states[block]:
            for first, end in _RECORD_PARTS:
                yield begin + first, begin + end
            yield begin + KEY_OFFSET, begin + size
        else:
            yield begin, begin + size
