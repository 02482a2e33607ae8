"""Following every chain and list of a cache, and seeing that all is as the browser leaves it.

Of tens of thousands of entries, nothing is made an object: addresses are taken apart with a table,
and hashes are looked at together. What is wrong may then be met in another order than with one
entry after the other; so where anything is, all is looked at again and each hash at once.
"""

import struct
from array import array
from collections.abc import Callable, Iterator, MutableSequence
from functools import lru_cache
from typing import NoReturn

from loginfix.formats.block_cache.addresses import (
    BLOCK_SIZES,
    LARGEST_IN_BLOCKS,
    MAX_BLOCKS,
    Address,
    BlockCacheError,
    Kind,
    kind_for,
    parse_address,
    parse_block_address,
)
from loginfix.formats.block_cache.block_file import BlockFile
from loginfix.formats.block_cache.hashes import AtOnce, Hashes, PutOff
from loginfix.formats.block_cache.index import LISTS, Index
from loginfix.formats.block_cache.ownership import COUNT, IN_CHAIN, IN_LIST, Ownership
from loginfix.formats.block_cache.records import (
    ENTRY,
    KEY_OFFSET,
    NODE,
    NODE_SIZE,
    blocks_for,
    check_entry,
)

ReadExternal = Callable[[str, int], bytes]
"""Gives the first bytes of a file ``f_*``, fewer where it is shorter, none where it is missing."""

Files = dict[int, BlockFile]

# A key is a URL, of 2 MiB at most, with two sites before it; a part's key says a little more.
_MAX_KEY = 4 << 20
# Of an entry: hash, next, node; state; length and address of the key, sizes and addresses.
_ENTRY = struct.Struct("<3I8xi8xiI4i4I")
_LINKS = struct.Struct("<16x3I")
# The highest byte of an address says it all but for the file and the block: bytes, and how many.
_PLACES = {
    (1 << 31 | kind << 28 | (count - 1) << 24) >> 24: (size, count)
    for kind, size in BLOCK_SIZES.items()
    for count in range(1, MAX_BLOCKS + 1)
} | dict.fromkeys(range(0x80, 0x90), (0, 0))
_NOWHERE = (0, MAX_BLOCKS + 1)
_ENTRY_SIZE = BLOCK_SIZES[Kind.BLOCK_256]
_NODE_PLACE = (1 << 31 | Kind.RANKINGS << 28) >> 24
_PAGE = 1 << 10
_PAGES = 1 << 6


def check(
    index: Index, files: Files, read_external: ReadExternal, choose: Callable[[bytes], bool]
) -> tuple[Ownership, MutableSequence[int]]:
    """Check a whole cache; also gives the addresses of the entries whose keys ``choose`` takes.

    Raises:
        BlockCacheError: Something is not as the browser leaves it; the text says what came first.
    """
    try:
        return _Check(index, files, read_external, choose, PutOff()).run()
    except BlockCacheError:
        return _Check(index, files, read_external, choose, AtOnce()).run()


def file_of(files: Files, address: Address) -> BlockFile:
    """The file that an address leads into.

    Raises:
        BlockCacheError: The blocks are not there, or not in use.
    """
    file = files.get(address.file)
    if file is None or file.block_size != BLOCK_SIZES.get(address.kind):
        raise BlockCacheError(f"{address.value:#010x} leads to no block file")
    if not file.is_used(address.block, address.blocks):
        raise BlockCacheError(f"{address.value:#010x} leads to blocks that are not in use")
    return file


def read(files: Files, address: Address, size: int) -> bytes:
    """Read the first bytes of what is at an address in blocks.

    Raises:
        BlockCacheError: The blocks are not in use or too few.
    """
    if size > address.size:
        raise BlockCacheError(f"{address.value:#010x} is too small for {size} bytes")
    return file_of(files, address).read(address.block, size)


def read_long_key(files: Files, read_external: ReadExternal, length: int, value: int) -> bytes:
    """Read a key that is not behind its entry's record, with the byte that ends it.

    Raises:
        BlockCacheError: It is not where it should be.
    """
    if length > _MAX_KEY:
        raise BlockCacheError("impossible length of a key")
    place = parse_address(value)
    if place is None or place.kind is not kind_for(length + 1):
        raise BlockCacheError("the key of an entry is not where it should be")
    if place.kind is Kind.EXTERNAL:
        return read_external(place.external_name, length + 1)
    return read(files, place, length + 1)


