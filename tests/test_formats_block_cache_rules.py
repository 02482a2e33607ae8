"""Every rule that a block-file cache keeps: one in which nothing else is broken is refused by it.

The records that are changed have hashes that fit, so that what is behind the hashes is tried.
"""

import struct
from collections.abc import Callable

import pytest

from block_caches import Files, new_entry, with_entries
from loginfix.formats.block_cache.addresses import Address, BlockCacheError, Kind
from loginfix.formats.block_cache.block_file import HEADER
from loginfix.formats.block_cache.cache import BlockCache, Entry
from loginfix.formats.block_cache.records import KEY_OFFSET, Node

Damage = Callable[[BlockCache], None]

STATS = 24
"""Where the index has the address of the statistics."""

LARGE = 16_385
"""Bytes: a stream of that size has a file of its own."""


@pytest.fixture(scope="module")
def files() -> Files:
    """Entries in two lists; only to be opened, which copies them."""
    return with_entries(
        (
            new_entry(b"first", [b"x" * 100, b"y" * 3000], used=4),
            new_entry(b"second", [b"z" * 500], used=3),
            new_entry(b"third", [], used=2),
            new_entry(b"long" * 500, [], used=1),
            new_entry(b"often", [], reuse=1),
        )
    )


def named(cache: BlockCache, begin: bytes) -> Entry:
    (entry,) = (each for each in cache.entries if each.key.startswith(begin))
    return entry


def bucket_of(cache: BlockCache, begin: bytes) -> int:
    bucket = named(cache, begin).bucket
    assert bucket is not None
    return bucket


def record(begin: bytes, **values: object) -> Damage:
    """Another record of an entry."""

    def damage(cache: BlockCache) -> None:
        entry = named(cache, begin)
        cache.write(entry.address, entry.record._replace(**values).pack())  # type: ignore[arg-type]

    return damage


def stream(value: Address, size: int) -> Damage:
    """Another first stream."""
    return record(b"first", addresses=(value.value, 0, 0, 0), sizes=(size, 0, 0, 0))


def node(number: int, change: Callable[[Node, BlockCache], Node]) -> Damage:
    """Another node at a place in the first list."""

    def damage(cache: BlockCache) -> None:
        value = cache.lists[0][number]
        cache.write(address(value), change(cache.node(value), cache).pack())

    return damage


def address(value: int) -> Address:
    return Address(Kind.RANKINGS, value >> 16 & 0xFF, value & 0xFFFF)


def chain(value: Callable[[BlockCache], Address]) -> Damage:
    """Another first entry of a chain."""

    def damage(cache: BlockCache) -> None:
        cache.index.set_bucket(bucket_of(cache, b"first"), value(cache).value)

    return damage


def ends(
    number: int, head: Callable[[BlockCache], int], tail: Callable[[BlockCache], int]
) -> Damage:
    """Other ends of a list."""
    return lambda cache: cache.index.set_ends(number, head(cache), tail(cache), grown=0)


def stats(value: Callable[[BlockCache], Address]) -> Damage:
    """Statistics at another address."""
    return lambda cache: struct.pack_into("<I", cache.index.data, STATS, value(cache).value)


def without_list(**values: int) -> Damage:
    """An entry that is taken out of its list, and what its node says then."""

    def damage(cache: BlockCache) -> None:
        entry = named(cache, b"often")
        cache.index.set_ends(1, 0, 0, grown=-1)
        cache.write(entry.node_address, entry.node._replace(**values).pack())

    return damage


def in_another_chain(cache: BlockCache) -> None:
    entry = named(cache, b"third")
    bucket = bucket_of(cache, b"third")
    cache.index.set_bucket(bucket, 0)
    cache.index.set_bucket(bucket ^ 1, entry.address.value)


def with_one_file(cache: BlockCache) -> None:
    for begin in (b"first", b"second"):
        place = Address(Kind.EXTERNAL, 5).value
        record(begin, addresses=(place, 0, 0, 0), sizes=(LARGE, 0, 0, 0))(cache)


