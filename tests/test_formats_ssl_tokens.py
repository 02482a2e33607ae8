"""Firefox's kept session tickets: both versions, and everything else refused."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.formats.ssl_tokens import MAX_SIZE, SslTokensError, decode


def plain(records: bytes) -> bytes:
    return b"STCF\x03" + records + zlib.adler32(records).to_bytes(4, "little")


@given(st.binary())
def test_both_versions_are_read(records: bytes) -> None:
    assert decode(b"STCF\x02" + zlib.compress(records)) == records
    assert decode(plain(records)) == records


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "begin"),
        (b"STCF", "begin"),
        (b"STCG\x02", "begin"),
        (b"STCF\x09xxxx", "version 9"),
        (b"STCF\x02" + zlib.compress(b"x")[:-1], "cut short"),
        (b"STCF\x02" + zlib.compress(b"x") + b"y", "behind"),
        (b"STCF\x02nonsense", "decompressed"),
        (b"STCF\x02" + zlib.compress(bytes(MAX_SIZE + 1)), "too large"),
        (plain(b"abc")[:-1], "checksum"),
        (b"STCF\x03", "checksum"),
    ],
)
def test_anything_else_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(SslTokensError, match=said):
        decode(data)


@given(st.binary(max_size=64))
def test_no_bytes_crash(tail: bytes) -> None:
    for version in (b"\x02", b"\x03"):
        try:
            decode(b"STCF" + version + tail)
        except SslTokensError:
            continue
