"""Looking for a site's hosts in raw bytes."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loginfix.sites import mentions as module
from loginfix.sites.mentions import is_mentioned
from loginfix.sites.site import Entry, Site
from store_doubles import TARGET

FOUND = b"https://www.amazon.com/x"


@pytest.fixture
def short_hosts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Blocks of 64 bytes, and hosts of 15 at most."""
    module._search.cache_clear()
    monkeypatch.setattr(module, "_BLOCK", 64)
    monkeypatch.setattr(module, "_LONGEST_HOST", 15)
    yield
    module._search.cache_clear()


def mentions(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        return list(module.mentions(file, TARGET))


@pytest.mark.usefixtures("short_hosts")
@pytest.mark.parametrize("at", [0, 40, 63, 64, 65, 70, 127, 128, 200])
def test_a_host_is_found_whole_and_once_wherever_blocks_end(at: int, tmp_path: Path) -> None:
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


@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le", "utf-16-be"])
@given(
    pieces=st.lists(
        st.sampled_from(
            ("amazon.com", "www.", "amazon.co.jp", ".", "-", "/", "x", "é", "primevideo")
        )
        | st.sampled_from(("y" * 250, "amazon", "com", " ", "\0")),
        max_size=30,
    ),
    shift=st.integers(0, 1),
)
def test_looking_where_names_stand_finds_what_trying_everywhere_finds(
    encoding: str, pieces: list[str], shift: int
) -> None:
    text = "".join(pieces).encode("latin-1" if encoding == "ascii" else encoding)
    window = b"a" * shift + text
    search = module._search(TARGET, encoding)
    expected = [(match.span(), match.groups()) for match in search.host.finditer(window)]
    assert [(match.span(), match.groups()) for match in search.finditer(window)] == expected


@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le", "utf-16-be"])
@given(
    pieces=st.lists(
        st.sampled_from(("x.", "co", ".x", ".", "a", "10.0.0.1", "0.1", "shop.example", "b.shop")),
        max_size=20,
    )
)
@example(pieces=["x.", "co", ".x"])
def test_names_that_overlap_are_found_as_well(encoding: str, pieces: list[str]) -> None:
    names = ("x.co", "co.x", "10.0.0.1", "shop.example", "b.shop.example", "shop.example.shop.org")
    site = Site.of("s", "S", [Entry(name, "g") for name in names], ["g"])
    window = "".join(pieces).encode(encoding)
    search = module._search(site, encoding)
    expected = [match.span() for match in search.host.finditer(window)]
    assert [match.span() for match in search.finditer(window)] == expected
