"""The block-file codec: what it writes it reads, and the browser's own rules hold."""

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from block_caches import Files, addresses, contents_of, new_entry, with_entries
from loginfix.formats.block_cache.addresses import (
    Address,
    BlockCacheError,
    Kind,
    kind_for,
    parse_address,
)
from loginfix.formats.block_cache.cache import BlockCache
from loginfix.formats.block_cache.edit import insert, remove
from loginfix.formats.block_cache.records import EntryRecord, Node
from loginfix.formats.superfasthash import super_fast_hash
from recorder.cachekeys import block_cache_keys

I32 = st.integers(-(2**31), 2**31 - 1)
U32 = st.integers(0, 2**32 - 1)
U64 = st.integers(0, 2**64 - 1)
SIZES = st.one_of(st.integers(0, 300), st.sampled_from([1023, 1024, 4095, 4096, 16_383, 16_384]))
KEY_SIZES = st.sampled_from([1, 100, 159, 160, 415, 416, 926, 927, 928, 5_000, 16_383])


@st.composite
def entries(draw: st.DrawFn) -> list[tuple[bytes, list[bytes], int, int]]:
    """Key, streams, reuse count and time of use of several entries."""
    made = []
    for number in range(draw(st.integers(1, 12))):
        key = b"%d/" % number
        key += b"k" * max(0, draw(KEY_SIZES) - len(key))
        streams = [bytes([number + 1]) * draw(SIZES) for _ in range(draw(st.integers(0, 4)))]
        made.append((key, streams, draw(st.sampled_from([0, 1, 9, 10])), draw(st.integers(1, 50))))
    return made


@given(U32)
def test_every_address_is_itself_again_or_refused(value: int) -> None:
    try:
        address = parse_address(value)
    except BlockCacheError:
        return
    assert (address.value if address else 0) == value