def whole_key(data: bytes, length: int) -> bytes:
    """A key of so many bytes, without the zero that must be behind it.

    Raises:
        BlockCacheError: It is cut short.
    """
    if len(data) != length + 1 or data[-1]:
        raise BlockCacheError("a key is cut short")
    return data[:-1]


def check_stream(value: int, size: int) -> None:
    """See that a stream of ``size`` bytes may be at an address.

    Raises:
        BlockCacheError: It is no address, or one for other sizes.
    """
    width, count = _PLACES.get(value >> 24, _NOWHERE)
    if (value & 3) + count > MAX_BLOCKS:
        parse_address(value)
    if (size > LARGEST_IN_BLOCKS) == bool(width):
        raise BlockCacheError("a stream is not where one of its size should be")


class _Check:
    def __init__(
        self,
        index: Index,
        files: Files,
        read_external: ReadExternal,
        choose: Callable[[bytes], bool],
        hashes: Hashes,
    ) -> None:
        self._index = index
        self._files = files
        self._read_external = read_external
        self._choose = choose
        self._hashes = hashes
        self._owned = Ownership(files)
        self._chosen: MutableSequence[int] = array("I")
        # Address and size in bytes of everything that is somebody's, one after the other.
        self._pieces = array("I")
        self._page = lru_cache(maxsize=_PAGES)(self._read_page)

    def run(self) -> tuple[Ownership, MutableSequence[int]]:
        mask = self._index.mask
        for bucket, first in self._index.buckets():
            value = first
            while value:
                hash_, value = self._load(value, IN_CHAIN)
                if hash_ & mask != bucket:
                    raise BlockCacheError("an entry is in the chain of another hash")
        contents: list[MutableSequence[int]] = [
            array("I", self._list(number)) for number in range(LISTS)
        ]
        bare = [*self._join_lists(contents)]
        del contents
        bare += self._without_list()
        self._hashes.finish()
        self._claim(bare)
        return self._owned, self._chosen

    def _load(self, value: int, led: int) -> tuple[int, int]:
        """Check an entry and take it up; gives its hash and the next one's address."""
        size, count = _PLACES.get(value >> 24, _NOWHERE)
        number, block = value >> 16 & 0xFF, value & 0xFFFF
        entries = self._owned.entries.get(number)
        if (
            size != _ENTRY_SIZE
            or (value & 3) + count > MAX_BLOCKS
            or entries is None
            or not self._files[number].is_used(block, count)
        ):
            self._refuse(value, Kind.BLOCK_256)
        if entries.states[block] & COUNT == count:
            raise BlockCacheError("an entry is in two places, or a chain is a circle")
        data = self._files[number].read(block, count * _ENTRY_SIZE)
        self._hashes.record(data[:KEY_OFFSET], ENTRY)
        hash_, following, node, state, length, long_key, *streams = _ENTRY.unpack_from(data)
        sizes, addresses = streams[:4], streams[4:]
        check_entry(state, length, long_key, min(sizes))
        if blocks_for(length) != count:
            raise BlockCacheError("an entry has not the blocks that its key needs")
        if long_key:
            key = read_long_key(self._files, self._read_external, length, long_key)
            pieces = [value, KEY_OFFSET, node, NODE_SIZE, long_key, length + 1]
        else:
            end = KEY_OFFSET + length + 1
            key = data[KEY_OFFSET:end]
            pieces = [value, end, node, NODE_SIZE]
        key = whole_key(key, length)
        self._hashes.key(key, hash_)
        for address, size in zip(addresses, sizes, strict=True):
            if address:
                check_stream(address, size)
                pieces += (address, size)
        if node >> 24 != _NODE_PLACE:
            parse_block_address(node, Kind.RANKINGS)
            raise BlockCacheError("a node has more than one block")
        if isinstance(self._hashes, AtOnce):
            self._node(node)  # otherwise it is looked at only where its list leads to it
        entries.states[block] = count | led
        entries.nodes[block] = node
        self._owned.order.append(value)
        self._pieces.extend(pieces)
        if self._choose(key):
            self._chosen.append(value)
        return hash_, following

    def _list(self, number: int) -> Iterator[int]:
        """Follow a list; gives the address that each of its nodes has of its entry."""
        addresses = self._owned.lists[number]
        value, tail = self._index.ends(number)
        if bool(value) != bool(tail):
            raise BlockCacheError("a list has only one end")
        previous = value
        while value:
            nodes = self._owned.nodes.get(value >> 16 & 0xFF)
            block = value & 0xFFFF
            if value >> 24 != _NODE_PLACE or nodes is None or block >= len(nodes):
                if parse_block_address(value, Kind.RANKINGS).blocks == 1:
                    self._refuse(value, Kind.RANKINGS)
                raise BlockCacheError("a node is in two lists, or a list is a circle")
            if nodes[block]:
                raise BlockCacheError("a node is in two lists, or a list is a circle")
            following, before, contents = self._node(value)
            nodes[block] = number + 1
            if before != previous:
                raise BlockCacheError("a list is not linked both ways")
            addresses.append(value)
            yield contents
            if following == value:
                if value != tail:
                    raise BlockCacheError("a list does not end at its tail")
                return
            if not following:
                raise BlockCacheError("a list breaks off")
            previous, value = value, following

    def _node(self, value: int) -> tuple[int, int, int]:
        """Check a node; gives its next one, its previous one and its entry."""
        number, block = value >> 16 & 0xFF, value & 0xFFFF
        file = self._files.get(number)
        if file is None or file.block_size != NODE_SIZE or not file.is_used(block, 1):
            self._refuse(value, Kind.RANKINGS)
        at = block % _PAGE * NODE_SIZE
        data = self._page(number, block // _PAGE)[at : at + NODE_SIZE]
        self._hashes.record(data, NODE)
        return _LINKS.unpack_from(data)

    def _read_page(self, number: int, page: int) -> bytes:
        """A thousand nodes: a list goes from one to the next all over the file."""
        file = self._files[number]
        first = page * _PAGE
        return file.read(first, min(_PAGE, file.capacity - first) * NODE_SIZE)

    def _join_lists(self, contents: list[MutableSequence[int]]) -> Iterator[int]:
        """Find the entry of every node, also of those that no chain leads to; gives the bare ones.

        The browser leaves a node whose entry is gone until it meets it.
        """
        for addresses, owners in zip(self._owned.lists, contents, strict=True):
            for value, owner in zip(addresses, owners, strict=True):
                if not owner:
                    yield value
                    continue
                if not self._is_known(owner):
                    self._load(owner, 0)
                entries, block = self._owned.entries[owner >> 16 & 0xFF], owner & 0xFFFF
                if entries.nodes[block] != value:
                    raise BlockCacheError("an entry and its node do not know each other")
                entries.states[block] |= IN_LIST

    def _is_known(self, value: int) -> bool:
        size, count = _PLACES.get(value >> 24, _NOWHERE)
        entries = self._owned.entries.get(value >> 16 & 0xFF)
        block = value & 0xFFFF
        return (
            size == _ENTRY_SIZE
            and entries is not None
            and block < len(entries.states)
            and entries.states[block] & COUNT == count
        )

    def _without_list(self) -> Iterator[int]:
        """Check the nodes that are in no list; gives those that say that they have no entry."""
        for value in self._owned.order:
            entries, block = self._owned.entries[value >> 16 & 0xFF], value & 0xFFFF
            if not entries.states[block] & IN_LIST:
                node = entries.nodes[block]
                following, before, contents = self._node(node)
                if following or before:
                    raise BlockCacheError("a node is linked but in no list")
                if not contents:
                    yield node

    def _claim(self, bare: list[int]) -> None:
        """See that nothing is owned twice, by the entries, by nodes without one, or by the rest."""
        stats = parse_address(self._index.stats)
        pieces = self._pieces
        for node in bare:
            pieces.extend((node, NODE_SIZE))
        if stats and stats.kind:
            pieces.extend((stats.value, stats.size))
        files, extents, external = self._files, self._owned.extents, self._owned.external
        is_shared = False
        each = iter(pieces)
        for value, size in zip(each, each, strict=True):
            width, count = _PLACES[value >> 24]
            if not width:
                address = Address(Kind.EXTERNAL, value & 0x0FFFFFFF)
                if address.file in external:
                    raise BlockCacheError(f"{address.external_name} belongs to two entries")
                external.add(address.file)
                continue
            number, block = value >> 16 & 0xFF, value & 0xFFFF
            file = files.get(number)
            if file is None or file.block_size != width or not file.is_used(block, count):
                self._refuse(value, Kind(value >> 28 & 7))
            if size > width * count:
                raise BlockCacheError("a stream is larger than its blocks")
            if not extents[number].claim(block, count, size):
                is_shared = True
        if is_shared:
            raise BlockCacheError("a block belongs to two entries")

    def _refuse(self, value: int, kind: Kind) -> NoReturn:
        """Say what is wrong with an address."""
        file_of(self._files, parse_block_address(value, kind))
        raise BlockCacheError(f"{value:#010x} leads nowhere")
