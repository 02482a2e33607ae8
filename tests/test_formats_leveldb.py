"""The LevelDB codec: what is written reads back, real databases read whole, damage is refused."""

import io
import os
import random
from collections.abc import Callable, Iterable
from pathlib import Path

import cramjam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leveldbs import opener
from loginfix.formats.leveldb import BYTEWISE, LevelDBError, Version, build, read_database
from loginfix.formats.leveldb.batches import build_batches, read_batch
from loginfix.formats.leveldb.blocks import TRAILER, Blocks, Handle, build_block, entries
from loginfix.formats.leveldb.checksum import masked_crc32c
from loginfix.formats.leveldb.log import build_log, read_log
from loginfix.formats.leveldb.manifest import Manifest, TableFile, build_manifest, read_manifest
from loginfix.formats.leveldb.model import internal_key
from loginfix.formats.leveldb.table import build_table, read_table
from recorder.recordings import unpack

Files = dict[str, bytes]

FUZZ = int(os.environ.get("LOGINFIX_FUZZ", "3000"))
GOLDEN = Path(__file__).parent / "data" / "formats" / "leveldb"
PAIRS = st.dictionaries(st.binary(max_size=40), st.binary(max_size=200), max_size=60)


def read(files: Files) -> dict[bytes, bytes]:
    return dict(read_database(files, opener(files)).live())


def block(table: bytes, size: int) -> bytes:
    return Blocks(io.BytesIO(table)).read(Handle(0, size))


def files_in(directory: Path) -> Files:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}


@given(st.lists(st.integers(0, 70_000), max_size=8), st.randoms(use_true_random=False))
def test_records_of_any_length_come_back_from_a_log(sizes: list[int], rng: random.Random) -> None:
    records = [rng.randbytes(size) for size in sizes]
    log = read_log(build_log(records))
    assert log.records == records
    assert not log.torn


def test_a_record_ends_where_its_block_does() -> None:
    for size in range(32_768 - 20, 32_768 + 20):
        records = [bytes(size), b"next"]
        assert read_log(build_log(records)).records == records


@given(st.lists(st.binary(max_size=2000), min_size=1, max_size=30), st.data())
def test_only_the_last_record_of_a_log_may_be_cut_short(
    records: list[bytes], data: st.DataObject
) -> None:
    whole = build_log(records)
    cut = data.draw(st.integers(0, len(whole)))
    log = read_log(whole[:cut])
    assert log.records == records[: len(log.records)]
    # What is left of a cut record may be zeros only, which look like room that was reserved.
    assert log.torn == any(whole[len(build_log(log.records)) : cut])


def test_a_changed_byte_in_a_log_is_refused() -> None:
    log = bytearray(build_log([b"one", b"two" * 20_000]))
    for at in (0, 5, 8, 15, 40_000):
        log[at] ^= 1
        with pytest.raises(LevelDBError):
            read_log(bytes(log))
        log[at] ^= 1


@given(st.lists(st.tuples(st.binary(max_size=9), st.none() | st.binary(max_size=9)), max_size=50))
def test_batches_number_their_changes(changes: list[tuple[bytes, bytes | None]]) -> None:
    versions = [Version(key, 7 + number, value) for number, (key, value) in enumerate(changes)]
    assert [each for batch in build_batches(versions) for each in read_batch(batch)] == versions


@given(PAIRS, st.integers(1, 20))
def test_blocks_share_the_beginnings_of_keys(pairs: dict[bytes, bytes], interval: int) -> None:
    ordered = sorted(pairs.items())
    assert list(entries(build_block(ordered, interval))) == ordered


@pytest.mark.parametrize(
    ("kind", "compress"),
    [(1, cramjam.snappy.compress_raw), (2, cramjam.zstd.compress)],
    ids=["snappy", "zstd"],
)
def test_a_compressed_block_reads_like_a_plain_one(
    kind: int, compress: Callable[[bytes], bytes]
) -> None:
    content = build_block([(b"key%04d" % n, b"value" * 9) for n in range(400)], 16)
    stored = bytes(compress(content))
    assert len(stored) < len(content) // 3
    check = masked_crc32c(stored, bytes((kind,)))
    assert block(stored + TRAILER.pack(kind, check), len(stored)) == content
    with pytest.raises(LevelDBError, match="checksum"):
        block(stored + TRAILER.pack(kind, check ^ 1), len(stored))


