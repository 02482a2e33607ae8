import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.vault.chunks import CHUNK_SIZE, pack, unpack
from loginfix.vault.errors import ContentError


@given(st.one_of(st.binary(min_size=1), st.binary(min_size=1, max_size=9).map(lambda b: b * 999)))
def test_bytes_come_back(raw: bytes) -> None:
    data = pack(raw)
    assert len(data) <= len(raw)
    assert unpack(data, len(raw)) == raw


def test_what_can_be_compressed_is() -> None:
    assert len(pack(bytes(CHUNK_SIZE))) < CHUNK_SIZE // 100


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
