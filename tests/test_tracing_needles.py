"""Every spelling is found where it is, and no other site's name is."""

import base64
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from loginfix.sites.spotting import Spotter
from loginfix.tracing.model import Encoding
from loginfix.tracing.needles import Needles
from traced import AMAZON, Made, hits, site_of

HOST = "www.amazon.co.jp"
NEEDLES = Needles(Spotter(AMAZON))
NOISE = bytes(range(256)) * 3


def found(data: bytes, needles: Needles = NEEDLES) -> list[tuple[int, str, Encoding]]:
    return [(match.start, match.host, match.encoding) for match, _ in needles.find(data)]


def _base64(shift: int) -> Callable[[str], bytes]:
    return lambda host: base64.b64encode(b"/" * shift + host.encode() + b"/tail")


@pytest.mark.parametrize("before", [0, 1, 2, 3, 700, 768])
@pytest.mark.parametrize(
    ("spell", "encoding"),
    [
        (str.encode, Encoding.PLAIN),
        (lambda host: host.upper().encode(), Encoding.PLAIN),
        (lambda host: host.encode("utf-16-le"), Encoding.UTF16),
        (lambda host: host.encode("utf-16-be"), Encoding.UTF16),
        (lambda host: host[::-1].encode(), Encoding.REVERSED),
        (lambda host: host[::-1].encode("utf-16-le"), Encoding.REVERSED_UTF16),
        (lambda host: host[::-1].encode("utf-16-be"), Encoding.REVERSED_UTF16),
        (lambda host: host.encode().hex().encode(), Encoding.HEX),
        (lambda host: host.encode().hex().upper().encode(), Encoding.HEX),
    ],
    ids=lambda value: str(value) if isinstance(value, Encoding) else "",
)
def test_a_spelling_is_found_at_its_offset(
    spell: Callable[[str], bytes], encoding: Encoding, before: int
) -> None:
    # Before a zero byte, nothing tells the byte order of UTF-16.
    data = NOISE[:before] + spell(HOST) + b"\xff" + NOISE
    assert found(data) == [(before, HOST, encoding)]


@pytest.mark.parametrize("shift", range(7))
def test_base64_is_found_at_each_of_its_alignments(shift: int) -> None:
    ((start, host, encoding),) = found(b'["' + _base64(shift)(HOST) + b'"]')
    assert (host, encoding) == (HOST, Encoding.BASE64)
    assert start == 2 + shift * 4 // 3


def test_base64_may_be_made_for_file_names_and_end_without_padding() -> None:
    encoded = base64.urlsafe_b64encode(b"\xfb\xff\xfe" + f"https://{HOST}".encode()).rstrip(b"=")
    assert [each[1:] for each in found(b"ce_" + b"," + encoded)] == [(HOST, Encoding.BASE64)]


def test_a_pickle_of_chromiums_network_state_is_read() -> None:
    text = f"https://{HOST}".encode()
    pickle = (len(text) + 4).to_bytes(4, "little") + len(text).to_bytes(4, "little") + text
    padded = pickle + bytes(-len(pickle) % 4)
    assert [each[1] for each in found(base64.b64encode(padded))] == [HOST]


@pytest.mark.parametrize(
    "text",
    [
        "https%3A%2F%2Famazon.com%2Fx",
        "https%253A%252F%252Famazon.com%252Fx",
        "https:\\/\\/amazon.com\\/",
        r"\u002famazon.com\u002f",
        r"\namazon.com\n",
        r"\x2famazon.com",
        "https_amazon.com_0",
        "https+++amazon.com^userContextId=1",
        ".amazon.com",
        "..amazon.com.",
        "user@amazon.com:443",
        "(https,amazon.com)",
        "amazon.comsession-id",
        "amazon.com2",
        "'amazon.com'",
        "[*.]amazon.com,*",
    ],
)
def test_what_stands_around_a_name_does_not_hide_it(text: str) -> None:
    assert [each[1] for each in found(text.encode())] == ["amazon.com"]


@pytest.mark.parametrize(
    "text",
    [
        "notamazon.com",
        "www.notamazon.com",
        "my-amazon.com",
        "amazon.com.evil.example",
        "amazon.com.evil.example/",
        "amazon.com-login.evil.com",
        "amazon.company",
        "amazonia.org",
        "myamazon.co.jp",
        "amazon.dev",
        "amazon.example",
        "%2Fnotamazon.com",
        r"\u002fnotamazon.com",
        "amazon com",
        "amazon-com",
        "moc.nozamaton",
        "elpmaxe.live.moc.nozama",
    ],
)
def test_another_name_is_no_hit(text: str) -> None:
    for data in (
        text.encode(),
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        text[::-1].encode() if "." in text else text.encode(),
        text.encode().hex().encode(),
        base64.b64encode(text.encode()),
    ):
        assert found(data) == [], data


def test_an_excluded_host_is_marked() -> None:
    matches = [match for match, _ in NEEDLES.find(b"https://console.aws.amazon.com/ amazon.com")]
    assert [match.is_excluded for match in matches] == [True, False]


IDN = "xn--r8jz45g.xn--zckzah"


@pytest.mark.parametrize(
    "spelled",
    [
        IDN.encode(),
        "例え.テスト".encode(),
        "例え.テスト".encode("utf-16-le"),
        "例え.テスト".encode("utf-16-be"),
        quote("例え.テスト").encode(),
        quote(quote("例え.テスト")).encode(),
        b"https%3A%2F%2F" + quote("例え.テスト").encode(),
    ],
)
def test_an_international_name_is_found_in_both_forms(spelled: bytes) -> None:
    needles = Needles(Spotter(site_of(IDN)))
    assert [each[1] for each in found(b"(" + spelled + b")", needles)] == [IDN]
    assert found(b"(my" + spelled.removeprefix(b"https%3A%2F%2F") + b")", needles) == []


@pytest.mark.parametrize("name", ["192.168.1.7", "localhost", "a.co", "::1"])
def test_short_and_odd_sites_are_found(name: str) -> None:
    site = site_of(name)
    host = f"[{name}]" if ":" in name else name
    assert [each[1] for each in found(f"http://{host}/".encode(), Needles(Spotter(site)))] == [name]
    assert found(f"1{name}5 x{name}y".encode(), Needles(Spotter(site))) == []


def test_a_firefox_database_is_found_by_its_interleaved_name(tmp_path: Path) -> None:
    made = Made(tmp_path)
    name = "amazon.com"
    interleaved = "".join(name[n // 2] if n % 2 == 0 else name[-1 - n // 2] for n in range(10))
    made.put(f"idb/123{interleaved}.sqlite", b"")
    (hit,) = hits(made.trace())
    assert (hit.offset, hit.encoding) == (None, Encoding.INTERLEAVED)


def test_hits_across_the_windows_of_a_large_file_count_once(tmp_path: Path) -> None:
    made = Made(tmp_path)
    text = b"https://" + HOST.encode() + b"/"
    places = [(1 << 20) - 30 + step for step in range(0, 40, 1)]
    for number, place in enumerate(places):
        made.put(f"Other/{number}", b" " * place + text + b" " * (1 << 20))
    trace = made.trace()
    assert sorted(hit.offset for hit in hits(trace) if hit.offset) == [
        8 + place for place in places
    ]
