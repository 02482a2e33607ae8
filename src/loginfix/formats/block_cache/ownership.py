"""Who is in which chain and list of a cache, and whose its blocks are: a few bytes a block."""

from array import array
from collections.abc import MutableSequence
from dataclasses import dataclass
from typing import Self

from loginfix.formats.block_cache.addresses import BLOCK_SIZES, Address, Kind
from loginfix.formats.block_cache.block_file import BlockFile
from loginfix.formats.block_cache.extents import Extents
from loginfix.formats.block_cache.index import LISTS

COUNT, IN_CHAIN, IN_LIST = 7, 8, 16
"""Of what is kept of an entry: how many blocks it has, and what leads to it."""


@dataclass(slots=True)
class Entries:
    """The entries in one file, by their first block: the bits above, and where their nodes are."""

    states: bytearray
    nodes: MutableSequence[int]


class Ownership:
    """What was found out about a cache; nothing in it grows with the length of what is kept.

    ``order`` has the address of every entry, as chains and then lists lead to them, ``lists`` those
    of the nodes in their order; ``nodes`` has the number of each node's list, and one.
    ``external`` are the numbers of the files of single streams.
    """

    def __init__(self, files: dict[int, BlockFile]) -> None:
        self.order: MutableSequence[int] = array("I")
        self.lists: list[MutableSequence[int]] = [array("I") for _ in range(LISTS)]
        self.entries: dict[int, Entries] = {}
        self.nodes: dict[int, bytearray] = {}
        self.extents = {number: Extents.none(file.capacity) for number, file in files.items()}
        self.external: set[int] = set()
        for number, file in files.items():
            if file.block_size == BLOCK_SIZES[Kind.BLOCK_256]:
                nodes = array("I", bytes(4 * file.capacity))
                self.entries[number] = Entries(bytearray(file.capacity), nodes)
            elif file.block_size == BLOCK_SIZES[Kind.RANKINGS]:
                self.nodes[number] = bytearray(file.capacity)

    def state(self, address: Address) -> int:
        """What is kept of an entry; zero if there is none."""
        return self.entries[address.file].states[address.block]

    def forget(self, entry: Address, node: Address, pieces: list[Address]) -> None:
        """Take an entry, its node and everything that is theirs out."""
        self.entries[entry.file].states[entry.block] = 0
        self.entries[entry.file].nodes[entry.block] = 0
        self.nodes[node.file][node.block] = 0
        for piece in pieces:
            if piece.kind is Kind.EXTERNAL:
                self.external.discard(piece.file)
            else:
                self.extents[piece.file].release(piece.block)

    def copy(self) -> Self:
        """One that can be changed by itself."""
        other = type(self)({})
        other.order = self.order[:]
        other.lists = [each[:] for each in self.lists]
        other.entries = {
            number: Entries(each.states[:], each.nodes[:]) for number, each in self.entries.items()
        }
        other.nodes = {number: each[:] for number, each in self.nodes.items()}
        other.extents = {number: each.copy() for number, each in self.extents.items()}
        other.external = set(self.external)
        return other

    def is_same(self, other: Self) -> bool:
        """Whether the same entries and nodes are led to, and the same blocks are owned.

        The order in which they are met is not compared.
        """
        return (
            self.entries == other.entries
            and self.nodes == other.nodes
            and self.extents == other.extents
            and self.external == other.external
        )
