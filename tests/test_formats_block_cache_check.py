"""Looking at many entries together comes to what looking at one after the other does."""

import io
import re
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from block_caches import Files, addresses, new_entry, with_entries
from cache_fuzzing import Mutator, small_block_cache
from loginfix.formats.block_cache import check
from loginfix.formats.block_cache.addresses import BlockCacheError
from loginfix.formats.block_cache.block_file import HEADER, BlockFile
from loginfix.formats.block_cache.cache import BlockCache
from loginfix.formats.block_cache.compare import is_rest
from loginfix.formats.block_cache.edit import remove
from loginfix.formats.block_cache.extents import Extents
from loginfix.formats.block_cache.hashes import AtOnce, Hashes, PutOff
from loginfix.formats.block_cache.ownership import IN_LIST, Ownership
from loginfix.formats.block_cache.ranges import CHUNK, together
from loginfix.formats.block_cache.unused import unused_runs
from loginfix.formats.superfasthash import super_fast_hash, super_fast_hashes

INPUTS = 150


@given(st.integers(1, 40), st.integers(0, 4), st.data())
def test_many_hashes_at_once_are_those_one_after_the_other(
    length: int, between: int, data: st.DataObject
) -> None:
    stride = length + between
    # What is beyond the last whole one has no hash.
    content = data.draw(st.binary(max_size=5 * stride))
    assert super_fast_hashes(content, stride, length) == tuple(
        super_fast_hash(content[at : at + length])
        for at in range(0, len(content) - stride + 1, stride)
    )


def test_no_hash_runs_over_into_the_next() -> None:
    for length in range(1, 100):
        content = b"\xff" * length + bytes(length) + b"\x80" * length
        parts = (content[at : at + length] for at in range(0, 3 * length, length))
        assert super_fast_hashes(content, length, length) == tuple(map(super_fast_hash, parts))


def test_what_is_put_off_is_refused_if_and_only_if_what_is_looked_at_at_once_is() -> None:
    mutate = Mutator(small_block_cache(), seed=7)
    outcomes = set()
    for _ in range(INPUTS):
        files = mutate()
        plain, put_off = _outcome(files, AtOnce()), _outcome(files, PutOff())
        if isinstance(plain, str):
            assert isinstance(put_off, str)
            with pytest.raises(BlockCacheError, match=re.escape(plain)):
                files.opened()
            outcomes.add(plain)
        else:
            assert isinstance(put_off, Ownership)
            _assert_same(put_off, plain)
            _assert_same(files.opened().cache.owned, plain)
    assert {"a node does not match its hash", "a key does not match its hash"} <= outcomes


def _outcome(files: Files, hashes: Hashes) -> Ownership | str:
    try:
        return _checked(files, hashes)
    except BlockCacheError as error:
        return str(error)


def test_little_is_put_off() -> None:
    entry, node = new_entry(b"key", []).record.pack(), new_entry(b"key", []).node.pack()
    key = b"k" * 1000
    stated = super_fast_hash(key)
    hashes = PutOff()
    for _ in range(3000):
        hashes.record(entry, "an entry")
        hashes.record(node, "a node")
        hashes.key(key, stated)
    assert all(len(records) < 1024 for records in hashes._records.values())
    assert sum(len(key) for keys in hashes._keys.values() for key in keys) < 1 << 20


@pytest.fixture(scope="module")
def many() -> Files:
    """More entries than are looked at together; only to be copied from."""
    return with_entries(new_entry(b"key %04d" % each, []) for each in range(1500))


@pytest.mark.parametrize(
    ("name", "offset", "why"),
    [
        ("data_0", 0, "a node does not match its hash"),
        ("data_1", 20, "an entry does not match its hash"),
        ("data_1", 96, "a key does not match its hash"),
    ],
)
@pytest.mark.parametrize("number", [0, 1023, 1024, 1499])
def test_a_wrong_hash_is_found_wherever_it_is(
    name: str, offset: int, why: str, number: int, many: Files
) -> None:
    files = Files({each: content[:] for each, content in many.contents.items()})
    entry = next(each for each in files.opened().cache.entries if each.key == b"key %04d" % number)
    place, width = (entry.node_address, 36) if name == "data_0" else (entry.address, 256)
    files.contents[name][HEADER + place.block * width + offset] ^= 1
    for hashes in (AtOnce(), PutOff()):
        with pytest.raises(BlockCacheError, match=why):
            _checked(files, hashes)


