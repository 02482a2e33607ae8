"""In joined texts is found what is found in each of them by itself, and nothing over their ends."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.formats.leveldb.model import Version
from loginfix.formats.leveldb.table import build_table
from loginfix.sites.forms import Names
from loginfix.sites.spotting import Spotter
from loginfix.tracing.found import Found
from loginfix.tracing.model import Encoding, Piece, Record
from loginfix.tracing.needles import Needles
from loginfix.tracing.readers import joined as module
from loginfix.tracing.readers.joined import Joined
from traced import AMAZON, Made, hits

NEEDLES = Needles(Spotter(AMAZON))
HOST = "www.amazon.co.jp"

_PARTS = st.sampled_from(
    [
        *(
            b"https://",
            b"http:",
            b"//",
            b"www.",
            b"ama",
            b"amazon",
            b"zon",
            b".com",
            b".co.jp",
            b"/a",
        ),
        *(b"aws.", b"not", b"x", b"\0", b"\n", b"\xff", b" ", b"%2e"),
        *(HOST.encode("utf-16-le"), HOST.encode("utf-16-be"), HOST[::-1].encode()),
        *(HOST.encode().hex().encode(), base64.b64encode(HOST.encode())),
    ]
)
_TEXTS = st.lists(_PARTS, max_size=5).map(b"".join)

Seen = list[tuple[str, Encoding, bool, int, Record]]


def record_of(key: bytes, value: bytes) -> Record:
    return Record((Names(repr((key, value)), None),))


def seen(piece: Piece, found: Found) -> Seen:
    hits = []
    for match, bounds in NEEDLES.find(piece.data, piece.bounds):
        if bounds is not None and bounds.skip:
            continue
        found.remember(piece.data, match)
        record = bounds.record if bounds else piece.record
        at = piece.place(match.start)
        hits.append((match.host, match.encoding, match.is_excluded, at, record))
    return hits


@given(st.lists(st.tuples(_TEXTS, _TEXTS), max_size=8))
def test_it_is_the_same_as_one_by_one(pairs: list[tuple[bytes, bytes]]) -> None:
    joined = Joined(record_of, "inside")
    one_by_one: Seen = []
    alone, together = Found(), Found()
    for offset, (key, value) in enumerate(pairs):
        joined.add(key, value, offset)
        for text in (key, value):
            piece = Piece(text, lambda _, offset=offset: offset, record_of(key, value))  # type: ignore[misc]
            one_by_one += seen(piece, alone)
    assert seen(joined.taken(), together) == one_by_one
    assert (together.hosts, together.urls) == (alone.hosts, alone.urls)
    assert joined.taken().data == b""


@pytest.mark.parametrize("enough", [1, 1 << 10, 1 << 30])
def test_a_table_is_searched_alike_however_much_is_joined(
    enough: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ENOUGH", enough)
    owners = ["www.example.com", HOST]
    keys = [f"_https://{owners[number % 2]}\0{number:03}".encode() for number in range(200)]
    values = [f"{number} {HOST if number % 3 else ''}".encode() for number in range(200)]
    pairs = sorted(zip(keys, values, strict=True))
    made = Made(tmp_path)
    versions = [Version(key, number, value) for number, (key, value) in enumerate(pairs, 1)]
    made.put("Local Storage/leveldb/000005.ldb", build_table(versions).data)
    trace = made.trace()
    found = {(hit.offset, hit.host) for hit in hits(trace)}
    assert found
    counts = {verdict: tally.count for verdict, tally in trace.files[0].tallies.items()}
    # A name of a key is also one of the index, where a block ends with it.
    assert counts == {"leftover": 167 + 1, "mention": 66}, counts


def test_the_address_that_is_remembered_is_the_one_that_was_found() -> None:
    data = f"http://first.example/ https://{HOST}/a?b ftp://{HOST}/c http://last.example/".encode()
    found = Found()
    seen(Piece(data, int), found)
    assert found.urls == {f"https://{HOST}/a?b"}