@pytest.mark.parametrize(
    ("kind", "stored", "said"),
    [
        (1, b"\xff\xff\xff\xff\x0f", "claims to be"),
        (2, b"\x28\xb5\x2f\xfd\xe0" + b"\xff" * 8, "claims to be"),
        (2, b"\x28\xb5\x2f\xfd\x00\x58", "does not say how large"),
        (3, b"", "unknown way 3"),
    ],
)
def test_a_block_that_lies_about_its_size_costs_no_memory(
    kind: int, stored: bytes, said: str
) -> None:
    sealed = stored + TRAILER.pack(kind, masked_crc32c(stored, bytes((kind,))))
    with pytest.raises(LevelDBError, match=said):
        block(sealed, len(stored))


def test_a_table_that_is_cut_while_it_is_read_is_refused() -> None:
    file = io.BytesIO(build_table([Version(b"a", 1, b"value")]).data)
    blocks = Blocks(file)
    for size in (20, 3, 0):
        file.truncate(size)
        with pytest.raises(LevelDBError, match="reaches beyond the table"):
            blocks.read(Handle(0, 20))


@given(
    st.dictionaries(
        st.tuples(st.binary(max_size=30), st.integers(1, 1 << 50)),
        st.none() | st.binary(max_size=3000),
        min_size=1,
        max_size=40,
    )
)
def test_a_table_gives_back_every_version(
    states: dict[tuple[bytes, int], bytes | None],
) -> None:
    ordered = sorted(states, key=lambda state: (state[0], -state[1]))
    versions = [Version(key, sequence, states[key, sequence]) for key, sequence in ordered]
    table = build_table(versions)
    assert list(read_table(io.BytesIO(table.data), bytewise=True)) == versions
    assert (table.smallest, table.largest) == tuple(map(internal_key, (versions[0], versions[-1])))


def test_a_table_out_of_order_is_refused() -> None:
    table = build_table([Version(b"b", 1, b""), Version(b"a", 2, b"")])
    with pytest.raises(LevelDBError, match="not in order"):
        list(read_table(io.BytesIO(table.data), bytewise=True))


@given(PAIRS)
def test_what_is_built_reads_back(pairs: dict[bytes, bytes]) -> None:
    files = dict(build(sorted(pairs.items()), last_sequence=9, next_file_number=5))
    database = read_database(files, opener(files))
    assert dict(database.live()) == pairs
    assert database.last_sequence == 9 + len(pairs)
    assert database.leftovers == ()
    assert database.comparator == BYTEWISE


def test_a_large_database_is_built_of_several_tables() -> None:
    rng = random.Random(1)  # noqa: S311  repeatable
    pairs = {rng.randbytes(20): rng.randbytes(40_000) for _ in range(150)}
    files = dict(build(sorted(pairs.items()), last_sequence=0, next_file_number=1))
    assert sum(name.endswith(".ldb") for name in files) == 3
    assert read(files) == pairs


