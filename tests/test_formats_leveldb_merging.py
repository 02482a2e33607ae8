"""A database is walked block by block as it would be if all of it were in memory."""

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leveldbs import database_of, opener
from loginfix.formats.leveldb import LevelDBError, Version, read_database
from loginfix.formats.leveldb import database as module
from loginfix.formats.leveldb.blocks import build_block, entries
from loginfix.formats.leveldb.compression import MAX_BLOCK
from loginfix.formats.leveldb.database import Open
from loginfix.formats.leveldb.manifest import build_manifest, read_manifest
from loginfix.formats.leveldb.merging import place
from loginfix.formats.leveldb.model import InternalKey
from loginfix.formats.leveldb.table import build_table
from loginfix.formats.leveldb.varint import Cursor

FUZZ = int(os.environ.get("LOGINFIX_FUZZ", "3000"))


@st.composite
def histories(draw: st.DrawFn) -> list[Version]:
    """Changes of a few keys, numbered one after the other."""
    keys = st.sampled_from([b"", b"a", b"a\0", b"b", b"bb", b"c"])
    changes = draw(st.lists(st.tuples(keys, st.none() | st.binary(max_size=3)), max_size=25))
    return [Version(key, number, value) for number, (key, value) in enumerate(changes, 1)]


@st.composite
def placed(draw: st.DrawFn) -> tuple[list[Version], dict[str, bytes]]:
    """The changes and a database of them: each in a table, the log, or both."""
    changes = draw(histories())
    tables: list[list[Version]] = [[] for _ in range(draw(st.integers(1, 5)))]
    logged = []
    for change in changes:
        where = draw(st.sampled_from(["table", "table", "log", "both"]))
        if where != "log":
            draw(st.sampled_from(tables)).append(change)
        if where != "table":
            logged.append(change)
    ordered = [sorted(table, key=place) for table in tables if table]
    return changes, database_of(draw(st.permutations(ordered)), logged)


@given(placed(), st.booleans())
def test_every_state_comes_once_and_in_order(
    made: tuple[list[Version], dict[str, bytes]],
    in_memory: bool,  # noqa: FBT001  drawn
) -> None:
    changes, files = made
    with pytest.MonkeyPatch.context() as patch:
        if in_memory:
            patch.setattr(module, "_MOST_RUNS", 0)
        database = read_database(files, opener(files))
        assert list(database.all_versions()) == sorted(changes, key=place)
        newest = {change.key: change for change in changes}
        states = list(database.states())
        assert [version for version, is_newest in states if is_newest] == sorted(newest.values())
        values = {key: change.value for key, change in newest.items()}
        live = {key: value for key, value in values.items() if value is not None}
        assert list(database.live()) == sorted(live.items())


def test_two_values_of_the_same_time_are_refused_wherever_they_are() -> None:
    old, other, new = Version(b"k", 1, b"1"), Version(b"k", 1, b"2"), Version(b"k", 2, b"3")
    for files in (database_of([[old], [other]]), database_of([[new, old]], [other])):
        with pytest.raises(LevelDBError, match="two values"):
            read_database(files, opener(files)).check()


def test_another_order_is_read_in_memory() -> None:
    versions = [Version(b"b", 1, b"1"), Version(b"a", 2, b"2")]
    files = database_of([versions], comparator="idb_cmp1")
    assert list(read_database(files, opener(files)).live()) == [(b"a", b"2"), (b"b", b"1")]


def test_one_table_of_a_row_is_open_at_a_time() -> None:
    tables = [[Version(b"%03d" % number, number, b"")] for number in range(50)]
    # A key's states may be in two tables of a level, and a manifest names tables in any order.
    tables += [[Version(b"024", number, b"")] for number in range(23, 20, -1)]
    files = database_of(tables[::-1])
    opened: list[BinaryIO] = []

    def open_file(name: str) -> BinaryIO:
        opened.append(opener(files)(name))
        return opened[-1]

    database = read_database(files, open_file)
    most = 0
    for _ in database.live():
        most = max(most, sum(not file.closed for file in opened))
    assert most == 1
    assert all(file.closed for file in opened)


OLD, NEW, LAST = Version(b"a", 2, b"1"), Version(b"b", 5, b"2"), Version(b"c", 3, None)


def _with_table(data: bytes, smallest: InternalKey, largest: InternalKey) -> dict[str, bytes]:
    """A database of one table, and what its manifest says of it."""
    files = database_of([[OLD, NEW, LAST]])
    manifest = read_manifest(files["MANIFEST-000009"])
    (place_,) = manifest.tables
    said = replace(place_, smallest=smallest, largest=largest)
    files["MANIFEST-000009"] = build_manifest(replace(manifest, tables=(said,)))
    return {**files, "000010.ldb": data}


