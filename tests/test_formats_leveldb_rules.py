"""Every rule that a LevelDB table keeps: one in which nothing else is broken is refused by it."""

import io
import struct
from collections.abc import Callable, Sequence

import pytest

from leveldbs import opener
from loginfix.formats.leveldb import LevelDBError, Version, blocks, build, read_database
from loginfix.formats.leveldb.blocks import Blocks, Handle, build_block, entries, seal_block
from loginfix.formats.leveldb.manifest import read_manifest
from loginfix.formats.leveldb.model import InternalKey, split_internal_key
from loginfix.formats.leveldb.table import _data_blocks, build_table, read_table
from loginfix.formats.leveldb.varint import Cursor

MAGIC = 0xDB4775248B80FB57
DELETION, VALUE = 0, 1
Block = Sequence[tuple[InternalKey, bytes]]


def table(
    *contents: Block,
    handles: Callable[[list[Handle]], list[Handle]] = list,
    behind: bytes = b"",
    magic: int = MAGIC,
) -> bytes:
    """A table of these blocks; ``behind`` stands behind each of their ``handles`` in the index."""
    data, places = b"", []
    for content in contents:
        sealed = seal_block(build_block([(key.to_bytes(), value) for key, value in content], 16))
        places.append(Handle(len(data), len(sealed) - 5))
        data += sealed
    last = contents[-1][-1][0].to_bytes()
    index = build_block([(last, each.to_bytes() + behind) for each in handles(places)], 1)
    ends = Handle(0, 0).to_bytes() + Handle(len(data), len(index)).to_bytes()
    return data + seal_block(index) + struct.pack("<40sQ", ends, magic)


def key(text: bytes, sequence: int = 1, tag: int = VALUE) -> InternalKey:
    return InternalKey(text, sequence, tag)


ONE: Block = [(key(b"a", 3), b"1"), (key(b"a", 2, DELETION), b""), (key(b"b"), b"2")]
TWO: Block = [(key(b"c"), b"3")]

REFUSED = {
    "a deletion has a value": table([(key(b"a", 1, DELETION), b"1")]),
    "a stored key has the unknown tag 2": table([(key(b"a", 1, 2), b"1")]),
    "two blocks of the table overlap": table(ONE, TWO, handles=lambda each: [each[0], each[0]]),
    "the index of the table is damaged": table(ONE, behind=b"\0"),
    "the table does not end like one": table(ONE, magic=MAGIC + 1),
    "the table is too short": table(ONE)[-47:],
    "a block reaches beyond the table": table(
        ONE, handles=lambda each: [each[0]._replace(size=1 << 63)]
    ),
}
DISORDERLY: list[Block] = [
    [(key(b"b"), b""), (key(b"a"), b"")],
    [(key(b"a", 1), b""), (key(b"a", 2), b"")],
    [(key(b"a", 1), b""), (key(b"a", 1), b"")],
    [(key(b"a", 1), b""), (key(b"a", 1, DELETION), b"")],
    [(key(b"a", 3), b""), (key(b"", 1), b"")],
]


def test_a_table_that_keeps_the_rules_is_read() -> None:
    assert [*read_table(io.BytesIO(table(ONE, TWO)), bytewise=True)] == [
        Version(b"a", 3, b"1"),
        Version(b"a", 2, None),
        Version(b"b", 1, b"2"),
        Version(b"c", 1, b"3"),
    ]


@pytest.mark.parametrize("why", REFUSED)
def test_what_breaks_a_rule_is_refused_by_it(why: str) -> None:
    with pytest.raises(LevelDBError) as refused:
        list(read_table(io.BytesIO(REFUSED[why]), bytewise=False))
    assert str(refused.value) == why


@pytest.mark.parametrize("content", DISORDERLY)
def test_an_order_is_asked_for_where_it_is_known(content: Block) -> None:
    for data in (table(content), table(content[:1], content[1:])):
        assert len([*read_table(io.BytesIO(data), bytewise=False)]) == 2
        with pytest.raises(LevelDBError, match="the keys of the table are not in order"):
            list(read_table(io.BytesIO(data), bytewise=True))


def test_keys_that_become_impossibly_large_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    block = build_block([(b"k" * 10, b"")] * 4, 16)
    assert len(block) < 40
    monkeypatch.setattr(blocks, "MAX_BLOCK", 40)
    assert len([*entries(block)]) == 4
    monkeypatch.setattr(blocks, "MAX_BLOCK", 39)
    with pytest.raises(LevelDBError, match="impossibly large"):
        list(entries(block))


def test_a_stored_key_that_is_too_short_is_refused() -> None:
    assert split_internal_key(bytes(8)) == (b"", 0, DELETION)
    with pytest.raises(LevelDBError, match="too short"):
        split_internal_key(bytes(7))


@pytest.mark.parametrize(
    ("data", "bits", "number"),
    [
        (b"\xff\xff\xff\xff\x0f", 32, (1 << 32) - 1),
        (b"\xff\xff\xff\xff\x10", 32, "too large"),
        (b"\xff\xff\xff\xff\x8f\0", 32, "too large"),
        (b"\xff" * 9 + b"\x01", 64, (1 << 64) - 1),
        (b"\xff" * 9 + b"\x02", 64, "too large"),
        (b"\x80\x00", 32, 0),
        (b"\x80", 32, "cut short"),
        (b"", 64, "cut short"),
    ],
)
def test_a_number_is_read_to_its_end_and_not_beyond(
    data: bytes, bits: int, number: int | str
) -> None:
    # What follows is another's.
    cursor = Cursor(data + b"\x01\x01", 0, len(data))
    read = cursor.varint32 if bits == 32 else cursor.varint64
    if isinstance(number, int):
        assert read() == number
        assert cursor.at_end
    else:
        with pytest.raises(LevelDBError, match=number):
            read()


def test_blocks_are_small_and_say_often_where_a_key_is_whole() -> None:
    versions = [Version(b"%05d" % number, 1, bytes(100)) for number in range(1000)]
    data = build_table(versions).data
    opened = Blocks(io.BytesIO(data))
    sizes = [handle.size for handle in _data_blocks(opened)]
    assert 20 < len(sizes) < 30
    assert max(sizes) < 5000
    for handle in _data_blocks(opened):
        block = opened.read(handle)
        assert int.from_bytes(block[-4:], "little") == -(-len([*entries(block)]) // 16)


@pytest.mark.parametrize(
    ("sizes", "tables"),
    [
        ([], 0),
        ([1 << 20, (1 << 20) - 2], 0),
        ([(2 << 20) - 1], 0),
        ([2 << 20], 1),
        ([(2 << 20) - 1, 5], 2),
        ([1 << 20] * 4, 2),
    ],
)
def test_a_log_holds_no_more_than_a_browser_reads_at_once(sizes: list[int], tables: int) -> None:
    pairs = [(b"%d" % number, bytes(size)) for number, size in enumerate(sizes)]
    files = dict(build(pairs, last_sequence=7, next_file_number=3))
    assert sum(name.endswith(".ldb") for name in files) == tables
    database = read_database(files, opener(files))
    assert [*database.live()] == pairs
    assert database.last_sequence == 7 + len(pairs)
    # No number is given twice, which LevelDB takes from the manifest.
    (manifest,) = (data for name, data in files.items() if name.startswith("MANIFEST"))
    assert read_manifest(manifest).next_file_number == database.next_file_number == 5 + tables
