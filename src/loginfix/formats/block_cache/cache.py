"""A whole block-file cache, checked: every entry, chain and list, and who owns which block.

What the browser mends by itself when it next meets it (dirty entries, entries that only a chain or
only a list leads to) is understood. What would make it drop entries or the whole cache is refused.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from loginfix.formats.block_cache.addresses import (
    BLOCK_SIZES,
    Address,
    BlockCacheError,
    Kind,
    kind_for,
    parse_address,
    parse_block_address,
)
from loginfix.formats.block_cache.block_file import BlockFile
from loginfix.formats.block_cache.index import LISTS, Index
from loginfix.formats.block_cache.records import (
    KEY_OFFSET,
    LONGEST_INLINE_KEY,
    NODE_SIZE,
    EntryRecord,
    Node,
)
from loginfix.formats.superfasthash import super_fast_hash

_FIRST_FILES = 4
_LAST_FILE = 255
# A key is a URL, of 2 MiB at most, with two sites before it; a part's key says a little more.
_MAX_KEY = 4 << 20

Extent = tuple[int, int, int]
"""First block, number of blocks, and bytes from the first block on that mean something."""


@dataclass(slots=True, eq=False)
class Entry:
    """An entry; ``bucket`` is None when no chain leads to it, ``list_number`` when no list does."""

    address: Address
    record: EntryRecord
    node_address: Address
    node: Node
    key: bytes
    bucket: int | None
    list_number: int | None = None

    def streams(self) -> Iterator[tuple[Address, int]]:
        """Address and size of each stream that is stored."""
        for value, size in zip(self.record.addresses, self.record.sizes, strict=True):
            if address := parse_address(value):
                yield address, size

    def pieces(self) -> Iterator[tuple[Address, int]]:
        """Address and size in bytes of everything that the entry is made of."""
        inline = 0 if self.record.long_key else len(self.key) + 1
        yield self.address, KEY_OFFSET + inline
        yield self.node_address, NODE_SIZE
        if long_key := parse_address(self.record.long_key):
            yield long_key, len(self.key) + 1
        yield from self.streams()

    @property
    def size(self) -> int:
        """Bytes that the index counts for the entry."""
        return len(self.key) + sum(size for _, size in self.streams())


ReadExternal = Callable[[str, int], bytes]
"""Gives the first bytes of a file ``f_*``, fewer where it is shorter, none where it is missing."""


class BlockCache:
    """The files of a cache, opened and checked. ``chains`` are in order, as are ``lists``."""

    def __init__(
        self, index: bytes, open_file: Callable[[int], BinaryIO], read_external: ReadExternal
    ) -> None:
        """``open_file`` gives ``data_N`` for its number; the files stay the caller's to close.

        Raises:
            BlockCacheError: Something is not as the browser leaves it; the text says what.
        """
        self.index = Index(index)
        self._read_external = read_external
        self.files = _open_files(open_file)
        self.nodes: dict[int, Node] = {}
        self.chains: dict[int, list[Entry]] = {}
        self.lists: list[list[int]] = []
        self._entries: dict[int, Entry] = {}
        for bucket, value in self.index.buckets().items():
            self.chains[bucket] = list(self._chain(bucket, value))
        for number in range(LISTS):
            self.lists.append(list(self._list(number)))
        self._join_lists()
        self.extents = self._claim()

    @property
    def entries(self) -> Iterable[Entry]:
        """All entries, evicted and doomed ones too."""
        return self._entries.values()

    def read(self, address: Address, size: int) -> bytes:
        """Read the first bytes of what is at an address in blocks.

        Raises:
            BlockCacheError: The blocks are not in use or too few.
        """
        if size > address.size:
            raise BlockCacheError(f"{address.value:#010x} is too small for {size} bytes")
        return self._file_of(address).read(address.block, size)

    def write(self, address: Address, data: bytes) -> None:
        """Write to the start of the blocks at an address."""
        self._file_of(address).write(address.block, data)

    def add(self, entry: Entry) -> None:
        """Take up a new entry; chain and list are the caller's to link."""
        self._entries[entry.address.value] = entry
        self.nodes[entry.node_address.value] = entry.node

    def drop(self, entry: Entry) -> None:
        """Forget an entry and its node."""
        del self._entries[entry.address.value]
        self.nodes.pop(entry.node_address.value, None)

    def _file_of(self, address: Address) -> BlockFile:
        file = self.files.get(address.file)
        if file is None or file.block_size != BLOCK_SIZES.get(address.kind):
            raise BlockCacheError(f"{address.value:#010x} leads to no block file")
        if not file.is_used(address.block, address.blocks):
            raise BlockCacheError(f"{address.value:#010x} leads to blocks that are not in use")
        return file

    def _chain(self, bucket: int, value: int) -> Iterator[Entry]:
        while value:
            entry = self._load(parse_block_address(value, Kind.BLOCK_256), bucket)
            if entry.record.hash & self.index.mask != bucket:
                raise BlockCacheError("an entry is in the chain of another hash")
            yield entry
            value = entry.record.next

    def _load(self, address: Address, bucket: int | None) -> Entry:
        if address.value in self._entries:
            raise BlockCacheError("an entry is in two places, or a chain is a circle")
        record = EntryRecord.parse(self.read(address, KEY_OFFSET))
        if record.blocks != address.blocks:
            raise BlockCacheError("an entry has not the blocks that its key needs")
        key = self._key(address, record)
        if record.hash != super_fast_hash(key):
            raise BlockCacheError("a key does not match its hash")
        for value, size in zip(record.addresses, record.sizes, strict=True):
            stream = parse_address(value)
            external = kind_for(size) is Kind.EXTERNAL
            if stream and (stream.kind is Kind.EXTERNAL) != external:
                raise BlockCacheError("a stream is not where one of its size should be")
        node_address = parse_block_address(record.node, Kind.RANKINGS)
        if node_address.blocks != 1:
            raise BlockCacheError("a node has more than one block")
        node = Node.parse(self.read(node_address, NODE_SIZE))
        entry = Entry(address, record, node_address, node, key, bucket)
        self._entries[address.value] = entry
        return entry

    def _key(self, address: Address, record: EntryRecord) -> bytes:
        length = record.key_length
        if length <= LONGEST_INLINE_KEY:
            key = self.read(address, KEY_OFFSET + length + 1)[KEY_OFFSET:]
        elif length > _MAX_KEY:
            raise BlockCacheError("impossible length of a key")
        else:
            place = parse_address(record.long_key)
            if place is None or place.kind is not kind_for(length + 1):
                raise BlockCacheError("the key of an entry is not where it should be")
            if place.kind is Kind.EXTERNAL:
                key = self._read_external(place.external_name, length + 1)
            else:
                key = self.read(place, length + 1)
        if len(key) != length + 1 or key[-1]:
            raise BlockCacheError("a key is cut short")
        return key[:-1]

    def _list(self, number: int) -> Iterator[int]:
        value, tail = self.index.ends(number)
        if bool(value) != bool(tail):
            raise BlockCacheError("a list has only one end")
        previous = value
        while value:
            address = parse_block_address(value, Kind.RANKINGS)
            if value in self.nodes or address.blocks != 1:
                raise BlockCacheError("a node is in two lists, or a list is a circle")
            node = self.nodes[value] = Node.parse(self.read(address, NODE_SIZE))
            if node.previous != previous:
                raise BlockCacheError("a list is not linked both ways")
            yield value
            if node.next == value:
                if value != tail:
                    raise BlockCacheError("a list does not end at its tail")
                return
            if not node.next:
                raise BlockCacheError("a list breaks off")
            previous, value = value, node.next

    def _join_lists(self) -> None:
        """Find the entry of every node, also of those that no chain leads to."""
        for number, addresses in enumerate(self.lists):
            for value in addresses:
                contents = self.nodes[value].contents
                if not contents:
                    continue  # its entry is gone; the browser leaves such a node until it meets it
                entry = self._entries.get(contents)
                if entry is None:
                    entry = self._load(parse_block_address(contents, Kind.BLOCK_256), None)
                if entry.node_address.value != value:
                    raise BlockCacheError("an entry and its node do not know each other")
                entry.list_number = number
        for entry in self.entries:
            if entry.list_number is None and (entry.node.next or entry.node.previous):
                raise BlockCacheError("a node is linked but in no list")
            self.nodes[entry.node_address.value] = entry.node

    def _claim(self) -> dict[int, list[Extent]]:
        """What is owned in each block file, sorted; nothing may be owned twice."""
        extents: dict[int, list[Extent]] = {number: [] for number in self.files}
        external: set[int] = set()
        bare = (
            (parse_block_address(value, Kind.RANKINGS), NODE_SIZE)
            for value, node in self.nodes.items()
            if not node.contents
        )
        stats = parse_address(self.index.stats)
        own = (piece for entry in self.entries for piece in entry.pieces())
        loose = [*bare, *([(stats, stats.size)] if stats and stats.kind else [])]
        for address, size in (*own, *loose):
            if address.kind is Kind.EXTERNAL:
                if address.file in external:
                    raise BlockCacheError(f"{address.external_name} belongs to two entries")
                external.add(address.file)
                continue
            self._file_of(address)
            if size > address.size:
                raise BlockCacheError("a stream is larger than its blocks")
            extents[address.file].append((address.block, address.blocks, size))
        for owned in extents.values():
            owned.sort()
            for (first, count, _), (second, _, _) in pairwise(owned):
                if first + count > second:
                    raise BlockCacheError("a block belongs to two entries")
        return extents


def _open_files(open_file: Callable[[int], BinaryIO]) -> dict[int, BlockFile]:
    """The first four block files, one for each size, and those that each goes on in."""
    files: dict[int, BlockFile] = {}
    for first, size in enumerate(BLOCK_SIZES.values()):
        number = first
        while True:
            if number in files or number > _LAST_FILE:
                raise BlockCacheError("the block files go on in a circle")
            file = files[number] = BlockFile(open_file(number), number)
            if file.block_size != size:
                raise BlockCacheError(f"{file.name} has blocks of the wrong size")
            if not file.next_file:
                break
            number = file.next_file
            if number < _FIRST_FILES:
                raise BlockCacheError("a block file goes on in one of another size")
    return files
