from pathlib import Path

import pytest

from loginfix.errors import ConfigurationError, UnknownSiteError
from loginfix.sites.catalog import Catalog, load_catalog
from loginfix.sites.forms import FORMS, Names
from loginfix.sites.hosts import is_public_suffix
from loginfix.sites.site import combine

CATALOG = load_catalog()
AMAZON = CATALOG.resolve("amazon")
DEFAULTS = ("cdn", "login-pay", "prime-video", "retail", "seller-central")
MARKETPLACES = [
    "com",
    "ca",
    "com.mx",
    "com.br",
    "co.uk",
    "ie",
    "de",
    "fr",
    "es",
    "it",
    "nl",
    "com.be",
    "se",
    "pl",
    "com.tr",
    "eg",
    "sa",
    "ae",
    "co.za",
    "in",
    "sg",
    "com.au",
    "co.jp",
]


def shop(directory: Path, name: str = "shop", body: str = 'domains = ["shop.com"]') -> Path:
    path = directory / f"{name}.toml"
    path.write_text(f'title = "Shop"\n[groups.main]\ntitle = "Main"\n{body}\n', encoding="utf-8")
    return path


def test_amazon_has_its_shops_video_sellers_login_and_images_by_default() -> None:
    assert AMAZON.selected_groups == DEFAULTS
    assert {"ads", "audible", "aws", "kindle", "music"} < set(AMAZON.excluded_groups)
    assert {"retail-other", "short-links", "sister-brands"} < set(AMAZON.excluded_groups)


@pytest.mark.parametrize("suffix", MARKETPLACES)
def test_every_marketplace_is_amazons(suffix: str) -> None:
    assert AMAZON.owns_host(f"www.amazon.{suffix}")
    assert AMAZON.group_of(f"sellercentral.amazon.{suffix}") == "seller-central"
    assert AMAZON.group_of(f"vendorcentral.amazon.{suffix}") == "seller-central"


def test_amazon_has_exactly_the_marketplaces() -> None:
    (amazon,) = CATALOG.sites
    retail = next(group for group in amazon.groups if group.key == "retail")
    assert sorted(retail.domains) == sorted(f"amazon.{suffix}" for suffix in MARKETPLACES)


@pytest.mark.parametrize(
    ("host", "group"),
    [
        ("na.account.amazon.com", "login-pay"),
        ("www.primevideo.com", "prime-video"),
        ("sellercentral-japan.amazon.com", "seller-central"),
        ("sellercentral-europe.amazon.com", "seller-central"),
        ("m.media-amazon.com", "cdn"),
        ("d3ag4hukkh62yn.cloudfront.net", "cdn"),
    ],
)
def test_default_hosts_are_taken(host: str, group: str) -> None:
    assert AMAZON.owns_host(host)
    assert AMAZON.group_of(host) == group


@pytest.mark.parametrize(
    ("host", "group"),
    [
        ("signin.aws.amazon.com", "aws"),
        ("eu-west-1.console.aws.amazon.com", "aws"),
        ("mycompany.awsapps.com", "aws"),
        ("read.amazon.co.jp", "kindle"),
        ("www.audible.de", "audible"),
        ("music.amazon.com", "music"),
        ("c.amazon-adsystem.com", "ads"),
        ("www.twitch.tv", "sister-brands"),
        ("amzn.to", "short-links"),
        ("www.amazon.cn", "retail-other"),
        ("www.about.amazon", "retail-other"),
    ],
)
def test_opt_in_hosts_stay_until_their_group_is_asked_for(host: str, group: str) -> None:
    assert AMAZON.excludes(host)
    assert CATALOG.resolve("amazon", groups=[group]).owns_host(host)


@pytest.mark.parametrize(
    "host",
    [
        *("notamazon.com", "www.notamazon.co.jp", "amazon.com.something.example", "amaaozn.com"),
        *("camelcamelcamel.com", "kadgar.net", "www.amazonia.org", "amazon.example", "xamazon"),
        *("d1234.cloudfront.net", "x.d3ag4hukkh62yn.cloudfront.net", "s3.amazonaws.com", "a2z.com"),
        *("x.auth.us-east-1.amazoncognito.com", "x.elasticbeanstalk.com", "x.amplifyapp.com"),
    ],
)
def test_other_peoples_hosts_are_never_amazons(host: str) -> None:
    everything = CATALOG.resolve("amazon", groups=AMAZON.excluded_groups)
    assert not everything.owns_host(host)
    assert not everything.excludes(host)


def test_an_aws_page_stays_although_its_partition_says_amazon() -> None:
    key = "1/0/_dk_https://amazon.com https://amazon.com https://signin.aws.amazon.com/x.js"
    assert not AMAZON.owns(FORMS["chromium_cache_key"](key))
    assert CATALOG.resolve("amazon", groups=["aws"]).owns(FORMS["chromium_cache_key"](key))
    assert AMAZON.owns(Names("cdn.other.net", "amazon.com"))


def test_groups_can_be_added_and_left_out() -> None:
    site = CATALOG.resolve("AMAZON", groups=["audible"], without_groups=["seller-central"])
    assert site.owns_host("www.audible.com")
    assert site.excludes("sellercentral.amazon.co.jp")
    assert site.owns_host("www.amazon.co.jp")


def test_a_typed_domain_is_a_site_of_that_domain() -> None:
    site = CATALOG.resolve(" Example.co.jp ")
    assert (site.name, site.title) == ("example.co.jp", "example.co.jp")
    assert site.domains == ("example.co.jp",)
    assert site.owns_host("www.example.co.jp")
    assert not site.owns_host("www.amazon.co.jp")


