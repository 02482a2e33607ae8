"""Firefox's list of service workers: real files come back byte for byte, damaged ones do not."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.formats.service_workers import build, parse


@pytest.mark.parametrize(
    ("recording", "version"), [("firefox-esr-140", 10), ("firefox-esr-153", 12)]
)
def test_a_real_file_comes_back_byte_for_byte(
    recording: str, version: int, recorded: Callable[[str], Path]
) -> None:
    content = (recorded(recording) / "serviceworker.txt").read_bytes()
    found = parse(content)
    assert build(found) == content
    assert found.version == version
    assert len(found.records) > 25
    keys = {(record.suffix, record.scope) for record in found.records}
    assert ("", "https://www.amazon.co.jp/") in keys
    assert ("^partitionKey=%28https%2Camazon.co.jp%29", "https://cdn.other.net/") in keys


def test_a_list_without_registrations_is_a_version() -> None:
    assert parse(b"12\n") == (12, ())
    assert build(parse(b"12\n")) == b"12\n"


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"\n",
        b"twelve\n",
        b"12",
        b"12\n\nhttps://a.com/\nhttps://a.com/sw.js\n",
        b"12\n\nhttps://a.com/\n#\n",
        b"12\n#\n",
        b"12\nhttps://a.com/\nhttps://a.com/sw.js\nfalse\n#\n",
        b"12\n\nhttps://a.com/\nhttps://a.com/sw.js\n#",
        b"12\n\n\xff\nhttps://a.com/sw.js\n#\n",
    ],
)
def test_what_firefox_would_not_write_is_refused(damaged: bytes) -> None:
    with pytest.raises(ValueError, match=r"^(it|the|a) |codec"):
        parse(damaged)


@given(st.binary(max_size=200))
def test_whatever_is_understood_comes_back(data: bytes) -> None:
    try:
        found = parse(data)
    except ValueError:
        return
    assert build(found).removeprefix(b"%d\n" % found.version) == data.partition(b"\n")[2]
