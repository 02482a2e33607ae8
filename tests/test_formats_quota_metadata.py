"""Whose a directory of quota storage is: read on real profiles, and on damaged files."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.formats.quota_metadata import parse

ILLEGAL = str.maketrans(dict.fromkeys('/:*?"<>|\\', "+"))


@pytest.mark.parametrize("recording", ["firefox-esr-140", "firefox-esr-153"])
def test_the_directory_is_named_after_the_origin(
    recording: str, recorded: Callable[[str], Path]
) -> None:
    files = list((recorded(recording) / "storage" / "default").glob("*/.metadata-v2"))
    assert len(files) > 25
    for path in files:
        suffix, group, origin = parse(path.read_bytes())
        assert origin.translate(ILLEGAL) == path.parent.name
        assert origin.endswith(suffix)
        assert group.endswith(suffix)
        assert group.removesuffix(suffix) in origin


def test_a_private_window_is_named_by_its_group() -> None:
    suffix, group, origin = b"^privateBrowsingId=1", b"a.com^privateBrowsingId=1", b"uuid://1"
    texts = b"".join(len(text).to_bytes(4, "big") + text for text in (suffix, group, origin))
    made = bytes(17) + texts + b"\x01\xab\xcd\x12\x34"
    assert parse(made) == (suffix.decode(), group.decode(), origin.decode())


@given(st.binary(max_size=200))
def test_nothing_else_than_a_value_error_comes_of_any_bytes(data: bytes) -> None:
    try:
        parse(data)
    except ValueError:
        return


@given(st.integers(0, 60))
def test_a_file_that_is_cut_off_is_refused(length: int) -> None:
    whole = (
        bytes(17) + b"\0\0\0\0" + b"\0\0\0\x05a.com" + b"\0\0\0\x1dhttps://a.com.something.exam."
    )
    with pytest.raises(ValueError, match="too early"):
        parse(whole[:length] if length < len(whole) else whole[:-1])