def test_a_typed_address_is_a_site_of_exactly_that_host() -> None:
    assert CATALOG.resolve("localhost").hosts == ("localhost",)
    assert not CATALOG.resolve("localhost").owns_host("app.localhost")
    assert CATALOG.resolve("[::1]").owns(FORMS["url"]("http://[::1]:3000/"))


def test_a_typed_domain_of_amazon_leaves_aws_alone_too() -> None:
    site = CATALOG.resolve("amazon.com")
    assert site.owns_host("www.amazon.com")
    assert site.owns_host("sellercentral-japan.amazon.com")
    assert site.excludes("signin.aws.amazon.com")
    assert not site.owns_host("www.amazon.co.jp")
    assert not site.owns_host("www.primevideo.com")
    assert site.selected_groups == ("login-pay", "retail", "seller-central")
    assert CATALOG.resolve("amazon.com", groups=["aws"]).owns_host("signin.aws.amazon.com")
    without = CATALOG.resolve("amazon.com", without_groups=["seller-central"])
    assert without.excludes("sellercentral-japan.amazon.com")


def test_typing_a_domain_of_an_opt_in_group_opts_in() -> None:
    assert CATALOG.resolve("audible.de").owns_host("www.audible.de")


def test_several_sites_work_as_one() -> None:
    both = combine([AMAZON, CATALOG.resolve("example.com")])
    assert both.owns_host("www.example.com")
    assert both.owns_host("www.amazon.fr")
    assert both.excludes("aws.amazon.com")


@pytest.mark.parametrize("name", ["amazon", "amazon.com"])
def test_an_unknown_group_is_refused_with_the_groups_there_are(name: str) -> None:
    for arguments in ({"groups": ["kindel"]}, {"without_groups": ["kindel"]}):
        with pytest.raises(UnknownSiteError, match="has no group 'kindel'") as caught:
            CATALOG.resolve(name, **arguments)
        assert "seller-central, cdn, retail-other, kindle" in caught.value.next_step


def test_a_typed_domain_without_groups_has_none_to_add() -> None:
    with pytest.raises(UnknownSiteError, match="has no group 'aws'"):
        CATALOG.resolve("example.com", groups=["aws"])


def test_leaving_everything_out_is_refused() -> None:
    with pytest.raises(UnknownSiteError, match="Nothing of amazon is left"):
        CATALOG.resolve("amazon", without_groups=DEFAULTS)


def test_only_named_exceptions_are_public_suffixes() -> None:
    (amazon,) = CATALOG.sites
    suffixes = {entry.name for entry in amazon.rules.entries if is_public_suffix(entry.name)}
    assert suffixes == {name for group in amazon.groups for name in group.public_suffixes}


def test_every_group_has_a_title_in_both_languages() -> None:
    for site in CATALOG.sites:
        for group in site.groups:
            assert group.title
            assert group.title_ja


def test_a_users_file_adds_a_site(tmp_path: Path) -> None:
    shop(tmp_path)
    catalog = load_catalog(tmp_path)
    assert [site.name for site in catalog.sites] == ["amazon", "shop"]
    assert catalog.resolve("shop").owns_host("www.shop.com")


def test_a_users_file_replaces_ours(tmp_path: Path) -> None:
    shop(tmp_path, "amazon", 'domains = ["amazon.fr"]')
    site = load_catalog(tmp_path).resolve("amazon")
    assert site.domains == ("amazon.fr",)
    assert not site.owns_host("www.amazon.com")


def test_a_users_site_may_be_named_like_a_domain(tmp_path: Path) -> None:
    shop(tmp_path, "amazom.com", 'domains = ["amazom.com"]')
    assert load_catalog(tmp_path).resolve("amazom.com").owns_host("www.amazom.com")


def test_a_domain_above_a_users_hosts_takes_all_of_it(tmp_path: Path) -> None:
    shop(tmp_path, body='default = false\ndomains = ["beta.shop.com"]')
    site = load_catalog(tmp_path).resolve("shop.com")
    assert site.owns_host("www.shop.com")
    assert site.excludes("beta.shop.com")


def test_a_missing_user_directory_and_hidden_files_add_nothing(tmp_path: Path) -> None:
    (tmp_path / "._shop.toml").write_bytes(b"\x00\x05")
    assert load_catalog(tmp_path) == load_catalog(tmp_path / "missing") == CATALOG


@pytest.mark.parametrize("domain", ["a2z.com", "x.a2z.com", "d1.cloudfront.net"])
def test_a_file_cannot_take_shared_hosting_by_suffix(tmp_path: Path, domain: str) -> None:
    path = shop(tmp_path, body=f'domains = ["{domain}"]')
    with pytest.raises(ConfigurationError, match="carries other people's sites") as caught:
        load_catalog(tmp_path)
    assert caught.value.path == path
    shop(tmp_path, body=f'hosts = ["{domain}"]')
    assert load_catalog(tmp_path).resolve("shop").owns_host(domain)


def test_one_bad_file_loads_nothing(tmp_path: Path) -> None:
    shop(tmp_path, "good")
    bad = shop(tmp_path, "bad", "domains = 3")
    with pytest.raises(ConfigurationError) as caught:
        load_catalog(tmp_path)
    assert caught.value.path == bad


def test_an_empty_catalogue_still_takes_domains() -> None:
    assert Catalog(()).resolve("example.com").owns_host("a.example.com")
