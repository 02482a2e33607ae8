"""A whole block-file cache, checked: every entry, chain and list, and who owns which block.

What the browser mends by itself when it next meets it (dirty entries, entries that only a chain or
only a list leads to) is understood. What would make it drop entries or the whole cache is refused.
"""

from collections.abc import Callable, Iterator, MutableSequence
from copy import copy
from dataclasses import dataclass
from typing import BinaryIO, Self

from loginfix.formats.block_cache import check
from loginfix.formats.block_cache.addresses import (
    BLOCK_SIZES,
    Address,
    BlockCacheError,
    Kind,
    parse_address,
    parse_block_address,
)
from loginfix.formats.block_cache.block_file import BlockFile
from loginfix.formats.block_cache.check import ReadExternal
from loginfix.formats.block_cache.extents import Extents
from loginfix.formats.block_cache.index import Index
from loginfix.formats.block_cache.ownership import IN_CHAIN
from loginfix.formats.block_cache.records import KEY_OFFSET, NODE_SIZE, EntryRecord, Node

_FIRST_FILES = 4
_LAST_FILE = 255


@dataclass(slots=True, eq=False)
class Entry:
    """An entry; ``bucket`` is None when no chain leads to it."""

    address: Address
    record: EntryRecord
    node_address: Address
    node: Node
    key: bytes
    bucket: int | None

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


def none(key: bytes) -> bool:  # noqa: ARG001  one of many
    """Choose no entry."""
    return False


class BlockCache:
    """The files of a cache, opened and checked.

    An entry is read when it is asked for: what is kept of each is a few bytes.
    """

    def __init__(
        self,
        index: bytes,
        open_file: Callable[[int], BinaryIO],
        read_external: ReadExternal,
        choose: Callable[[bytes], bool] = none,
    ) -> None:
        """``open_file`` gives ``data_N`` for its number; the files stay the caller's to close.

        ``choose`` says of keys whether their entries are to be among the chosen ones. It may be
        asked again, and what it is asked may be damaged.

        Raises:
            BlockCacheError: Something is not as the browser leaves it; the text says what.
        """
        self.index = Index(index)
        self._read_external = read_external
        self.files = _open_files(open_file)
        self.owned, self.chosen = check.check(self.index, self.files, read_external, choose)

    def in_copies(self, open_file: Callable[[int], BinaryIO]) -> Self:
        """The same cache in copies of its files, to be edited.

        They are not checked again: whoever edits them opens what came of it anew.

        Raises:
            BlockCacheError: A copy is not that of a block file.
        """
        other = copy(self)
        other.index = Index(bytes(self.index.data))
        other.files = _open_files(open_file)
        other.owned = self.owned.copy()
        return other

    @property
    def entries(self) -> Iterator[Entry]:
        """All entries, evicted and doomed ones too."""
        states = self.owned.entries
        return (
            self.entry(value)
            for value in self.owned.order
            if states[value >> 16 & 0xFF].states[value & 0xFFFF]
        )

    @property
    def lists(self) -> list[MutableSequence[int]]:
        """The addresses of the nodes of each list, in order."""
        return self.owned.lists

    @property
    def extents(self) -> dict[int, Extents]:
        """What is owned in each block file."""
        return self.owned.extents

    def entry(self, value: int) -> Entry:
        """The entry at an address."""
        address = parse_block_address(value, Kind.BLOCK_256)
        record = EntryRecord.parse(self.read(address, KEY_OFFSET))
        length = record.key_length
        if record.long_key:
            key = check.read_long_key(self.files, self._read_external, length, record.long_key)
        else:
            key = self.read(address, KEY_OFFSET + length + 1)[KEY_OFFSET:]
        node_address = parse_block_address(record.node, Kind.RANKINGS)
        is_led = self.owned.state(address) & IN_CHAIN
        return Entry(
            address,
            record,
            node_address,
            self.node(record.node),
            check.whole_key(key, length),
            record.hash & self.index.mask if is_led else None,
        )

    def node(self, value: int) -> Node:
        """The node at an address."""
        return Node.parse(self.read(parse_block_address(value, Kind.RANKINGS), NODE_SIZE))

    def chain(self, bucket: int) -> Iterator[tuple[Address, EntryRecord]]:
        """The entries of a bucket, in order."""
        value = self.index.bucket(bucket)
        while value:
            address = parse_block_address(value, Kind.BLOCK_256)
            record = EntryRecord.parse(self.read(address, KEY_OFFSET))
            yield address, record
            value = record.next

    def read(self, address: Address, size: int) -> bytes:
        """Read the first bytes of what is at an address in blocks.

        Raises:
            BlockCacheError: The blocks are not in use or too few.
        """
        return check.read(self.files, address, size)

    def write(self, address: Address, data: bytes) -> None:
        """Write to the start of the blocks at an address."""
        check.file_of(self.files, address).write(address.block, data)


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
