import io
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.formats.cache2 import (
    Cache2Error,
    EncryptedEntryError,
    build_entry,
    cache_hash,
    entry_name,
    parse_eviction_name,
    proven_key,
    read_key,
    read_metadata,
)

DATA = Path(__file__).parent / "data" / "formats" / "cache2"
# Written by Firefox 153: a style sheet of cdn.example.net on a page of example.com.
KEY = b"O^partitionKey=%28http%2Cexample.com%29,:http://cdn.example.net/c.css?q=1"
NAME = "FD4B3DAB74B38ED74CA6FBB9B769BBE9515D5E21"
ENTRY = (DATA / NAME).read_bytes()
# Written by Firefox 140: what the network predictor remembers of a page.
PREDICTOR_KEY = b"~predictor-origin,:http://www.example.com/"
PREDICTOR_NAME = "18CE467B00ED7B507CC72681EDCED9F73527CDD9"
PREDICTOR = (DATA / PREDICTOR_NAME).read_bytes()

KEYS = st.binary(max_size=200).filter(lambda key: b"\0" not in key)
VALUES = st.binary(max_size=60).map(lambda value: value.replace(b"\0", b""))
NAMES = st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=20)
U32 = st.integers(0, 2**32 - 1)


class CountingFile(io.BytesIO):
    """A file that remembers how much was asked of it."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.reads: list[int] = []

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads.append(-1 if size is None else size)
        return super().read(size)


class ShrunkenFile(io.BytesIO):
    """A file that has lost its end since its size was asked."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(size)[:-1]


def key_by_name(data: bytes) -> bytes:
    return read_key(io.BytesIO(data), name=NAME)


def key_by_hash(data: bytes) -> bytes:
    return read_key(io.BytesIO(data))


READERS = pytest.mark.parametrize("read", [key_by_name, key_by_hash])


def flipped(data: bytes, offset: int, bit: int = 0) -> bytes:
    changed = bytearray(data)
    changed[offset] ^= 1 << bit
    return bytes(changed)


