"""What was found out is remembered, but not whatever a site writes: that would fill the memory."""

import re
import tracemalloc
from collections.abc import Callable, Iterable

import pytest

from loginfix.sites.catalog import load_catalog
from loginfix.sites.forms import FORMS
from loginfix.sites.hosts import normalise_host
from loginfix.sites.keys import Keys
from loginfix.sites.site import Site
from loginfix.stores.leveldb.records import Reader, RecordSpec
from loginfix.stores.model import Wish

SITE = load_catalog().resolve("amazon")
LONG = 100_000


def leveldb_reader() -> Callable[[str], object]:
    spec = RecordSpec(re.compile(b"(?P<site>.*)"), form="url")
    reader = Reader((spec,), Wish(SITE), frozenset())
    return lambda host: reader.read(f"https://{host}/".encode(), b"")


def keys(form: str, key: str) -> Callable[[str], object]:
    known = Keys(form, SITE)
    return lambda host: known.owned(key.format(host).encode())


def answers() -> Callable[[str], object]:
    site = Site("s", "S", SITE.rules)
    return site.owns_host


REMEMBERING: dict[str, Callable[[], Callable[[str], object]]] = {
    "hosts": lambda: normalise_host,
    "partitions": lambda: (
        lambda host: FORMS["chromium_cache_key"](
            f"1/0/_dk_https://{host} https://{host} https://x/"
        )
    ),
    "answers": answers,
    "chromium": lambda: keys("chromium_cache_key", "1/0/https://{}/"),
    "firefox": lambda: keys("cache2_key", "a,:https://{}/"),
    "leveldb": leveldb_reader,
}


def kept(ask: Callable[[str], object], hosts: Iterable[str]) -> int:
    """How many bytes are in use after asking more than before."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for host in hosts:
            ask(host)
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", REMEMBERING)
def test_long_texts_are_not_remembered(name: str) -> None:
    ask = REMEMBERING[name]()
    ask("example.org")
    # Far longer than any host, and as long as a text that is still looked at as one.
    for length in (LONG, 2000):
        hosts = (f"{number}.{'a' * length}.example" for number in range(50))
        assert kept(ask, hosts) < 20 * length


@pytest.mark.parametrize("name", REMEMBERING)
def test_ordinary_ones_are(name: str) -> None:
    ask = REMEMBERING[name]()
    assert kept(ask, (f"{name}-{number}.example" for number in range(50))) > 50 * 50
    assert kept(ask, (f"{name}-{number}.example" for number in range(50))) < 50 * 20


def test_no_more_answers_are_remembered_than_was_agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loginfix.sites.site._MOST_ANSWERS", 10)
    site = Site("s", "S", SITE.rules)
    for number in range(100):
        assert site.owns_host(f"{number}.amazon.com")
        assert not site.owns_host(f"{number}.example")
        assert len(site._answers) <= 10