def test_a_table_that_is_not_what_its_manifest_says_is_refused() -> None:
    table = build_table([OLD, NEW, LAST])
    first, last = table.smallest, table.largest
    assert len(list(read_database(*_opened(_with_table(table.data, first, last))).live())) == 2
    longer = table.data[:-48] + bytes(8) + table.data[-48:]
    for data, smallest, largest, why in (
        (longer, first, last, r"has \d+ bytes, and should have \d+"),
        (table.data, first._replace(sequence=3), last, "does not begin and end"),
        (table.data, first, last._replace(key=b"d"), "does not begin and end"),
    ):
        files = _with_table(data, smallest, largest)
        with pytest.raises(LevelDBError, match=f"000010.ldb: {why}"):
            read_database(*_opened(files)).check()


def test_a_table_newer_than_its_manifest_is_refused() -> None:
    files = database_of([[OLD, NEW, LAST]])
    manifest = read_manifest(files["MANIFEST-000009"])
    assert manifest.last_sequence == NEW.sequence
    files["MANIFEST-000009"] = build_manifest(replace(manifest, last_sequence=NEW.sequence - 1))
    with pytest.raises(LevelDBError, match="a change newer than the manifest knows"):
        read_database(*_opened(files)).check()


def test_only_the_last_log_may_be_cut_short() -> None:
    files = database_of([], [OLD, NEW])
    log = files["000008.log"]
    torn = {**files, "000008.log": log[:-3]}
    database = read_database(*_opened(torn))
    assert [*database.all_versions()] == [OLD]
    assert database.leftovers == ("000008.log",)
    with pytest.raises(LevelDBError, match="cut short, though a newer log follows"):
        read_database(*_opened({**torn, "000009.log": log}))


@pytest.mark.parametrize("most_runs", [0, 100])
def test_more_than_a_browser_keeps_is_refused(
    most_runs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = read_database(*_opened(database_of([[OLD, NEW, LAST]], [Version(b"d", 6, b"3")])))
    monkeypatch.setattr(module, "_MOST_RUNS", most_runs)
    monkeypatch.setattr(module, "_MAX_TOTAL", 7)
    assert len([*database.all_versions()]) == 4
    monkeypatch.setattr(module, "_MAX_TOTAL", 6)
    with pytest.raises(LevelDBError, match="too large"):
        database.check()


def _opened(files: dict[str, bytes]) -> tuple[dict[str, bytes], Open]:
    return files, opener(files)


def _plainly(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """What ``entries`` gives, told number by number."""
    (count,) = (int.from_bytes(block[-4:], "little"),)
    end = len(block) - 4 * (count + 1)
    if len(block) < 4 or count == 0 or end < 0:
        raise LevelDBError
    offsets = [int.from_bytes(block[at : at + 4], "little") for at in range(end, len(block) - 4, 4)]
    if 0 not in offsets or len(set(offsets)) != count:
        raise LevelDBError
    cursor, key, size = Cursor(block, 0, end), b"", 0
    seen = []
    while not cursor.at_end:
        seen.append(cursor.offset)
        shared, own, length = cursor.varint32(), cursor.varint32(), cursor.varint32()
        if shared > (0 if seen[-1] in offsets else len(key)):
            raise LevelDBError
        key = key[:shared] + cursor.take(own)
        size += len(key)
        if size > MAX_BLOCK:
            raise LevelDBError
        yield key, cursor.take(length)
    if {*offsets} - {0, *seen}:
        raise LevelDBError


@given(
    st.dictionaries(st.binary(max_size=300), st.integers(0, 70_000), max_size=9), st.integers(1, 9)
)
def test_entries_of_any_size_come_back(sizes: dict[bytes, int], interval: int) -> None:
    pairs = [(key, bytes(sizes[key])) for key in sorted(sizes)]
    assert list(entries(build_block(pairs, interval))) == pairs


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_block_reads_as_it_would_number_by_number(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  repeatable
    keys = sorted({rng.randbytes(rng.choice([1, 3, 130])) for _ in range(8)})
    sizes = [0, 1, 127, 128, 300, 16_383, 16_384, 40_000]
    refused = 0
    for _ in range(FUZZ // 4):
        pairs = [(key, bytes(rng.choice(sizes[: rng.randrange(3, 9)]))) for key in keys]
        block = bytearray(build_block(pairs, rng.choice([1, 2, 16])))
        for _ in range(rng.randrange(1, 3)):
            # Numbers are dense at the beginning and at the end.
            at = rng.choice([rng.randrange(len(block)), rng.randrange(9), -rng.randrange(1, 40)])
            block[at] = rng.choice([0, 1, 127, 128, 129, 255, rng.randrange(256)])
        refused += _outcome(_plainly, bytes(block)) is None
        assert _outcome(entries, bytes(block)) == _outcome(_plainly, bytes(block))
    assert refused > FUZZ // 40


def _outcome(read: object, block: bytes) -> list[tuple[bytes, bytes]] | None:
    try:
        return list(read(block))  # type: ignore[operator]
    except LevelDBError:
        return None
