"""Keys that are remembered by how they begin are the same as those that are taken apart."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loginfix.sites.catalog import load_catalog
from loginfix.sites.forms import FORMS, Names
from loginfix.sites.keys import Keys

SITE = load_catalog().resolve("amazon")
HOSTS = ("www.amazon.com", "example.org", "notamazon.com", "amazon.com.evil.example", "10.0.0.1")
# Pieces that real keys are made of, in any order, so that most keys are nearly right.
PIECES = st.sampled_from(
    (
        *HOSTS,
        *("https://", "http://", "view-source:", ":", "/", "//", "?", "#", ":8080", "@", "\\"),
        *(
            "1/0/",
            "0/",
            "Range_",
            ":1f:2",
            "_dk_",
            "s_",
            "cn_",
            " ",
            ",",
            ",,",
            "dict:",
            "a",
            "O^partitionKey=",
        ),
        *("%28https%2Camazon.com%29", "\t", "\n", "\xe9", "アマゾン"),
        *(f"https://{host}/" for host in HOSTS),
        *(f"_dk_https://{host} https://{host} " for host in HOSTS),
        *(f"O^partitionKey=%28https%2C{host}%29,:https://{host}/x" for host in HOSTS),
    )
)


@pytest.mark.parametrize(
    "form", ["block_cache_key", "chromium_cache_key", "cache2_key", "code_cache_key"]
)
@given(texts=st.lists(st.lists(PIECES, max_size=8).map("".join), max_size=6))
@example(texts=["1/0/_dk_https://amazon.com https://amazon.com https://example.org/ https://x/"])
@example(texts=["a:https://example.org/x,:https://www.amazon.com/", "dict:https://amazon.com/,:"])
@example(texts=["https://www.amazon.com"])
@example(texts=["1/0/_dk_https://example.org https:www.amazon.com"])
@example(texts=["Ox,,:https://www.amazon.com/a,:https://example.org/"])
def test_a_key_is_the_sites_however_it_begins(form: str, texts: list[str]) -> None:
    keys = Keys(form, SITE)
    for text in (*texts, *texts, *(f"{text}/ https://www.amazon.com/" for text in texts)):
        names = FORMS[form](text)
        assert keys.owned(text.encode()) == (names if SITE.owns(names) else None), text


def test_a_key_that_begins_as_one_before_is_not_taken_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = Keys("chromium_cache_key", SITE)
    begin = b"1/0/_dk_https://example.org https://example.org https://www.amazon.com/"
    taken_apart: list[bytes] = []
    read = keys._read

    def noted(key: bytes) -> Names | None:
        taken_apart.append(key)
        return read(key)

    monkeypatch.setattr(keys, "_read", noted)
    assert all(keys.owned(begin + str(number).encode()) for number in range(10))
    assert taken_apart == [begin]


HOSTS_OF_OTHERS = ("example.org", "10.0.0.1", "notamazon.com", "aws.amazon.com")


@pytest.mark.parametrize("form", ["block_cache_key", "chromium_cache_key"])
def test_a_key_of_hosts_that_are_known_to_be_others_is_not_taken_apart(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Keys(form, SITE)
    monkeypatch.setattr(keys, "_read", lambda key: pytest.fail(f"took {key} apart"))
    texts = [
        f"1/0/{before}https://{host}:8080/{top}"
        for top in HOSTS_OF_OTHERS
        for host in HOSTS_OF_OTHERS
        for before in (f"_dk_https://{top} ", f"_dk_s_cn_https://{top} http://{host}:80 ", "")
    ]
    assert not any(keys.owned(text.encode()) for text in texts)
    # Nor are its parts, when they are met again.
    monkeypatch.setattr(keys, "_owns", lambda host: pytest.fail(f"asked about {host} again"))
    assert not any(keys.owned(text.encode()) for text in reversed(texts))


def test_no_more_is_remembered_than_was_agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loginfix.sites.keys._MOST_KNOWN", 10)
    keys = Keys("chromium_cache_key", SITE)
    for number in range(100):
        for host in (f"{number}.example", f"{number}.amazon.com"):
            owned = keys.owned(f"1/0/_dk_https://{host} https://{host} https://{host}/".encode())
            assert bool(owned) is host.endswith(".amazon.com")
            assert len(keys._foreign) <= 10
            assert len(keys._known) <= 10


def test_one_host_of_the_site_among_others_makes_a_key_the_sites() -> None:
    keys = Keys("chromium_cache_key", SITE)
    others = ("example.org", "example.net", "example.com")
    assert keys.owned("1/0/_dk_https://{} https://{} https://{}/".format(*others).encode()) is None
    for at in range(3):
        hosts = [*others]
        hosts[at] = "www.amazon.co.jp"
        owned = keys.owned("1/0/_dk_https://{} https://{} https://{}/".format(*hosts).encode())
        assert owned
        assert owned[(1, 2, 0)[at]] == "www.amazon.co.jp"


@pytest.mark.parametrize(
    "key",
    [
        "1/0/_dk_https:www.amazon.com https://example.org https://example.org/",
        "1/0/_dk_https://example.org https:www.amazon.com https://example.org/",
        "1/0/_dk_view-source:https://www.amazon.com https://example.org https://example.org/",
        "1/0/_dk_https://u@www.amazon.com https://example.org https://example.org/",
        "https://example.org/ https://www.amazon.com/",
        "1/0/https://example.org/?https://example.net/ https://www.amazon.com/",
    ],
)
def test_a_host_that_is_not_written_plainly_is_not_passed_over(key: str) -> None:
    keys = Keys("chromium_cache_key", SITE)
    assert (
        keys.owned(b"1/0/_dk_https://example.org https://example.org https://example.org/") is None
    )
    assert keys.owned(b"https://example.org/") is None
    assert keys.owned(key.encode())
