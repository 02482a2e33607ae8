import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.formats.simple_cache import (
    FileName,
    SimpleCacheError,
    Span,
    Stream,
    build_entry,
    entry_file_name,
    entry_hash,
    parse_entry,
    parse_file_name,
    read_key,
)
from loginfix.formats.simple_cache_index import Index, IndexEntry, build_index, parse_index

# Written by Chromium 156 for a page of www.example.com.
DATA = Path(__file__).parent / "data" / "formats" / "simple_cache"
PREFIX = b"1/0/_dk_http://example.com http://example.com http://"
ENTRY_KEY = PREFIX + b"cdn.example.net/c.css?q=1"
ENTRY = (DATA / "087be02a0fca5a24_0").read_bytes()
SPARSE_KEY = PREFIX + b"www.example.com/media.bin"
SPARSE = (DATA / "8a469bd277153ae6_s").read_bytes()
INDEX = (DATA / "the-real-index").read_bytes()

KEYS = st.binary(min_size=1, max_size=200)
BODIES = st.binary(max_size=400)
U64 = st.integers(0, 2**64 - 1)


class CountingFile(io.BytesIO):
    """A file that remembers how much was asked of it."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.reads: list[int] = []

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads.append(-1 if size is None else size)
        return super().read(size)


class ShrinkingFile(io.BytesIO):
    """A file that loses its end after the first read."""

    shrunk = False

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if self.shrunk:
            return data[: len(data) // 2]
        self.shrunk = True
        return data


def with_header(data: bytes, **fields: int) -> bytes:
    """Put other numbers into the header of an entry."""
    names = ("magic", "version", "key_size", "key_hash")
    header = dict(zip(names, struct.unpack_from("<QIII", data), strict=True)) | fields
    return struct.pack("<QIII", *header.values()) + data[20:]


def with_checksum(payload: bytes) -> bytes:
    return struct.pack("<II", len(payload), zlib.crc32(payload)) + payload


def flipped(data: bytes, offset: int, bit: int = 0) -> bytes:
    changed = bytearray(data)
    changed[offset] ^= 1 << bit
    return bytes(changed)


def cut(data: bytes, span: Span) -> bytes:
    return data[span.offset : span.offset + span.size]


@st.composite
def damaged(draw: st.DrawFn, original: bytes) -> bytes:
    """Flip bytes, cut something out, put something in."""
    data = bytearray(original)
    for offset in draw(st.lists(st.integers(0, len(data) - 1), max_size=4)):
        data[offset] ^= draw(st.integers(1, 255))
    start = draw(st.integers(0, len(data)))
    end = draw(st.integers(start, len(data)))
    data[start:end] = draw(st.binary(max_size=64))
    return bytes(data)


def test_a_real_entry_is_named_by_the_hash_of_its_key() -> None:
    assert entry_hash(ENTRY_KEY) == 0x087BE02A0FCA5A24
    assert entry_file_name(ENTRY_KEY.decode(), "0") == "087be02a0fca5a24_0"
    assert entry_file_name(SPARSE_KEY, "s") == "8a469bd277153ae6_s"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("087be02a0fca5a24_0", FileName(0x087BE02A0FCA5A24, "0", doomed=False)),
        ("087be02a0fca5a24_1", FileName(0x087BE02A0FCA5A24, "1", doomed=False)),
        ("ffffffffffffffff_s", FileName(0xFFFFFFFFFFFFFFFF, "s", doomed=False)),
        ("todelete_087be02a0fca5a24_0_3", FileName(0x087BE02A0FCA5A24, "0", doomed=True)),
        (
            "todelete_087be02a0fca5a24_s_18446744073709551615",
            FileName(0x087BE02A0FCA5A24, "s", doomed=True),
        ),
        ("todelete_087be02a0fca5a24_0", None),
        ("087be02a0fca5a24_0_3", None),
        ("087be02a0fca5a24_2", None),
        ("087be02a0fca5a24_0\n", None),
        ("087be02a0fca5a2_0", None),
        ("index", None),
        ("the-real-index", None),
        ("", None),
    ],
)
def test_file_names_are_taken_apart(name: str, expected: FileName | None) -> None:
    assert parse_file_name(name) == expected


@given(KEYS, st.sampled_from(["0", "1", "s"]))
def test_every_name_made_is_understood(key: bytes, stream: Stream) -> None:
    name = parse_file_name(entry_file_name(key, stream))
    assert name == FileName(entry_hash(key), stream, doomed=False)


def test_the_keys_of_real_files_are_read() -> None:
    assert read_key(io.BytesIO(ENTRY)) == ENTRY_KEY
    assert read_key(io.BytesIO(SPARSE)) == SPARSE_KEY


@pytest.mark.parametrize(
    ("rest", "key_hash"),
    [
        # Keys of 80, 73, 78 and 75 bytes: the hash treats every length modulo 4 in its own way.
        (b"www.example.com/favicon.ico", 0x4504E988),
        (b"www.example.com/s.js", 0x05E0A47F),
        (b"www.example.com/media.bin", 0x83EFBA19),
        (b"cdn.example.net/big.js", 0xC9F8EABF),
    ],
)
def test_key_hashes_agree_with_chromium(rest: bytes, key_hash: int) -> None:
    key = PREFIX + rest
    header = struct.pack("<QIII4x", 0xFCFB6D1BA7725C30, 5, len(key), key_hash)
    assert read_key(io.BytesIO(header + key)) == key


@pytest.mark.parametrize(("key", "key_hash"), [(b"key/\xe9", 0x76ECC3BD), (b"ke\xe9", 0x11D39AF0)])
def test_a_last_byte_outside_ascii_counts_as_negative(key: bytes, key_hash: int) -> None:
    data = with_header(build_entry(key, b"", b""), key_hash=key_hash)
    assert read_key(io.BytesIO(data)) == key


def test_the_key_of_an_entry_with_a_second_file_is_read() -> None:
    end = 24 + len(ENTRY_KEY)
    stream2 = ENTRY[:end] + b"compiled" + ENTRY[-24:]
    assert read_key(io.BytesIO(stream2)) == ENTRY_KEY


def test_the_key_survives_a_body_that_was_cut_off() -> None:
    assert read_key(io.BytesIO(ENTRY[: 24 + len(ENTRY_KEY)])) == ENTRY_KEY


def test_reading_a_key_takes_one_small_read() -> None:
    file = CountingFile(build_entry(ENTRY_KEY, b"headers", bytes(1 << 20)))
    assert read_key(file) == ENTRY_KEY
    assert file.reads == [1024]


@given(st.integers(990, 1100))
def test_keys_longer_than_the_first_read_are_read(size: int) -> None:
    key = b"k" * size
    assert read_key(io.BytesIO(build_entry(key, b"headers", b"body"))) == key


@pytest.mark.parametrize("version", [4, 10])
def test_unknown_versions_are_refused(version: int) -> None:
    with pytest.raises(SimpleCacheError, match=f"unknown entry version {version}"):
        read_key(io.BytesIO(with_header(ENTRY, version=version)))


def test_another_magic_number_is_refused() -> None:
    with pytest.raises(SimpleCacheError, match="does not start like"):
        read_key(io.BytesIO(with_header(ENTRY, magic=0xFCFB6D1BA7725C31)))


@pytest.mark.parametrize("size", [0, (4 << 20) + 1, 0xFFFFFFFF])
def test_an_impossible_key_length_is_refused_before_it_is_read(size: int) -> None:
    file = CountingFile(with_header(ENTRY, key_size=size))
    with pytest.raises(SimpleCacheError, match="impossible key length"):
        read_key(file)
    assert file.reads == [1024]


def test_a_key_is_only_believed_with_its_hash() -> None:
    with pytest.raises(SimpleCacheError, match="does not match its hash"):
        read_key(io.BytesIO(flipped(ENTRY, 24 + 60)))


@given(st.integers(0, 24 + len(ENTRY_KEY) - 1))
def test_a_file_that_ends_before_its_key_does_is_refused(size: int) -> None:
    part = "header" if size < 24 else "key"
    with pytest.raises(SimpleCacheError, match=f"ends inside its {part}"):
        read_key(io.BytesIO(ENTRY[:size]))


def test_a_real_entry_is_taken_apart() -> None:
    entry = parse_entry(io.BytesIO(ENTRY))
    assert entry.key == ENTRY_KEY
    assert cut(ENTRY, entry.stream1) == b"1;"
    assert b"HTTP/1.1 200 OK\0" in cut(ENTRY, entry.stream0)


def test_a_real_entry_is_built_again_byte_for_byte() -> None:
    entry = parse_entry(io.BytesIO(ENTRY))
    assert build_entry(ENTRY_KEY, cut(ENTRY, entry.stream0), cut(ENTRY, entry.stream1)) == ENTRY


@given(KEYS, BODIES, BODIES)
def test_entries_come_back_as_they_were_built(key: bytes, stream0: bytes, stream1: bytes) -> None:
    data = build_entry(key, stream0, stream1)
    entry = parse_entry(io.BytesIO(data))
    assert entry.key == key
    assert cut(data, entry.stream0) == stream0
    assert cut(data, entry.stream1) == stream1


def test_entries_from_before_the_key_checksum_are_understood() -> None:
    data = build_entry(b"key", b"headers", b"body")
    end = struct.pack("<QIII4x", 0xF4FA6F45970D41D8, 1, zlib.crc32(b"headers"), 7)
    old = data[: -24 - 32] + end
    entry = parse_entry(io.BytesIO(old))
    assert cut(old, entry.stream0) == b"headers"
    assert cut(old, entry.stream1) == b"body"


def test_streams_without_a_checksum_are_understood() -> None:
    data = build_entry(b"key", b"headers", b"body")
    bare = struct.pack("<QIII4x", 0xF4FA6F45970D41D8, 0, 0, 0)
    unchecked = data[:31] + bare + data[31 + 24 :]
    assert parse_entry(io.BytesIO(unchecked)) == parse_entry(io.BytesIO(data))


BUILT = build_entry(b"key", b"headers", b"body")
BODY = 24 + len(b"key")
HEADERS = BODY + len(b"body") + 24


@pytest.mark.parametrize(
    ("offset", "message"),
    [
        (BODY, "stream 1 does not match"),
        (BODY + 4, "not followed by an end record"),
        (HEADERS, "stream 0 does not match"),
        (HEADERS + 7, "SHA-256"),
        (len(BUILT) - 24, "not followed by an end record"),
        (len(BUILT) - 16 + 1, "not followed by an end record"),
        (len(BUILT) - 8, "not followed by an end record"),
        (len(BUILT) - 6, "do not fit into the file"),
    ],
)
def test_damage_anywhere_in_an_entry_is_found(offset: int, message: str) -> None:
    with pytest.raises(SimpleCacheError, match=message):
        parse_entry(io.BytesIO(flipped(BUILT, offset)))


def test_a_file_that_is_only_a_key_is_no_entry() -> None:
    with pytest.raises(SimpleCacheError):
        parse_entry(io.BytesIO(BUILT[:BODY]))


def test_a_file_that_shrinks_while_it_is_read_is_refused() -> None:
    with pytest.raises(SimpleCacheError, match="became shorter"):
        parse_entry(ShrinkingFile(BUILT))


def test_checking_an_entry_never_holds_the_whole_body() -> None:
    body = bytes(range(256)) * 1024
    file = CountingFile(build_entry(b"key", b"headers", body))
    assert parse_entry(file).stream1.size == len(body)
    assert max(file.reads) <= 1 << 16
    assert -1 not in file.reads


@given(damaged(ENTRY))
def test_a_damaged_entry_gives_the_right_key_or_an_error(data: bytes) -> None:
    for read in (read_key, lambda file: parse_entry(file).key):
        try:
            key = read(io.BytesIO(data))
        except SimpleCacheError:
            continue
        assert key == ENTRY_KEY


@given(damaged(SPARSE))
def test_a_damaged_sparse_file_gives_the_right_key_or_an_error(data: bytes) -> None:
    try:
        key = read_key(io.BytesIO(data))
    except SimpleCacheError:
        return
    assert key == SPARSE_KEY


@given(st.binary(max_size=300))
def test_noise_is_never_an_entry(data: bytes) -> None:
    with pytest.raises(SimpleCacheError):
        read_key(io.BytesIO(data))


def test_a_real_index_is_read() -> None:
    index = parse_index(INDEX)
    assert index.version == 9
    assert len(index.entries) == 14
    # 2026-11-24 in seconds, as µs since 1601; the file has 476 bytes.
    assert index.entries[entry_hash(ENTRY_KEY)] == IndexEntry(13439967027000000, 768, 0)
    assert index.cache_size == sum(entry.size for entry in index.entries.values())
    # The directory's mtime to the microsecond.
    assert index.directory_mtime == 13439967025120320


def test_a_real_index_is_built_again_byte_for_byte() -> None:
    assert build_index(parse_index(INDEX)) == INDEX


INDEXES = st.builds(
    Index,
    version=st.sampled_from([8, 9]),
    cache_size=U64,
    write_reason=st.integers(0, 3),
    entries=st.dictionaries(
        U64,
        st.builds(
            IndexEntry,
            last_used=st.integers(-(2**63), 2**63 - 1),
            size=st.integers(0, 2**30 - 1).map(lambda blocks: blocks * 256),
            hints=st.integers(0, 255),
        ),
        max_size=20,
    ),
    directory_mtime=st.integers(-(2**63), 2**63 - 1),
)


@given(INDEXES)
def test_indexes_come_back_as_they_were_built(index: Index) -> None:
    again = parse_index(build_index(index))
    assert again == index
    assert list(again.entries) == list(index.entries)


@given(st.integers(0, len(INDEX) - 1), st.integers(0, 7))
def test_a_flipped_bit_in_an_index_is_found(offset: int, bit: int) -> None:
    with pytest.raises(SimpleCacheError):
        parse_index(flipped(INDEX, offset, bit))


@given(damaged(INDEX))
def test_a_damaged_index_is_refused(data: bytes) -> None:
    if data == INDEX:
        return
    with pytest.raises(SimpleCacheError):
        parse_index(data)


def hand_made_index(**fields: Any) -> bytes:
    header = {"magic": 0x656E74657220796F, "version": 9, "count": 0, "size": 0, "reason": 0}
    header |= {name: value for name, value in fields.items() if name in header}
    payload = struct.pack("<QIQQI", *header.values())
    return with_checksum(payload + fields.get("table", b"") + bytes(8))


ROW = struct.pack("<QqQ", 7, 0, 256)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (hand_made_index(version=7), "unknown index version 7"),
        (hand_made_index(version=10), "unknown index version 10"),
        (hand_made_index(magic=1), "unknown index"),
        (hand_made_index(count=1), "as many entries"),
        (hand_made_index(count=2**64 - 1), "as many entries"),
        (hand_made_index(table=ROW), "as many entries"),
        (hand_made_index(count=2, table=ROW * 2), "twice"),
        (with_checksum(bytes(39)), "ends inside its header"),
        (b"", "ends inside its header"),
    ],
)
def test_an_index_that_contradicts_itself_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(SimpleCacheError, match=message):
        parse_index(data)


def test_an_index_without_entries_is_fine() -> None:
    assert parse_index(hand_made_index()).entries == {}
