import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.sites.forms import FORMS, Names
from loginfix.sites.site import Entry, Site, combine

SHOP = Site.of(
    "shop",
    "Shop",
    [
        Entry("shop.com", "retail"),
        Entry("cloud.shop.com", "cloud"),
        Entry("status.cloud.shop.com", "retail"),
        Entry("d1.cdn.net", "retail", exact=True),
        Entry("login.cloud.shop.com", "retail", exact=True),
    ],
    ["retail"],
)
PREFIXES = st.from_regex(r"([a-z0-9]{1,8}\.){0,3}", fullmatch=True)


@pytest.mark.parametrize(
    "host",
    [
        *("shop.com", "www.shop.com", "a.b.shop.com", "WWW.Shop.Com.", "status.cloud.shop.com"),
        *("x.status.cloud.shop.com", "d1.cdn.net", "login.cloud.shop.com"),
    ],
)
def test_the_most_specific_entry_of_a_selected_group_owns_a_host(host: str) -> None:
    assert SHOP.owns_host(host)
    assert not SHOP.excludes(host)


@pytest.mark.parametrize("host", ["cloud.shop.com", "a.cloud.shop.com", "x.login.cloud.shop.com"])
def test_the_most_specific_entry_of_another_group_excludes_a_host(host: str) -> None:
    assert not SHOP.owns_host(host)
    assert SHOP.excludes(host)


@pytest.mark.parametrize(
    "host",
    [
        *("notshop.com", "shop.com.evil.example", "com", "cdn.net", "x.d1.cdn.net", "shop.co"),
        *("mycloud.shop.company", "", "not a host", None),
    ],
)
def test_other_hosts_are_neither_owned_nor_excluded(host: str | None) -> None:
    assert not SHOP.owns_host(host)
    assert not SHOP.excludes(host)


@pytest.mark.parametrize(
    ("names", "owned"),
    [
        (Names("www.shop.com", None), True),
        (Names("www.shop.com", "news.com"), True),
        (Names("ads.net", "shop.com"), True),
        (Names(None, "shop.com"), True),
        (Names("ads.net", "news.com", "shop.com"), True),
        (Names("cloud.shop.com", "shop.com"), False),
        (Names("ads.net", "cloud.shop.com"), False),
        (Names("ads.net", "news.com"), False),
        (Names(None, None), False),
    ],
)
def test_a_partition_owns_unless_the_host_is_excluded(names: Names, *, owned: bool) -> None:
    assert SHOP.owns(names) is owned


def test_selecting_the_other_group_swaps_what_is_owned() -> None:
    cloud = Site.of("shop", "Shop", SHOP.rules[0].entries, ["cloud"])
    assert cloud.owns_host("a.cloud.shop.com")
    assert cloud.excludes("www.shop.com")


def test_a_site_tells_its_names_and_groups() -> None:
    assert SHOP.domains == ("shop.com", "status.cloud.shop.com")
    assert SHOP.hosts == ("d1.cdn.net", "login.cloud.shop.com")
    assert SHOP.selected_groups == ("retail",)
    assert SHOP.excluded_groups == ("cloud",)
    assert SHOP.group_of("A.Cloud.Shop.com") == "cloud"
    assert SHOP.group_of("www.shop.com") == "retail"
    assert SHOP.group_of("news.com") is None
    assert SHOP.group_of("not a host") is None


@given(PREFIXES)
def test_everything_under_a_domain_is_owned_in_any_spelling(prefix: str) -> None:
    host = f"{prefix}shop.com"
    expected = SHOP.owns_host(host)
    assert expected is (not host.endswith("cloud.shop.com") or host.endswith("cloud.shop.com."))
    assert SHOP.owns_host(f"{host.upper()}.") is expected
    assert SHOP.owns(FORMS["url"](f"https://{host}:8443/x")) is expected
    assert SHOP.owns(FORMS["rev_host"](f"{host[::-1]}.")) is expected


@given(st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True), PREFIXES)
def test_look_alikes_are_never_owned(word: str, prefix: str) -> None:
    assert not SHOP.owns_host(f"{prefix}{word}shop.com")
    assert not SHOP.owns_host(f"{prefix}shop.com.{word}.example")


def test_unicode_and_punycode_name_the_same_site() -> None:
    site = Site.of("b", "b", [Entry("xn--bcher-kva.example", "all")], ["all"])
    assert site.owns_host("www.BÜCHER.example")
    assert site.owns(FORMS["url"]("https://bücher.example/"))


def test_an_address_owns_exactly_itself() -> None:
    site = Site.of("a", "a", [Entry("10.0.0.1", "all", exact=True)], ["all"])
    assert site.owns(FORMS["url"]("http://10.0.0.1:8080/"))
    assert not site.owns_host("110.0.0.1")
    assert not site.owns_host("1.10.0.0.1")


OTHER = Site.of("other", "Other", [Entry("other.org", "other")], ["other"])


def test_combined_sites_own_what_any_of_them_owns() -> None:
    both = combine([SHOP, OTHER])
    assert both.owns_host("www.shop.com")
    assert both.owns_host("www.other.org")
    assert both.excludes("cloud.shop.com")
    assert not both.owns_host("news.com")
    assert both.domains == ("other.org", "shop.com", "status.cloud.shop.com")
    assert both.selected_groups == ("other", "retail")
    assert both.excluded_groups == ("cloud",)
    assert (both.name, both.title) == ("shop,other", "Shop, Other")


def test_what_one_site_excludes_another_may_own() -> None:
    cloud = Site.of("cloud", "Cloud", [Entry("cloud.shop.com", "all")], ["all"])
    for both in (combine([SHOP, cloud]), combine([cloud, SHOP])):
        assert both.owns_host("a.cloud.shop.com")
        assert not both.excludes("a.cloud.shop.com")
        assert both.owns(Names("a.cloud.shop.com", None))
        assert both.group_of("a.cloud.shop.com") == "all"
