"""Looking for a site's hosts in raw bytes."""

from io import BytesIO
from pathlib import Path

import pytest

from loginfix.sites import mentions as module
from loginfix.sites.mentions import is_mentioned
from store_doubles import TARGET

FOUND = b"https://www.amazon.com/x"


def mentions(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        return list(module.mentions(file, TARGET))


@pytest.mark.parametrize("at", [0, 40, 63, 64, 65, 70, 127, 128, 200])
def test_a_host_is_found_whole_and_once_wherever_blocks_end(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BLOCK", 64)
    monkeypatch.setattr(module, "_LONGEST_HOST", 15)
    path = tmp_path / "file"
    for after in (b"", b"\0" * 100):
        path.write_bytes(b"\0" * at + FOUND + after)
        assert set(mentions(path)) == {b"www.amazon.com/x"}


@pytest.mark.parametrize(
    "text",
    [b"notamazon.com/", b"amazon.com.evil.example", b"amazon.com-x", b"aws.amazon.com", b"x"],
)
def test_what_only_looks_like_it_is_not_found(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"https://" + text)
    assert mentions(path) == []


@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    ("text", "times"), [("https://www.amazon.com/x", 1), ("https://notamazon.com/", 0), ("", 0)]
)
def test_a_site_is_mentioned_in_any_encoding(text: str, times: int, encoding: str) -> None:
    assert is_mentioned(BytesIO(b"\1\2" + text.encode(encoding) + b"\3"), TARGET) == bool(times)