@pytest.mark.parametrize(
    ("size", "kind", "blocks"),
    [
        (1, 2, 1),
        (1023, 2, 4),
        (1024, 3, 1),
        (4095, 3, 4),
        (4096, 4, 1),
        (16_384, 4, 4),
        (16_385, 0, 0),
    ],
)
def test_sizes_go_where_the_browser_puts_them(size: int, kind: int, blocks: int) -> None:
    assert kind_for(size) == kind
    if blocks:
        assert -(-size // {2: 256, 3: 1024, 4: 4096}[kind]) == blocks


@given(st.tuples(U64, U64, U32, U32, U32, I32))
def test_a_node_is_read_as_written(values: tuple[int, int, int, int, int, int]) -> None:
    node = Node(*values)
    data = node.pack()
    assert len(data) == 36
    assert Node.parse(data) == node
    with pytest.raises(BlockCacheError, match="hash"):
        Node.parse(bytes([data[0] ^ 1, *data[1:]]))


@given(
    U32, U32, U32, st.integers(1, 927), st.lists(st.integers(0, 2**31 - 1), min_size=4, max_size=4)
)
def test_a_record_is_read_as_written(
    hash_: int, following: int, node: int, length: int, sizes: list[int]
) -> None:
    record = EntryRecord(
        hash_, following, node, 3, 4, 1, 5, length, 0, tuple(sizes), (1, 2, 3, 4), 2, (0, 0, 0, 0)
    )
    data = record.pack()
    assert len(data) == 96
    assert EntryRecord.parse(data) == record


@settings(max_examples=40)
@given(entries(), st.data())
def test_what_is_put_in_is_there_and_what_is_taken_out_leaves_nothing(
    made: list[tuple[bytes, list[bytes], int, int]], data: st.DataObject
) -> None:
    new = [new_entry(key, streams, reuse=reuse, used=used) for key, streams, reuse, used in made]
    files = with_entries(new)
    cache = files.opened().cache
    held = contents_of(cache)
    assert held.keys() == {key for key, *_ in made}
    for key, streams, *_ in made:
        assert held[key][-1] == tuple(part for part in streams if part)
    going = data.draw(st.sets(st.sampled_from(sorted(held))))
    opened = files.opened()
    assert remove(opened.cache, addresses(opened.cache, going.__contains__)) == []
    assert {entry.key for entry in opened.cache.entries} == held.keys() - going
    left = opened.saved()
    after = left.opened().cache
    assert contents_of(after) == {key: what for key, what in held.items() if key not in going}
    assert after.index.entries == len(held) - len(going)
    assert after.index.size == sum(
        len(key) + sum(map(len, streams)) for key, streams, *_ in made if key not in going
    )
    for key, streams, *_ in made:
        number = int(key.partition(b"/")[0]) + 1
        if key in going and any(map(len, streams)):
            longest = max(streams, key=len)
            assert b"".join(left.contents.values()).count(bytes([number]) * len(longest)) == 0 or (
                len(longest) < 8
            )
    assert_counters(left)
    if len(going) == len(held):
        for name in ("data_0", "data_1", "data_2", "data_3"):
            assert not any(left.contents[name][8192:]), name


def assert_counters(files: Files) -> None:
    """The rules of ``BlockHeader::ValidateCounters`` and ``FixAllocationCounters``."""
    for number in range(4):
        data = files.contents[f"data_{number}"]
        used, capacity, *empty = struct.unpack_from("<ii4i", data, 16)
        fours = [four for byte in data[80 : 80 + capacity // 8] for four in (byte & 15, byte >> 4)]
        at_end = [4 - four.bit_length() for four in fours]
        assert empty == [at_end.count(size) for size in (1, 2, 3, 4)]
        assert used <= sum(four.bit_count() for four in fours)
        assert len(data) >= 8192 + capacity * struct.unpack_from("<i", data, 12)[0]
    index = files.contents["index"]
    (entries_,) = struct.unpack_from("<i", index, 8)
    assert sum(struct.unpack_from("<5i", index, 268)) == entries_


def test_lists_are_in_the_order_of_use() -> None:
    files = with_entries([new_entry(b"a", [], used=10), new_entry(b"b", [], used=30)])
    files = with_entries([new_entry(b"c", [], used=20), new_entry(b"d", [], used=5)], files)
    cache = files.opened().cache
    by_node = {entry.node_address.value: entry.key for entry in cache.entries}
    assert [by_node[value] for value in cache.lists[0]] == [b"b", b"c", b"a", b"d"]


def test_one_bucket_may_hold_several_entries_and_lose_any(tmp_path: Path) -> None:
    # Keys whose hashes end in the same 16 bits.
    buckets: dict[int, list[bytes]] = {}
    number = 0
    while True:
        key = b"key %d" % number
        number += 1
        keys = buckets.setdefault(super_fast_hash(key) & 0xFFFF, [])
        keys.append(key)
        if len(keys) == 3:
            break
    files = with_entries([new_entry(key, [b"of " + key]) for key in keys])
    for before, gone in zip([None, *keys], keys, strict=False):
        opened = files.opened()
        written = _written(opened.cache)
        remove(opened.cache, addresses(opened.cache, gone.__eq__))
        left = opened.saved()
        # Of the others, only the one that led to it.
        assert written == (addresses(opened.cache, before.__eq__) if before else [])
        left.write(tmp_path / gone.decode())
        assert block_cache_keys(tmp_path / gone.decode()) == sorted(
            key.decode() for key in keys if key != gone
        )


def _written(cache: BlockCache) -> list[int]:
    """The addresses of entries that are written from now on."""
    written: list[int] = []
    write = cache.write

    def noting(address: Address, data: bytes) -> None:
        if address.kind is Kind.BLOCK_256:
            written.append(address.value)
        write(address, data)

    cache.write = noting  # type: ignore[method-assign]
    return written


@pytest.mark.parametrize(("key", "bucket"), [(b"key 26359", 0), (b"key 129861", 0xFFFF)])
def test_the_first_bucket_and_the_last_are_like_any_other(key: bytes, bucket: int) -> None:
    opened = with_entries([new_entry(key, []), new_entry(b"other", [])]).opened()
    (entry,) = (each for each in opened.cache.entries if each.key == key)
    assert entry.bucket == bucket
    assert (bucket, entry.address.value) in [*opened.cache.index.buckets()]
    remove(opened.cache, [entry.address.value])
    assert [each.key for each in opened.saved().opened().cache.entries] == [b"other"]


def test_a_full_file_goes_on_in_another_and_so_does_the_reader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = Files.empty()
    # As the browser does when data_1 has its 64 896 blocks: here after the first.
    following = bytearray(8192)
    struct.pack_into("<IIhhi", following, 0, 0xC104CAC3, 0x20000, 4, 0, 256)
    files.contents["data_4"] = following
    struct.pack_into("<h", files.contents["data_1"], 10, 4)
    opened = files.opened()
    monkeypatch.setattr(opened.cache.files[1], "allocate", lambda _: None)
    insert(opened.cache, [new_entry(b"in the second file", [b"x" * 500])])
    saved = opened.saved()
    cache = saved.opened().cache
    (entry,) = cache.entries
    assert entry.address.file == 4
    assert {address.file for address, _ in entry.streams()} == {4}
    again = saved.opened()
    remove(again.cache, addresses(again.cache))
    assert not any(again.saved().contents["data_4"][8192:])


def test_block_files_that_go_on_in_a_circle_are_refused() -> None:
    files = Files.empty()
    following = bytearray(files.contents["data_1"])
    struct.pack_into("<hh", following, 8, 4, 4)
    files.contents["data_4"] = following
    struct.pack_into("<h", files.contents["data_1"], 10, 4)
    with pytest.raises(BlockCacheError, match="circle"):
        files.opened()


@pytest.mark.parametrize(
    "crossing", [Address(Kind.BLOCK_256, 1, 3, 2), Address(Kind.BLOCK_1K, 2, 1, 4)]
)
def test_blocks_across_a_multiple_of_four_are_refused(crossing: Address) -> None:
    with pytest.raises(BlockCacheError, match="not an address"):
        parse_address(crossing.value)


def test_overlapping_and_shared_blocks_are_refused() -> None:
    files = with_entries([new_entry(b"one", [b"x" * 100]), new_entry(b"two", [b"y" * 100])])
    opened = files.opened()
    one, two = opened.cache.entries
    stolen = one.record._replace(addresses=two.record.addresses)
    opened.cache.write(one.address, stolen.pack())
    with pytest.raises(BlockCacheError, match="belongs to two"):
        opened.saved().opened()


def test_a_circle_in_a_chain_or_a_list_is_refused() -> None:
    files = with_entries([new_entry(b"one", []), new_entry(b"two", [])])
    opened = files.opened()
    one, _ = opened.cache.entries
    opened.cache.write(one.address, one.record._replace(next=one.address.value).pack())
    with pytest.raises(BlockCacheError, match="circle"):
        opened.saved().opened()
    opened = files.opened()
    first = opened.cache.lists[0][0]
    node = opened.cache.node(first)
    last = opened.cache.lists[0][-1]
    opened.cache.write(
        Address(Kind.RANKINGS, 0, last & 0xFFFF),
        opened.cache.node(last)._replace(next=first).pack(),
    )
    assert node.next == last
    with pytest.raises(BlockCacheError, match=r"circle|linked"):
        opened.saved().opened()


def test_an_evicted_entry_a_bare_node_and_a_doomed_entry_are_understood() -> None:
    files = with_entries([new_entry(b"evicted", []), new_entry(b"doomed", []), new_entry(b"x", [])])
    opened = files.opened()
    cache = opened.cache
    for entry in cache.entries:
        if entry.key == b"evicted":
            cache.write(entry.address, entry.record._replace(state=1).pack())
        elif entry.key == b"doomed":
            cache.write(entry.address, entry.record._replace(state=2).pack())
            cache.index.set_bucket(entry.record.hash & cache.index.mask, 0)
    left = opened.saved()
    again = left.opened()
    assert {entry.key: entry.bucket is None for entry in again.cache.entries} == {
        b"evicted": False,
        b"doomed": True,
        b"x": False,
    }
    remove(again.cache, addresses(again.cache, b"x".__ne__))
    (entry,) = again.saved().opened().cache.entries
    assert entry.key == b"x"