def _checked(files: Files, hashes: Hashes) -> Ownership:
    """What the check of a cache finds out, looking at its hashes in one way."""
    opened = _unchecked(files)
    external = opened._read_external
    return check._Check(opened.index, opened.files, external, lambda _: False, hashes).run()[0]


def _unchecked(files: Files) -> BlockCache:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "check", lambda *_: (None, ()))
        return files.opened().cache


def _assert_same(one: Ownership, other: Ownership) -> None:
    assert one.is_same(other)
    assert one.order == other.order
    assert one.lists == other.lists


@settings(max_examples=30)
@given(st.data())
def test_unused_runs_are_what_is_between_the_extents(data: st.DataObject) -> None:
    width, capacity = 256, 32 * 140
    extents = Extents.none(capacity)
    # Behind the last block there may be more.
    content = bytearray(HEADER + capacity * width + data.draw(st.integers(0, 300)))
    for four in data.draw(st.sets(st.integers(0, capacity // 4 - 1), max_size=12)):
        count = data.draw(st.integers(1, 4))
        extents.claim(four * 4, count, data.draw(st.integers(0, count * width)))
    edge = st.integers(HEADER + CHUNK - 1100, HEADER + CHUNK + 100)
    last = st.integers(len(content) - 300, len(content) - 1)
    for at in data.draw(st.lists(st.integers(HEADER, len(content) - 1) | edge | last, max_size=12)):
        content[at] = 1
    opened = _block_file(bytes(content), width, capacity)
    assert [*unused_runs(opened, extents)] == [*_plain_runs(bytes(content), extents, width)]


@given(
    st.lists(
        st.tuples(st.integers(0, CHUNK) | st.integers(0, 50), st.sampled_from([1, 50, CHUNK])),
        max_size=30,
    )
)
def test_ranges_that_are_read_together_lie_within_a_chunk(steps: list[tuple[int, int]]) -> None:
    ranges, at = [], 0
    for between, size in steps:
        ranges.append((at + between, at + between + size))
        at += between + size
    groups = [*together(ranges)]
    assert [each for group in groups for each in group] == ranges
    assert all(group[-1][1] - group[0][0] <= CHUNK for group in groups)
    # As much as fits is read at once.
    assert all(after[0][1] - group[0][0] > CHUNK for group, after in pairwise(groups))


def _plain_runs(content: bytes, extents: Extents, width: int) -> Iterator[tuple[int, bytes]]:
    position = HEADER
    for begin, end in [
        *((HEADER + block * width, HEADER + block * width + size) for block, _, size in extents),
        (len(content), len(content)),
    ]:
        while position < begin:
            run = content[position : min(begin, position + CHUNK)]
            if run.strip(b"\0"):
                yield position, run
            position += len(run)
            if position < begin:
                position -= 1024
        position = end


def _block_file(content: bytes, width: int, capacity: int) -> BlockFile:
    empty = Files.empty().contents["data_1"]
    empty[12:16] = width.to_bytes(4, "little")
    empty[20:24] = capacity.to_bytes(4, "little")
    return BlockFile(io.BytesIO(bytes(empty) + content[HEADER:]), 1)


def test_no_block_has_two_owners() -> None:
    extents = Extents.none(32)
    assert extents.claim(5, 2, 500)
    for block, count in ((5, 1), (6, 1), (6, 2), (4, 2), (4, 4)):
        assert not extents.copy().claim(block, count, 1), (block, count)
    assert extents.claim(7, 1, 256)
    assert [*extents] == [(5, 2, 500), (7, 1, 256)]
    extents.release(5)
    assert [*extents] == [(7, 1, 256)]
    assert extents.claim(4, 3, 600)


@pytest.mark.parametrize(
    "change",
    [
        lambda owned: owned.external.add(7),
        lambda owned: owned.extents[1].claim(31, 1, 1),
        lambda owned: owned.extents[0].claim(9, 1, 1),
        lambda owned: owned.nodes[0].__setitem__(5, 2),
        lambda owned: owned.entries[1].nodes.__setitem__(0, 1),
        lambda owned: owned.entries[1].states.__setitem__(0, 1 | IN_LIST),
    ],
)
def test_whatever_is_owned_otherwise_is_not_the_same(change: Callable[[Ownership], None]) -> None:
    owned = with_entries([new_entry(b"a", [])]).opened().cache.owned
    other = owned.copy()
    assert owned.is_same(other)
    change(other)
    assert not owned.is_same(other)


def test_an_entry_that_lost_its_chain_or_changed_its_list_is_found() -> None:
    before, after, gone = _edited()
    opened = after.opened()
    cache = opened.cache
    cache.index.set_bucket(next(cache.index.buckets())[0], 0)
    assert not is_rest(opened.saved().opened().cache, before.opened().cache, gone)
    opened = after.opened()
    cache = opened.cache
    head, tail = cache.index.ends(0)
    cache.index.set_ends(0, 0, 0, grown=0)
    cache.index.set_ends(1, head, tail, grown=0)
    assert not is_rest(opened.saved().opened().cache, before.opened().cache, gone)


def _edited() -> tuple[Files, Files, list[int]]:
    """A cache, what is left of it without some entries, and where those were."""
    entries = [new_entry(b"%d" % each, [b"h" * 300, b"b" * 3000], used=each) for each in range(40)]
    before = with_entries(entries)
    opened = before.opened()
    gone = addresses(opened.cache, lambda key: int(key) % 3 == 0)
    remove(opened.cache, gone)
    return before, opened.saved(), gone


def test_what_is_left_is_the_rest() -> None:
    before, after, gone = _edited()
    assert is_rest(after.opened().cache, before.opened().cache, gone)
    assert not is_rest(after.opened().cache, before.opened().cache, gone[1:])
    assert not is_rest(before.opened().cache, before.opened().cache, gone)
    assert not is_rest(after.opened().cache, before.opened().cache, [])


def test_whatever_else_is_changed_in_what_is_left_is_found() -> None:
    before, after, gone = _edited()
    held = after.opened().cache
    entry = next(each for each in held.entries if each.key == b"1")
    changes = [
        (entry.node_address, node.pack())
        for node in (
            entry.node._replace(last_used=7),
            entry.node._replace(last_modified=7),
            entry.node._replace(dirty=1),
        )
    ]
    changes += [
        (entry.address, record.pack())
        for record in (
            entry.record._replace(reuse_count=3),
            entry.record._replace(created=1),
            entry.record._replace(padding=(0, 0, 0, 1)),
        )
    ]
    for address, size in entry.streams():
        content = held.read(address, size)
        changes += [(address, b"?" + content[1:]), (address, content[:-1] + b"?")]
    for address, content in changes:
        opened = after.opened()
        opened.cache.write(address, content)
        assert not is_rest(opened.saved().opened().cache, before.opened().cache, gone), address


def test_another_key_with_the_same_hash_is_found() -> None:
    key, other = b"k000004", b"k002020"
    assert super_fast_hash(key) == super_fast_hash(other)
    before = with_entries([new_entry(key, [])])
    opened = before.opened()
    (entry,) = opened.cache.entries
    opened.cache.write(entry.address, entry.record.pack() + other)
    after = opened.saved().opened().cache
    assert [each.key for each in after.entries] == [other]
    assert not is_rest(after, before.opened().cache, [])


def test_one_more_entry_that_went_is_found() -> None:
    before, after, gone = _edited()
    opened = after.opened()
    remove(opened.cache, addresses(opened.cache)[:1])
    assert not is_rest(opened.saved().opened().cache, before.opened().cache, gone)
