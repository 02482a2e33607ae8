"""Taking entries out of an opened block-file cache, and putting entries in.

Both leave chains, lists, maps and counts as the browser itself would (``BackendImpl``,
``Rankings``, ``BlockFiles``). ``finish`` writes what is kept in headers.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator, MutableSequence
from dataclasses import dataclass

from loginfix.formats.block_cache.addresses import (
    BLOCK_SIZES,
    Address,
    BlockCacheError,
    Kind,
    kind_for,
    parse_block_address,
)
from loginfix.formats.block_cache.cache import BlockCache, Entry
from loginfix.formats.block_cache.records import EntryRecord, Node
from loginfix.formats.superfasthash import super_fast_hash

_HIGH_USE = 10
_NO_USE_LIST, _LOW_USE_LIST, _HIGH_USE_LIST = range(3)


class NoRoomError(BlockCacheError):
    """The block files are as large as they can be."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to put in. ``record`` and ``node`` are as they were; their addresses do not count.

    A stream is its bytes or, where those are more than blocks hold, the address of its file.
    ``long_key`` is the address of the file that holds a key of that kind.
    """

    key: bytes
    record: EntryRecord
    node: Node
    streams: tuple[bytes | Address, ...]
    long_key: Address | None = None


def remove(cache: BlockCache, entries: Collection[int]) -> list[str]:
    """Take the entries at these addresses out; gives the names of the files that were theirs."""
    buckets, nodes = set(), set()
    for entry in map(cache.entry, entries):
        nodes.add(entry.record.node)
        if entry.bucket is not None:
            buckets.add(entry.bucket)
    gone = frozenset(entries)
    for bucket in sorted(buckets):
        _link_chain(
            cache, bucket, [each for each in cache.chain(bucket) if each[0].value not in gone]
        )
    for number, addresses in enumerate(cache.lists):
        staying_nodes = array("I", (value for value in addresses if value not in nodes))
        if len(staying_nodes) < len(addresses):
            _link_list(cache, number, staying_nodes, nodes)
    external = []
    for entry in map(cache.entry, gone):
        cache.index.size -= entry.size
        pieces = [address for address, _ in entry.pieces()]
        cache.owned.forget(entry.address, entry.node_address, pieces)
        for address in pieces:
            if address.kind is Kind.EXTERNAL:
                external.append(address.external_name)
            else:
                cache.files[address.file].free(address.block, address.blocks)
    cache.index.entries -= len(gone)
    return sorted(external)


def insert(cache: BlockCache, entries: Iterable[NewEntry]) -> None:
    """Put entries in whose keys are not there, each where its last use belongs in its list.

    What is in the cache then can be read when it is opened anew.

    Raises:
        NoRoomError: The block files are full.
    """
    grown: dict[int, list[Entry]] = {}
    for new in entries:
        entry = _write(cache, new)
        bucket = entry.record.hash & cache.index.mask
        _link_chain(cache, bucket, [*cache.chain(bucket), (entry.address, entry.record)])
        grown.setdefault(_list_for(entry.record), []).append(entry)
        cache.index.size += entry.size
        cache.index.entries += 1
    for number, added in grown.items():
        nodes = {entry.record.node for entry in added}
        _link_list(cache, number, array("I", _by_last_use(cache, number, added)), nodes)


def finish(cache: BlockCache) -> bytes:
    """Write the headers of the block files; returns the new content of ``index``."""
    for file in cache.files.values():
        file.save()
    return bytes(cache.index.data)


def _write(cache: BlockCache, new: NewEntry) -> Entry:
    node_address = _allocate(cache, BLOCK_SIZES[Kind.RANKINGS], Kind.RANKINGS)
    long_key = new.long_key
    inline = b"" if new.record.long_key else new.key + b"\0"
    if new.record.long_key and long_key is None:
        long_key = _store(cache, new.key + b"\0")
    places = [each if isinstance(each, Address) else _store(cache, each) for each in new.streams]
    address = _allocate(cache, new.record.blocks * BLOCK_SIZES[Kind.BLOCK_256], Kind.BLOCK_256)
    record = new.record._replace(
        hash=super_fast_hash(new.key),
        next=0,
        node=node_address.value,
        long_key=long_key.value if long_key else 0,
        addresses=tuple(each.value if each else 0 for each in places),
    )
    node = new.node._replace(next=0, previous=0, contents=address.value, dirty=0)
    entry = Entry(address, record, node_address, node, new.key, None)
    cache.write(address, record.pack() + inline)
    cache.write(node_address, node.pack())
    return entry


def _store(cache: BlockCache, data: bytes) -> Address | None:
    if not data:
        return None
    address = _allocate(cache, len(data), kind_for(len(data)))
    cache.write(address, data)
    return address


def _allocate(cache: BlockCache, size: int, kind: Kind) -> Address:
    count = -(-size // BLOCK_SIZES[kind])
    number = list(BLOCK_SIZES).index(kind)
    while True:
        file = cache.files[number]
        block = file.allocate(count)
        if block is not None:
            return Address(kind, number, block, count)
        if not file.next_file:
            raise NoRoomError(f"{file.name} is full")
        number = file.next_file


def _link_chain(cache: BlockCache, bucket: int, entries: list[tuple[Address, EntryRecord]]) -> None:
    following = 0
    for address, record in reversed(entries):
        if record.next != following:
            cache.write(address, record._replace(next=following).pack())
        following = address.value
    cache.index.set_bucket(bucket, following)


def _link_list(
    cache: BlockCache, number: int, addresses: MutableSequence[int], moved: Collection[int]
) -> None:
    """Link nodes in this order: the first is its own previous one, the last its own next.

    ``moved`` are those that are new, or not there any more: only their neighbours change.
    """
    before = cache.lists[number]
    cache.lists[number] = addresses
    longer = max(before, addresses, key=len)
    near: set[int] = set()
    for at, value in enumerate(longer):
        if value in moved:
            near.update(longer[max(at - 1, 0) : at + 2])
    for at, value in enumerate(addresses):
        if value in near:
            linked = cache.node(value)._replace(
                previous=addresses[max(at - 1, 0)], next=addresses[min(at + 1, len(addresses) - 1)]
            )
            cache.write(parse_block_address(value, Kind.RANKINGS), linked.pack())
    head, tail = (addresses[0], addresses[-1]) if addresses else (0, 0)
    cache.index.set_ends(number, head, tail, grown=len(addresses) - len(before))


def _list_for(record: EntryRecord) -> int:
    """``Eviction::GetListForEntryV2``."""
    if not record.reuse_count:
        return _NO_USE_LIST
    return _LOW_USE_LIST if record.reuse_count < _HIGH_USE else _HIGH_USE_LIST


def _by_last_use(cache: BlockCache, number: int, added: list[Entry]) -> Iterator[int]:
    """The nodes of a list with new ones before those that were used longer ago."""
    waiting = sorted(added, key=lambda entry: entry.node.last_used)
    for value in cache.lists[number]:
        while waiting and waiting[-1].node.last_used >= cache.node(value).last_used:
            yield waiting.pop().node_address.value
        yield value
    yield from (entry.node_address.value for entry in reversed(waiting))