def test_the_newest_state_counts_wherever_it_stands() -> None:
    old = build_table([Version(b"a", 3, b"old"), Version(b"b", 4, b"stays")])
    new = build_table([Version(b"a", 6, b"new"), Version(b"c", 5, None), Version(b"c", 2, b"x")])
    manifest = Manifest(
        comparator=BYTEWISE,
        log_number=9,
        next_file_number=12,
        last_sequence=6,
        tables=(
            TableFile(1, 7, len(old.data), old.smallest, old.largest),
            TableFile(0, 8, len(new.data), new.smallest, new.largest),
        ),
    )
    log = build_log(build_batches([Version(b"b", 7, b"later"), Version(b"d", 8, b"d")]))
    files = {
        "CURRENT": b"MANIFEST-000011\n",
        "MANIFEST-000011": build_manifest(manifest),
        "000007.ldb": old.data,
        "000008.sst": new.data,
        "000009.log": log,
        "000010.log": build_log(build_batches([Version(b"d", 9, None)])),
        "000003.ldb": b"what LevelDB forgot to delete",
        "000002.log": b"older than the manifest's",
        "LOG": b"not a part of it",
    }
    assert read_manifest(files["MANIFEST-000011"]).tables == manifest.tables
    assert read(files) == {b"a": b"new", b"b": b"later"}
    database = read_database(files, opener(files))
    assert database.leftovers == ("000002.log", "000003.ldb")
    assert {version.value for version in database.all_versions()} >= {b"old", b"stays", b"x"}
    for missing in ("CURRENT", "MANIFEST-000011", "000007.ldb", "000008.sst", "000009.log"):
        with pytest.raises(LevelDBError, match="missing"):
            read({name: data for name, data in files.items() if name != missing})


def test_only_sorted_pairs_are_written_and_no_key_twice() -> None:
    with pytest.raises(LevelDBError, match="twice"):
        list(build([(b"a", b"1"), (b"a", b"2")], last_sequence=0, next_file_number=1))
    with pytest.raises(LevelDBError, match="not in order"):
        list(build([(b"b", b"1"), (b"a", b"2")], last_sequence=0, next_file_number=1))


@pytest.mark.parametrize(
    ("last_sequence", "next_file_number"),
    [(-1, 1), ((1 << 56) - 1, 1), (1 << 56, 1), (0, 0), (0, -1), (0, 1 << 62)],
)
def test_impossible_numbers_are_not_gone_on_from(last_sequence: int, next_file_number: int) -> None:
    numbers = {"last_sequence": last_sequence, "next_file_number": next_file_number}
    with pytest.raises(LevelDBError, match="cannot go on from"):
        list(build([(b"a", b"1")], **numbers))


def test_the_golden_database_reads() -> None:
    pairs = read(files_in(GOLDEN))
    assert len(pairs) > 10


def databases(home: Path) -> list[Path]:
    return sorted(path.parent for path in home.rglob("CURRENT"))


@pytest.mark.parametrize("name", ["chromium-156", "chromium-150", "chromium-156-killed"])
def test_every_recorded_database_reads_and_is_rewritten_without_what_is_dropped(
    name: str, tmp_path: Path
) -> None:
    found = 0
    for directory in databases(unpack(name, tmp_path).home):
        files = files_in(directory)
        database = read_database(files, opener(files))
        live = dict(database.live())
        found += len(live)
        if database.comparator != BYTEWISE:
            continue
        kept = {key: value for key, value in live.items() if b"amazon" not in key + value}
        rebuilt = dict(
            build(
                sorted(kept.items()),
                last_sequence=database.last_sequence,
                next_file_number=database.next_file_number,
            )
        )
        assert read(rebuilt) == kept
        assert b"amazon" not in b"".join(rebuilt.values())
        assert not rebuilt.keys() & (files.keys() - {"CURRENT"})
    assert found > 100


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_database_is_refused_or_reads_in_bounds(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  repeatable
    files = files_in(GOLDEN)
    whole = read(files)
    refused = 0
    for _ in range(FUZZ // 4):
        name = rng.choice(sorted(files))
        damaged = _damage(files[name], rng)
        try:
            pairs = read({**files, name: damaged})
        except LevelDBError:
            refused += 1
        else:
            # A log that is cut short loses its last changes; nothing else may be different.
            assert damaged == files[name] or pairs == whole or name.endswith(".log")
    assert refused > FUZZ // 8


def _damage(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    edits: Iterable[bytes] = (
        data[:at] + bytes((data[at] ^ 1 << rng.randrange(8),)) + data[at + 1 :],
        data[:at],
        data[:at] + rng.randbytes(rng.randrange(1, 9)) + data[at:],
        data[:at] + data[at + rng.randrange(1, 99) :],
    )
    return rng.choice(list(edits))
