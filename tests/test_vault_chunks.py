import hashlib
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.vault.chunks import CHUNK_SIZE, pack, unpack
from loginfix.vault.errors import ContentError

PICTURE = b"".join(hashlib.sha256(bytes([number, 7])).digest() for number in range(256))


@given(st.one_of(st.binary(min_size=1), st.binary(min_size=1, max_size=9).map(lambda b: b * 999)))
def test_bytes_come_back(raw: bytes) -> None:
    data = pack(raw)
    assert len(data) <= len(raw)
    assert unpack(data, len(raw)) == raw


def test_what_can_be_compressed_is() -> None:
    assert len(pack(bytes(CHUNK_SIZE))) < CHUNK_SIZE // 100


@pytest.mark.parametrize("at", [0, 4_000, 8_192])
def test_headers_before_between_or_behind_a_picture_are_compressed(at: int) -> None:
    headers = b"content-type: image/png\r\n" * 80
    packed = pack(PICTURE[:at] + headers + PICTURE[at:])
    assert len(packed) < len(PICTURE) + 200


@given(st.binary(max_size=1_536), st.integers(0, 2))
def test_small_pieces_are_stored_in_the_shorter_way(raw: bytes, times: int) -> None:
    raw *= times
    if len(raw) <= 1_536:
        assert len(pack(raw)) == min(len(raw), len(zlib.compress(raw, 1)))


def test_a_picture_stays_as_it_is() -> None:
    assert pack(PICTURE) is PICTURE


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (b"", 0),
        (b"", 1),
        (b"ab", 1),
        (b"ab", -1),
        (b"ab", 9),
        (zlib.compress(bytes(1000)), 999),
        (zlib.compress(bytes(1000)), 1001),
        (zlib.compress(bytes(1000)) + b"x", 1000),
        (zlib.compress(bytes(1000))[:-1], 1000),
        (zlib.compress(bytes(CHUNK_SIZE + 1)), CHUNK_SIZE + 1),
    ],
)
def test_anything_but_the_promised_bytes_is_refused(data: bytes, size: int) -> None:
    with pytest.raises(ContentError):
        unpack(data, size)


def test_a_bomb_is_not_unrolled() -> None:
    bomb = zlib.compress(bytes(16 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(ContentError):
            unpack(bomb, CHUNK_SIZE)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * CHUNK_SIZE