def key_without_end(cache: BlockCache) -> None:
    entry = named(cache, b"third")
    cache.files[1].write_at(HEADER + entry.address.block * 256 + KEY_OFFSET + len(entry.key), b"x")


def first(cache: BlockCache) -> Address:
    return named(cache, b"first").address


def nowhere(_: BlockCache) -> int:
    return 0


def node_at(number: int) -> Callable[[BlockCache], int]:
    return lambda cache: cache.lists[0][number]


RULES: dict[str, tuple[Damage, str]] = {
    "chain of another hash": (in_another_chain, "an entry is in the chain of another hash"),
    "chain in a circle": (
        lambda cache: record(b"first", next=first(cache).value)(cache),
        "an entry is in two places, or a chain is a circle",
    ),
    "entry across four blocks": (
        chain(lambda _: Address(Kind.BLOCK_256, 1, 3, 2)),
        "0xa1010003 is not an address",
    ),
    "entry in too many blocks": (
        chain(lambda cache: first(cache)._replace(blocks=2)),
        "an entry has not the blocks that its key needs",
    ),
    "entry in free blocks": (
        chain(lambda _: Address(Kind.BLOCK_256, 1, 1000)),
        "0xa00103e8 leads to blocks that are not in use",
    ),
    "entry in no file": (
        chain(lambda _: Address(Kind.BLOCK_256, 9, 0)),
        "0xa0090000 leads to no block file",
    ),
    "entry in blocks of another kind": (
        chain(lambda _: Address(Kind.BLOCK_1K, 2, 0)),
        "0xb0020000 does not lead to BLOCK_256",
    ),
    "stream across four blocks": (
        stream(Address(Kind.BLOCK_256, 1, 3, 2), 300),
        "0xa1010003 is not an address",
    ),
    "small stream in a file": (
        stream(Address(Kind.EXTERNAL, 5), 100),
        "a stream is not where one of its size should be",
    ),
    "large stream in blocks": (
        stream(Address(Kind.BLOCK_4K, 3, 0, 4), LARGE),
        "a stream is not where one of its size should be",
    ),
    "stream in free blocks": (
        stream(Address(Kind.BLOCK_1K, 2, 8), 1000),
        "0xb0020008 leads to blocks that are not in use",
    ),
    "stream in no file": (
        stream(Address(Kind.BLOCK_1K, 9, 0), 1000),
        "0xb0090000 leads to no block file",
    ),
    "stream in a file of other blocks": (
        stream(Address(Kind.BLOCK_4K, 2, 0), 4096),
        "0xc0020000 leads to no block file",
    ),
    "stream larger than its blocks": (
        lambda cache: stream(next(named(cache, b"first").streams())[0], 300)(cache),
        "a stream is larger than its blocks",
    ),
    "stream in the middle of another": (
        lambda cache: stream(next(named(cache, b"second").streams())[0]._replace(blocks=1), 1)(
            cache
        ),
        "a block belongs to two entries",
    ),
    "streams with one file": (with_one_file, "f_000005 belongs to two entries"),
    "key without an end": (key_without_end, "a key is cut short"),
    "impossibly long key": (
        record(b"long", key_length=(4 << 20) + 1, long_key=Address(Kind.EXTERNAL, 5).value),
        "impossible length of a key",
    ),
    "missing long key": (
        record(b"long", key_length=4 << 20, long_key=Address(Kind.EXTERNAL, 5).value),
        "a key is cut short",
    ),
    "long key in blocks of another kind": (
        record(b"long", long_key=Address(Kind.BLOCK_4K, 3, 0).value),
        "the key of an entry is not where it should be",
    ),
    "long key in too few blocks": (
        record(b"long", long_key=Address(Kind.BLOCK_1K, 2, 0).value),
        "0xb0020000 is too small for 2001 bytes",
    ),
    "node of several blocks": (
        record(b"third", node=Address(Kind.RANKINGS, 0, 0, 2).value),
        "a node has more than one block",
    ),
    "node of another kind": (
        record(b"third", node=Address(Kind.BLOCK_256, 1, 0).value),
        "0xa0010000 does not lead to RANKINGS",
    ),
    "only a head": (ends(4, node_at(0), nowhere), "a list has only one end"),
    "only a tail": (ends(4, nowhere, node_at(0)), "a list has only one end"),
    "list in another": (
        ends(2, node_at(0), node_at(-1)),
        "a node is in two lists, or a list is a circle",
    ),
    "list in a circle": (
        node(1, lambda each, cache: each._replace(next=cache.lists[0][0])),
        "a node is in two lists, or a list is a circle",
    ),
    "list not linked backwards": (
        node(1, lambda each, cache: each._replace(previous=cache.lists[0][2])),
        "a list is not linked both ways",
    ),
    "list with another tail": (ends(0, node_at(0), node_at(1)), "a list does not end at its tail"),
    "list that breaks off": (node(1, lambda each, _: each._replace(next=0)), "a list breaks off"),
    "list beyond its file": (
        ends(4, lambda _: 0x9000FFFF, lambda _: 0x9000FFFF),
        "0x9000ffff leads to blocks that are not in use",
    ),
    "list in free blocks": (
        ends(4, lambda _: 0x900003E8, lambda _: 0x900003E8),
        "0x900003e8 leads to blocks that are not in use",
    ),
    "list in no file": (
        ends(4, lambda _: 0x90090000, lambda _: 0x90090000),
        "0x90090000 leads to no block file",
    ),
    "list in blocks of another kind": (
        ends(4, lambda _: 0xA0010000, lambda _: 0xA0010000),
        "0xa0010000 does not lead to RANKINGS",
    ),
    "node of another entry": (
        node(1, lambda each, cache: each._replace(contents=cache.node(cache.lists[0][0]).contents)),
        "an entry and its node do not know each other",
    ),
    "node of an entry of more blocks": (
        node(0, lambda each, _: each._replace(contents=each.contents | 1 << 24)),
        "an entry has not the blocks that its key needs",
    ),
    "next one without a list": (
        without_list(previous=0, next=1),
        "a node is linked but in no list",
    ),
    "previous one without a list": (
        without_list(previous=1, next=0),
        "a node is linked but in no list",
    ),
    "an entry's node without an entry": (
        without_list(previous=0, next=0, contents=0),
        "a block belongs to two entries",
    ),
    "statistics in an entry": (stats(first), "a block belongs to two entries"),
    "statistics in free blocks": (
        stats(lambda _: Address(Kind.BLOCK_256, 1, 1000)),
        "0xa00103e8 leads to blocks that are not in use",
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_what_breaks_a_rule_is_refused_by_it(rule: str, files: Files) -> None:
    damage, why = RULES[rule]
    opened = files.opened()
    damage(opened.cache)
    with pytest.raises(BlockCacheError) as refused:
        opened.saved().opened()
    assert str(refused.value) == why


def test_of_two_broken_rules_the_first_that_is_met_is_told(files: Files) -> None:
    opened = files.opened()
    cache = opened.cache
    begins = sorted((b"first", b"third"), key=lambda begin: bucket_of(cache, begin))
    earlier, later = (named(cache, begin) for begin in begins)
    cache.write(later.address, later.record._replace(next=later.address.value).pack())
    cache.write(earlier.node_address, b"?")
    with pytest.raises(BlockCacheError, match="a node does not match its hash"):
        opened.saved().opened()


@pytest.mark.parametrize(
    "damage",
    [
        without_list(previous=0, next=0),
        node(1, lambda each, _: each._replace(dirty=1)),
        ends(4, nowhere, nowhere),
        lambda cache: cache.index.set_bucket(bucket_of(cache, b"third"), 0),
        stats(lambda _: Address(Kind.EXTERNAL, 5)),
    ],
)
def test_what_the_browser_mends_by_itself_is_understood(damage: Damage, files: Files) -> None:
    opened = files.opened()
    damage(opened.cache)
    assert len([*opened.saved().opened().cache.entries]) == 5