def with_number(data: bytes, offset: int, number: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into(">I", changed, offset, number)
    return bytes(changed)


def sealed(metadata: bytes) -> bytes:
    """An entry of version 3 or older with this metadata, its hash right, and no body."""
    return struct.pack(">I", cache_hash(metadata)) + metadata + bytes(4)


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


def test_real_entries_are_named_by_their_keys() -> None:
    assert entry_name(KEY) == NAME
    assert entry_name(PREDICTOR_KEY.decode()) == PREDICTOR_NAME


@READERS
def test_the_key_of_a_real_entry_is_read(read: Callable[[bytes], bytes]) -> None:
    assert read(ENTRY) == KEY


def test_the_metadata_of_a_real_entry_is_read() -> None:
    metadata = read_metadata(io.BytesIO(ENTRY))
    assert metadata.version == 4
    assert metadata.key == KEY
    assert metadata.data_size == 2
    assert metadata.fetch_count == 4
    assert metadata.last_fetched == 1795493505
    assert metadata.last_modified == 1795493500
    assert metadata.expiration == metadata.last_modified + 86400
    assert metadata.flags == 0
    assert metadata.elements["request-method"] == b"GET"
    assert metadata.elements["response-head"].startswith(b"HTTP/1.1 200 OK\r\n")


def test_the_metadata_of_an_older_firefox_is_read() -> None:
    metadata = read_metadata(io.BytesIO(PREDICTOR))
    assert metadata.version == 3
    assert metadata.key == PREDICTOR_KEY
    assert metadata.data_size == 0
    assert "predictor::http://cdn.example.net/" in metadata.elements


@pytest.mark.parametrize("data", [ENTRY, PREDICTOR])
def test_a_real_entry_is_built_again_byte_for_byte(data: bytes) -> None:
    metadata = read_metadata(io.BytesIO(data))
    again = build_entry(
        metadata.key,
        data[: metadata.data_size],
        metadata.elements,
        version=metadata.version,
        fetch_count=metadata.fetch_count,
        last_fetched=metadata.last_fetched,
        last_modified=metadata.last_modified,
        frecency=metadata.frecency,
        expiration=metadata.expiration,
        flags=metadata.flags,
    )
    assert again == data


# What Firefox 153 stored for bodies of 1 to 24 bytes.
CHUNK_HASHES = struct.unpack(
    ">24H",
    bytes.fromhex(
        "946a 7296 e023 4e9b 7027 afbc f0a4 516b 185d b50b 1429 0be3"
        "e69f e636 fe30 8763 8c64 7733 b7f7 adaa d00b d2c5 381f 55eb"
    ),
)


@pytest.mark.parametrize(("size", "expected"), list(enumerate(CHUNK_HASHES, start=1)))
def test_hashes_agree_with_firefox(size: int, expected: int) -> None:
    body = bytes(200 + 7 * number & 255 for number in range(size))
    assert cache_hash(body) & 0xFFFF == expected


@given(
    key=KEYS,
    data=st.binary(max_size=100),
    elements=st.dictionaries(NAMES, VALUES, max_size=4),
    version=st.integers(2, 4),
    fetch_count=U32,
    last_fetched=U32,
    last_modified=U32,
    frecency=U32,
    expiration=U32,
    flags=U32,
)
def test_entries_come_back_as_they_were_built(  # hypothesis passes them by name
    key: bytes,
    data: bytes,
    elements: dict[str, bytes],
    version: int,
    fetch_count: int,
    last_fetched: int,
    last_modified: int,
    frecency: int,
    expiration: int,
    flags: int,
) -> None:
    built = build_entry(
        key,
        data,
        elements,
        version=version,
        fetch_count=fetch_count,
        last_fetched=last_fetched,
        last_modified=last_modified,
        frecency=frecency,
        expiration=expiration,
        flags=flags,
    )
    metadata = read_metadata(io.BytesIO(built))
    assert built.startswith(data)
    assert metadata.version == version
    assert metadata.fetch_count == fetch_count
    assert metadata.last_fetched == last_fetched
    assert metadata.last_modified == last_modified
    assert metadata.frecency == frecency
    assert metadata.expiration == expiration
    assert metadata.flags == flags
    assert metadata.key == key
    assert metadata.elements == elements
    assert metadata.data_size == len(data)
    assert read_key(io.BytesIO(built), name=entry_name(key)) == key


@given(
    key=KEYS,
    data=st.binary(max_size=100),
    elements=st.dictionaries(NAMES, VALUES, max_size=4),
    version=st.integers(1, 4),
    short=st.integers(0, 40),
)
def test_the_key_is_found_at_the_end_of_a_file_if_that_is_long_enough(
    key: bytes, data: bytes, elements: dict[str, bytes], version: int, short: int
) -> None:
    built = build_entry(key, data, elements, version=version)
    metadata = len(built) - len(data)
    for size in (len(built), metadata):
        assert proven_key(built[-size:], len(built), entry_name(key)) == key
    assert proven_key(built[-metadata:][short + 1 :], len(built), entry_name(key)) is None
    assert proven_key(built, len(built), entry_name(key + b"x")) is None
    assert proven_key(built, len(built), entry_name(key).lower()) is None


@given(data=damaged(ENTRY) | st.binary(max_size=200))
def test_what_is_found_at_the_end_of_a_file_is_what_a_careful_look_finds(data: bytes) -> None:
    if (found := proven_key(data, len(data), NAME)) is not None:
        assert found == key_by_name(data) == KEY


@pytest.mark.parametrize("version", [0, 3, 5])
def test_an_entry_of_another_version_is_for_the_careful_look_to_refuse(version: int) -> None:
    other = with_number(ENTRY, HEADER, version)
    assert proven_key(other, len(other), NAME) is None
    with pytest.raises(Cache2Error):
        key_by_name(other)


def test_the_first_version_had_no_flags() -> None:
    built = build_entry(KEY, b"body", {"a": b"b"}, version=1)
    metadata = read_metadata(io.BytesIO(built))
    assert len(built) == 4 + 4 + 2 + 28 + len(KEY) + 1 + 4 + 4
    assert (metadata.version, metadata.flags, metadata.key) == (1, 0, KEY)
    assert metadata.elements == {"a": b"b"}
    assert key_by_name(built) == KEY


@READERS
@pytest.mark.parametrize("size", [0, 1, 262143, 262144, 262145])
def test_the_key_is_found_behind_the_hashes_of_the_body(
    read: Callable[[bytes], bytes], size: int
) -> None:
    built = build_entry(KEY, bytes(size), {})
    assert read(built) == KEY
    chunks = -(-size // (256 * 1024))
    assert len(built) == size + 4 + 2 * chunks + 32 + len(KEY) + 1 + 8


@READERS
@pytest.mark.parametrize("size", [960, 961, 962, 963, 988, 989, 990, 5000])
def test_keys_longer_than_the_first_read_are_read(
    read: Callable[[bytes], bytes], size: int
) -> None:
    key = KEY.ljust(size, b"x")
    built = build_entry(key, b"body", {"a": b"b"})
    assert read_key(io.BytesIO(built), name=entry_name(key)) == key
    assert read_key(io.BytesIO(built)) == key
    with pytest.raises(Cache2Error):
        read(built[:-9])


def test_reading_a_key_by_name_takes_two_small_reads() -> None:
    file = CountingFile(build_entry(KEY, bytes(100_000), {"security-info": b"x" * 9000}))
    assert read_key(file, name=NAME) == KEY
    assert file.reads == [8, 4 + 2 + 1024]


def test_reading_metadata_leaves_the_body_alone() -> None:
    built = build_entry(KEY, bytes(100_000), {"a": b"b"})
    file = CountingFile(built)
    assert read_metadata(file).data_size == 100_000
    assert file.reads == [8, len(built) - 100_000 - 8]


def test_a_key_under_another_name_is_refused() -> None:
    with pytest.raises(Cache2Error, match="name of the file"):
        read_key(io.BytesIO(ENTRY), name=PREDICTOR_NAME)


@pytest.mark.parametrize("data", [ENTRY, PREDICTOR])
def test_a_flipped_bit_anywhere_in_the_metadata_is_found(data: bytes) -> None:
    start = read_metadata(io.BytesIO(data)).data_size
    for offset in range(start, len(data)):
        with pytest.raises(Cache2Error):
            read_metadata(io.BytesIO(flipped(data, offset, offset % 8)))


def test_damage_behind_the_key_does_not_hide_it() -> None:
    data = flipped(ENTRY, len(ENTRY) - 20)
    assert key_by_name(data) == KEY
    with pytest.raises(Cache2Error, match="does not match its hash"):
        key_by_hash(data)


@READERS
@given(data=damaged(ENTRY))
def test_a_damaged_entry_gives_the_right_key_or_an_error(
    read: Callable[[bytes], bytes], data: bytes
) -> None:
    try:
        key = read(data)
    except Cache2Error:
        return
    assert key == KEY


@READERS
@given(data=st.integers(0, len(ENTRY) - 1).map(lambda size: ENTRY[:size]))
def test_an_entry_cut_short_is_refused(read: Callable[[bytes], bytes], data: bytes) -> None:
    with pytest.raises(Cache2Error):
        read(data)


@READERS
@given(data=st.binary(max_size=200))
def test_noise_is_never_an_entry(read: Callable[[bytes], bytes], data: bytes) -> None:
    with pytest.raises(Cache2Error):
        read(data)


@READERS
def test_an_encrypted_entry_says_so(read: Callable[[bytes], bytes]) -> None:
    data = bytes(range(100)) + struct.pack(">II", 4, 1 << 31 | 10)
    with pytest.raises(EncryptedEntryError):
        read(data)


HEADER = 2 + 4 + 2
KEY_SIZE = HEADER + 24


@READERS
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (with_number(ENTRY, HEADER, 5), "unknown entry version 5"),
        (with_number(ENTRY, HEADER, 3), "unknown entry version 3"),
        (with_number(ENTRY, HEADER, 0), "unknown entry version 0"),
        (with_number(ENTRY, KEY_SIZE, 0xFFFFFFFF), "key does not fit"),
        (with_number(ENTRY, KEY_SIZE, len(ENTRY)), "key does not fit"),
        (with_number(ENTRY, len(ENTRY) - 4, len(ENTRY)), "does not lead to metadata"),
        (with_number(ENTRY, len(ENTRY) - 4, 0x7FFFFFFF), "does not lead to metadata"),
        (with_number(PREDICTOR, 4, 0), "unknown entry version 0"),
        (sealed(struct.pack(">7I", 3, 0, 0, 0, 0, 0, 0)), "ends inside its header"),
        (b"1234567", "too short"),
    ],
)
def test_impossible_numbers_are_refused(
    read: Callable[[bytes], bytes], data: bytes, message: str
) -> None:
    with pytest.raises(Cache2Error, match=message):
        read(data)


