"""Session logs, pickles, page states and OSCrypt: what is written reads back, damage is refused."""

import os
import random
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from loginfix.formats import page_state
from loginfix.formats.chromium_pickle import PickleError, PickleReader, PickleWriter
from loginfix.formats.os_crypt import (
    GCM_OVERHEAD,
    CbcCipher,
    GcmCipher,
    OSCryptError,
    cbc_size,
    derive_key,
)
from loginfix.formats.snss import CURRENT, ENCRYPTED, SnssError, build_log, command, read_log
from recorder.recordings import unpack
from session_files import chromium_files, commands, decrypt

FUZZ = int(os.environ.get("LOGINFIX_FUZZ", "3000"))
RECORDS = st.lists(st.binary(min_size=1, max_size=300), max_size=20)


@given(st.sampled_from((1, CURRENT, ENCRYPTED)), RECORDS)
def test_records_come_back(version: int, records: list[bytes]) -> None:
    assert read_log(build_log(version, records)) == (version, records, b"")


@given(RECORDS, st.data())
def test_what_a_crash_cut_short_is_the_tail(records: list[bytes], data: st.DataObject) -> None:
    whole = build_log(CURRENT, records)
    cut = data.draw(st.integers(8, len(whole)))
    log = read_log(whole[:cut])
    assert log.records == records[: len(log.records)]
    assert build_log(CURRENT, log.records) + log.tail == whole[:cut]


def test_zeros_at_the_end_are_a_tail_and_an_empty_record_before_others_is_damage() -> None:
    whole = build_log(CURRENT, [b"\6page"])
    assert read_log(whole + bytes(40)).tail == bytes(40)
    with pytest.raises(SnssError):
        read_log(whole + bytes(2) + build_log(CURRENT, [b"\6more"])[8:])


@pytest.mark.parametrize("version", [0, 2, 4, 6, -1])
def test_other_versions_are_refused(version: int) -> None:
    with pytest.raises(SnssError, match="version"):
        read_log(b"SNSS" + version.to_bytes(4, "little", signed=True))
    with pytest.raises(SnssError):
        build_log(version, [])


@pytest.mark.parametrize("records", [[b""], [bytes(1 << 16)]])
def test_what_would_not_read_back_is_not_written(records: list[bytes]) -> None:
    with pytest.raises(SnssError):
        build_log(CURRENT, records)


@pytest.mark.parametrize("data", [b"", b"SNSS", b"SSSS\3\0\0\0"])
def test_what_is_no_session_file_is_refused(data: bytes) -> None:
    with pytest.raises(SnssError):
        read_log(data)


@given(
    st.lists(
        st.tuples(st.just("int32"), st.integers(-(2**31), 2**31 - 1))
        | st.tuples(st.just("int64"), st.integers(-(2**63), 2**63 - 1))
        | st.tuples(st.just("string"), st.binary(max_size=40))
        | st.tuples(st.just("string16"), st.binary(max_size=20).map(lambda text: text * 2))
    )
)
def test_values_of_a_pickle_come_back(values: list[tuple[str, int | bytes]]) -> None:
    writer = PickleWriter()
    for kind, value in values:
        getattr(writer, kind)(value)
    reader = PickleReader(writer.to_bytes())
    assert [(kind, getattr(reader, kind)()) for kind, _ in values] == values
    assert reader.at_end


@pytest.mark.parametrize(
    "payload", [b"\xff\xff\xff\xff", b"\x05\0\0\0abcd", b"\3\0\0\0abc\1", b"\xff\xff\xff\x7f"]
)
def test_a_string_that_does_not_fit_is_refused(payload: bytes) -> None:
    with pytest.raises(PickleError):
        PickleReader(len(payload).to_bytes(4, "little") + payload).string()


@pytest.mark.parametrize("data", [b"", b"\1\0", b"\4\0\0\0", b"\1\0\0\0a", b"\0\0\0\0\0"])
def test_a_pickle_of_another_length_is_refused(data: bytes) -> None:
    with pytest.raises(PickleError):
        PickleReader(data)


@given(st.binary(max_size=200))
def test_values_come_back_from_either_cipher(value: bytes) -> None:
    cbc = CbcCipher(b"v10", derive_key(b"peanuts", 1))
    gcm = GcmCipher(b"v10", bytes(range(32)))
    sealed = cbc.encrypt(value)
    assert decrypt(sealed) == value == cbc.decrypt(sealed)
    assert len(sealed) == cbc_size(len(value))
    sealed = gcm.encrypt(value)
    assert AESGCM(gcm.key).decrypt(sealed[3:15], sealed[15:], None) == value == gcm.decrypt(sealed)
    assert len(sealed) == len(value) + GCM_OVERHEAD


def test_another_key_or_a_changed_byte_is_refused() -> None:
    gcm = GcmCipher(b"v10", bytes(32))
    sealed = gcm.encrypt(b"value")
    for blob in (b"v11" + sealed[3:], sealed[:-1] + b"?", sealed[:20], b"", b"v10"):
        with pytest.raises(OSCryptError):
            gcm.decrypt(blob)
    cbc = CbcCipher(b"v11", derive_key(b"secret", 1))
    for blob in (b"v10" + bytes(16), b"v11", b"v11" + bytes(15), b""):
        with pytest.raises(OSCryptError):
            cbc.decrypt(blob)


def mojo_string(text: str, width: int) -> bytes:
    content = text.encode("utf-16-le" if width == 2 else "ascii")
    header = (8 + len(content)).to_bytes(4, "little") + len(text).to_bytes(4, "little")
    return header + content + bytes(-len(content) % 8)


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("length", range(24, 34))
def test_urls_end_where_their_string_does(width: int, length: int) -> None:
    texts = ["https://www.amazon.co.jp".ljust(length, "/"), "https://a.example/?x=http://b.example"]
    state = bytes(8) + b"".join(mojo_string(text, width) for text in texts)
    found = list(page_state.urls(state))
    assert [each.text for each in found] == texts
    assert all(page_state.is_whole_string(state, each) for each in found)
    emptied = page_state.blank(state, found[:1])
    assert len(emptied) == len(state)
    assert [each.text for each in page_state.urls(emptied)] == texts[1:]


def test_recorded_files_read_as_other_libraries_read_them(tmp_path: Path) -> None:
    files = chromium_files(unpack("chromium-156", tmp_path).profile)
    assert len(files) == 4
    cipher = CbcCipher(b"v10", derive_key(b"peanuts", 1))
    for path in files:
        data = path.read_bytes()
        log = read_log(data)
        sealed = log.version == ENCRYPTED
        assert sealed == (path.parent.name == "Sessions_Encrypted")
        contents = [cipher.decrypt(record) if sealed else record for record in log.records]
        assert [tuple(command(content)) for content in contents] == commands(data)
        assert build_log(log.version, log.records) == data
        if sealed:
            assert [cipher.encrypt(content) for content in contents] == log.records


def test_mutated_files_are_read_or_refused(tmp_path: Path) -> None:
    rng = random.Random(1)  # noqa: S311  the same mutations every time
    originals = [p.read_bytes() for p in chromium_files(unpack("chromium-156", tmp_path).profile)]
    for _ in range(FUZZ):
        data = bytearray(rng.choice(originals))
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            log = read_log(bytes(data))
        except SnssError:
            continue
        assert build_log(log.version, log.records) + log.tail == data
