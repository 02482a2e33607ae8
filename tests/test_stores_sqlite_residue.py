"""Looking for a site's hosts in the raw bytes of a database."""

from pathlib import Path

import pytest

from loginfix.files.tree import Tree
from loginfix.stores.sqlite import residue
from store_doubles import TARGET

FOUND = b"https://www.amazon.com/x"


def mentions(path: Path) -> list[bytes]:
    with Tree(path.parent) as tree:
        return list(residue._mentions(tree, path.name, TARGET))


@pytest.mark.parametrize("at", [0, 40, 63, 64, 65, 70, 127, 128, 200])
def test_a_host_is_found_whole_and_once_wherever_blocks_end(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(residue, "_BLOCK", 64)
    monkeypatch.setattr(residue, "_OVERLAP", 60)
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