def test_a_version_4_header_needs_the_trailer_of_version_4() -> None:
    data = build_entry(KEY, b"", {"a": b"b"}, version=4)
    with pytest.raises(Cache2Error, match="unknown entry version 4"):
        key_by_name(data[:-8] + data[-4:])


def test_metadata_beyond_all_measure_is_refused_before_it_is_read() -> None:
    file = CountingFile(bytes(3 << 20))
    with pytest.raises(Cache2Error, match="larger than any"):
        read_metadata(file)
    assert file.reads == [8]


def test_a_file_that_shrinks_while_it_is_read_is_refused() -> None:
    with pytest.raises(Cache2Error, match="became shorter"):
        read_metadata(ShrunkenFile(ENTRY))


HEADER_WITH_4_BYTE_KEY = struct.pack(">8I", 3, 0, 0, 0, 0, 0, 4, 0)


def test_a_key_without_its_end_is_refused() -> None:
    data = sealed(HEADER_WITH_4_BYTE_KEY + b"12345\0")
    with pytest.raises(Cache2Error, match="has no end"):
        read_metadata(io.BytesIO(data))


@pytest.mark.parametrize("elements", [b"a", b"a\0", b"a\0b", b"a\0b\0c", b"a\0b\0c\0"])
def test_elements_that_are_no_pairs_are_refused(elements: bytes) -> None:
    data = sealed(HEADER_WITH_4_BYTE_KEY + b"1234\0" + elements)
    with pytest.raises(Cache2Error, match="not pairs"):
        read_metadata(io.BytesIO(data))


# Names that Firefox 153 gave.
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ce_T151c2VyQ29udGV4dElkPTUs", "O^userContextId=5,"),
        ("ce_T151c2VyQ29udGV4dElkPTUsYSw=", "O^userContextId=5,a,"),
        ("ce_KglzOmV4YW1wbGUuY29t", "*\ts:example.com"),
        ("ce_YSwJaHR0cHM6Ly93d3cuZXhhbXBsZS5vcmc=", "a,\thttps://www.example.org"),
        ("ce_CWh0dHBzOi8vd3d3LmV4YW1wbGUub3Jn", "\thttps://www.example.org"),
        ("ce_Pz8-", "???"),
        ("ce_Pz8/", "???"),
        ("ce_", ""),
        ("ce_T151c2V", None),
        ("ce_not base64", None),
        ("ce_YSwJ!", None),
        ("ce_gICA", None),
        ("YSwJ", None),
        ("ce_é", None),
        ("index", None),
        ("entries", None),
    ],
)
def test_the_names_of_pending_evictions_are_read(name: str, expected: str | None) -> None:
    assert parse_eviction_name(name) == expected
