from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.errors import UnknownSiteError
from loginfix.sites.catalog import load_catalog
from loginfix.sites.hosts import registrable_domain
from loginfix.sites.known_site import KnownSite
from loginfix.sites.typed import typed_site

KNOWN: Sequence[KnownSite] = load_catalog().sites


@pytest.mark.parametrize(
    ("text", "site"),
    [
        ("example.co.jp", "example.co.jp"),
        ("EXAMPLE.co.jp.", "example.co.jp"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("somebody.github.io", "somebody.github.io"),
        ("192.168.0.1", "192.168.0.1"),
        ("[::1]", "::1"),
        ("localhost", "localhost"),
        ("printer.local", "printer.local"),
        ("amazon.local", "amazon.local"),
        ("notamazon.com", "notamazon.com"),
        ("amazonia.org", "amazonia.org"),
        ("amazone.de", "amazone.de"),
        ("amazon.com", "amazon.com"),
    ],
)
def test_a_domain_an_address_and_localhost_are_taken(text: str, site: str) -> None:
    assert typed_site(text, KNOWN) == site


@pytest.mark.parametrize(
    ("text", "said", "advised"),
    [
        ("co.jp", "public suffix", "example.co.jp"),
        ("com", "public suffix", "example.com"),
        ("github.io", "public suffix", "example.github.io"),
        ("cloudfront.net", "shared hosting", "Name the site"),
        ("amazonaws.com", "shared hosting", "Name the site"),
        ("a2z.com", "shared hosting", "Name the site"),
        ("foo.a2z.com", "shared hosting", "Name the site"),
        ("amazoncognito.com", "shared hosting", "Name the site"),
        ("elasticbeanstalk.com", "shared hosting", "Name the site"),
        ("amplifyapp.com", "shared hosting", "Name the site"),
        ("10.0.0.0/8", "range", "one IP address"),
        ("192.168.*", "range", "one IP address"),
        ("10.*.*.*", "range", "one IP address"),
        ("10.0.0.1-10.0.0.9", "range", "one IP address"),
        ("fe80::/10", "range", "one IP address"),
        ("amazom", "no site 'amazom'", "--site amazon?"),
        ("amzon", "no site 'amzon'", "--site amazon?"),
        ("Amazonn", "no site 'Amazonn'", "--site amazon?"),
        ("kindle", "no site 'kindle'", "--site amazon --group kindle?"),
        ("prime-video", "no site 'prime-video'", "--site amazon?"),
        ("amazon.con", "slip for amazon.com", "--site amazon,"),
        ("amazon.co.jo", "slip for amazon.co.jp", "--site amazon,"),
        ("amazom.co.jp", "slip for amazon", "--site amazon."),
        ("www.amzon.com", "slip for amazon", "--site amazon."),
        ("www.example.co.jp", "part of example.co.jp", "--site example.co.jp."),
        ("www.amazon.co.jp", "(group retail)", "--site amazon, or --site amazon.co.jp"),
        ("signin.aws.amazon.com", "(group aws)", "--site amazon --group aws."),
        ("https://www.example.com/x", "part of example.com", "--site example.com."),
        ("https://example.com", "not just the name", "--site example.com."),
        ("example.com/path", "not just the name", "--site example.com."),
        ("example.com:8443", "not just the name", "--site example.com."),
        ("*.example.com", "not just the name", "--site example.com."),
        (".example.com", "not just the name", "--site example.com."),
        ("me@example.com", "not just the name", "--site example.com."),
        ("http://10.0.0.1:80/", "not just the name", "--site 10.0.0.1."),
        ("amazon.com.evil.example", "part of evil.example", "--site evil.example."),
        ("intranet", "no site 'intranet'", "such as example.co.jp"),
        ("a b", "no site 'a b'", "such as example.co.jp"),
        ("", "no site ''", "such as example.co.jp"),
    ],
)
def test_anything_else_is_refused_with_what_was_meant(text: str, said: str, advised: str) -> None:
    with pytest.raises(UnknownSiteError) as caught:
        typed_site(text, KNOWN)
    assert said in caught.value.message
    assert advised in caught.value.next_step


@given(st.text())
def test_any_text_is_a_registrable_domain_or_refused(text: str) -> None:
    try:
        site = typed_site(text, KNOWN)
    except UnknownSiteError:
        return
    assert registrable_domain(site) == site
