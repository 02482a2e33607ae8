"""The mozLz4 codec: what is written reads back, here and elsewhere; damage is refused."""

import os
import random
import struct
from pathlib import Path

import lz4.block
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.formats import mozlz4
from loginfix.formats.mozlz4 import MAGIC, MozLz4Error, decode, encode
from recorder.recordings import unpack
from session_files import firefox_files

FUZZ = int(os.environ.get("LOGINFIX_FUZZ", "3000"))


@given(st.binary(max_size=5000) | st.binary(max_size=9).map(lambda part: part * 900))
def test_content_comes_back_also_with_another_library(content: bytes) -> None:
    data = encode(content)
    assert decode(data) == content
    (size,) = struct.unpack_from("<I", data, 8)
    assert lz4.block.decompress(data[12:], uncompressed_size=size) == content


def test_recorded_files_read_as_another_library_reads_them(tmp_path: Path) -> None:
    files = firefox_files(unpack("firefox-esr-153", tmp_path).profile)
    assert len(files) == 3
    for path in files:
        data = path.read_bytes()
        (size,) = struct.unpack_from("<I", data, 8)
        content = lz4.block.decompress(data[12:], uncompressed_size=size)
        assert decode(data) == content
        assert decode(encode(content)) == content


@pytest.mark.parametrize(
    "data",
    [
        b"",
        MAGIC,
        b"mozLz41\0\0\0\0\0",
        MAGIC + struct.pack("<I", 1 << 31) + bytes(100),
        MAGIC + struct.pack("<I", 400) + b"?",
        encode(b"content" * 9)[:-1],
        encode(b"content" * 9) + b"?",
        MAGIC + struct.pack("<I", 60) + encode(b"content" * 9)[12:],
        MAGIC + struct.pack("<I", 70) + encode(b"content" * 9)[12:],
    ],
)
def test_what_does_not_fit_is_refused(data: bytes) -> None:
    with pytest.raises(MozLz4Error):
        decode(data)


def test_too_much_is_neither_read_nor_written(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode(b"content" * 9)
    monkeypatch.setattr(mozlz4, "MAX_CONTENT", 60)
    with pytest.raises(MozLz4Error):
        decode(data)
    with pytest.raises(MozLz4Error):
        encode(b"content" * 9)


def test_mutated_files_are_read_or_refused(tmp_path: Path) -> None:
    rng = random.Random(3)  # noqa: S311  the same mutations every time
    files = firefox_files(unpack("firefox-esr-153", tmp_path).profile)
    originals = [path.read_bytes() for path in files]
    for _ in range(FUZZ):
        data = bytearray(rng.choice(originals))
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            content = decode(bytes(data))
        except MozLz4Error:
            continue
        assert len(content) == struct.unpack_from("<I", data, 8)[0]
