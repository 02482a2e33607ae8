import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from publicsuffixlist import PSLFILE, PublicSuffixList

from loginfix.sites import hosts
from loginfix.sites.hosts import (
    has_known_suffix,
    is_ip_address,
    is_public_suffix,
    is_under,
    normalise_host,
    registrable_domain,
)

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9_-]{0,10}[a-z0-9])?", fullmatch=True)
NAMES = st.builds(
    lambda labels, top: ".".join([*labels, top]),
    st.lists(LABELS, max_size=4),
    st.sampled_from(["com", "co.jp", "example", "xn--p1ai"]),
)
# Unicode names that Python's own IDNA codec spells as UTS #46 does.
UNICODE_NAMES = st.sampled_from(["bücher.example", "アマゾン.jp", "例え.テスト", "ñandú.com.mx"])


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("www.amazon.co.jp", "www.amazon.co.jp"),
        ("WWW.Amazon.CO.JP", "www.amazon.co.jp"),
        ("amazon.com.", "amazon.com"),
        ("localhost", "localhost"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("faß.de", "xn--fa-hia.de"),
        ("i❤.ws", "xn--i-7iq.ws"),  # IDNA 2008 forbids it, browsers open it
        ("ａｍａｚｏｎ。com", "amazon.com"),  # noqa: RUF001 - full-width letters are the point
        ("_dmarc.example.com", "_dmarc.example.com"),
        ("a_b.ü.example", "a_b.xn--tda.example"),
        ("ex%61mple.com", "example.com"),
        ("192.168.0.1", "192.168.0.1"),
        ("192.168.0.1.", "192.168.0.1"),
        ("[2001:DB8:0:0:0:0:0:1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[::ffff:127.0.0.1]", "::ffff:7f00:1"),
        ("1.example", "1.example"),
    ],
)
def test_every_spelling_of_a_host_becomes_one(text: str, normal: str) -> None:
    assert normalise_host(text) == normal


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "..", ".com", "a..b", "a b", " a", "a\n", "a\x00b", "a/b", "a?b", "a#b", "a@b"),
        *("example.com:80", "[::1", "::1]", "[::1]:80", "fe80::1%25eth0", "1.2.3", "1.2.3.256"),
        *("a.0x7f", "a\\b", "<a>", "a|b", "a^b", "%00", "%ff.com", "\ud800.com", "\u2100.com"),
        *("a" * 3000, "A" * 3000, "ü" * 3000),
    ],
)
def test_what_is_not_a_host_has_no_spelling(text: str) -> None:
    assert normalise_host(text) is None


@given(st.text())
@example("xn--")
@example("\u3002")
@example("％")  # noqa: RUF001 - maps to a percent sign
def test_normalising_never_raises_and_is_final(text: str) -> None:
    normal = normalise_host(text)
    if normal is not None:
        assert normal.isascii()
        assert normal == normal.lower()
        assert normalise_host(normal) == normal


@given(NAMES)
def test_case_and_trailing_dot_do_not_matter(name: str) -> None:
    assert normalise_host(name.upper()) == normalise_host(f"{name}.") == name


@given(UNICODE_NAMES, NAMES)
def test_unicode_and_punycode_are_one_host(name: str, prefix: str) -> None:
    spelling = f"{prefix}.{name}"
    assert normalise_host(spelling) == normalise_host(spelling.encode("idna").decode())


@given(st.ip_addresses(v=6))
def test_ipv6_has_one_spelling(address: object) -> None:
    exploded = getattr(address, "exploded", "")
    assert normalise_host(exploded) == normalise_host(f"[{address}]".upper())


@given(NAMES, NAMES)
def test_every_subdomain_of_a_domain_is_under_it(prefix: str, domain: str) -> None:
    assert is_under(domain, domain)
    assert is_under(f"{prefix}.{domain}", domain)


@given(LABELS, NAMES)
def test_a_longer_label_is_not_a_subdomain(prefix: str, domain: str) -> None:
    assert not is_under(prefix + domain, domain)


@given(NAMES, NAMES)
def test_a_domain_continued_to_the_right_is_somebody_elses(domain: str, suffix: str) -> None:
    assert not is_under(f"{domain}.{suffix}.evil", domain)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.example.co.jp", "example.co.jp"),
        ("a.b.github.io", "b.github.io"),
        ("amazon.com", "amazon.com"),
        ("a.b.unheard-of", "b.unheard-of"),
        ("www.xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("localhost", "localhost"),
        ("192.168.0.1", "192.168.0.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("co.jp", None),
        ("com", None),
        ("cloudfront.net", None),
    ],
)
def test_the_registrable_domain_is_what_one_owner_registered(host: str, domain: str | None) -> None:
    assert registrable_domain(host) == domain


@given(NAMES)
def test_a_host_is_under_its_registrable_domain_which_is_its_own(host: str) -> None:
    domain = registrable_domain(host)
    assert (domain is None) == is_public_suffix(host)
    if domain is not None:
        assert is_under(host, domain)
        assert registrable_domain(domain) == domain


@pytest.mark.parametrize("suffix", ["com", "co.jp", "github.io", "cloudfront.net", "xn--p1ai"])
def test_public_suffixes_are_known_with_their_private_section(suffix: str) -> None:
    assert is_public_suffix(suffix)


@pytest.mark.parametrize("host", ["amazon.com", "localhost", "10.0.0.1", "::1", "a.unheard-of"])
def test_other_hosts_are_no_public_suffixes(host: str) -> None:
    assert not is_public_suffix(host)


def test_a_misspelt_top_level_domain_is_not_known() -> None:
    assert has_known_suffix("amazon.co.jp")
    assert not has_known_suffix("amazon.con")
    assert not has_known_suffix("10.0.0.1")


def test_addresses_are_told_from_names() -> None:
    assert is_ip_address("10.0.0.1")
    assert is_ip_address("::1")
    assert not is_ip_address("1.example")


def test_importing_loads_neither_the_suffix_list_nor_the_idna_tables() -> None:
    probe = (
        "import sys, loginfix.sites.forms, loginfix.sites.hosts as hosts;"
        "assert hosts.normalise_host('WWW.Example.COM') == 'www.example.com';"
        "sys.exit(bool({'publicsuffixlist', 'idna'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0


def test_one_ending_of_the_suffix_list_says_what_the_whole_list_says() -> None:
    whole = PublicSuffixList()
    rules = Path(PSLFILE).read_text("utf-8").splitlines()
    names = {rule.lstrip("!*.") for rule in rules if rule and not rule.startswith("//")}
    names |= {"localhost", "no-such-ending", "xn--no-such-ending-1a"}
    for name in (name.encode("idna").decode("ascii") for name in names):
        for host in (name, f"a.{name}", f"b.a.{name}"):
            assert is_public_suffix(host) == whole.is_public(host, accept_unknown=False), host
            if "." in host and not is_public_suffix(host):
                assert registrable_domain(host) == whole.privatesuffix(host), host


def test_every_rule_of_the_list_is_read_as_the_whole_list_reads_it() -> None:
    whole = PublicSuffixList()
    rules = [
        line.split()[0]
        for line in Path(PSLFILE).read_text("utf-8").splitlines()
        if line and not line.startswith("//")
    ]
    assert len(rules) > 9000
    for rule in rules:
        name = ".".join(
            map(hosts._in_punycode, rule.removeprefix("*.").removeprefix("!").split("."))
        )
        for host in (name, f"a.{name}", f"b.a.{name}", f"c.b.a.{name}"):
            assert is_public_suffix(host) == whole.is_public(host, accept_unknown=False), host
            assert registrable_domain(host) == whole.privatesuffix(host), host
