"""The hosts to try where only hashes of hosts are kept."""

from loginfix.sites.candidates import candidate_hosts
from store_doubles import TARGET


def test_seen_hosts_what_is_above_them_and_the_declared_ones_are_tried() -> None:
    seen = {"a.b.shop.amazon.com", "WWW.amazon.co.jp."}
    hosts = candidate_hosts(TARGET, seen)
    assert hosts >= {"a.b.shop.amazon.com", "b.shop.amazon.com", "shop.amazon.com", "amazon.com"}
    assert hosts >= {"www.amazon.com", "www.amazon.co.jp", "amazon.co.jp"}


def test_other_sites_and_excluded_groups_are_never_tried() -> None:
    seen = {"console.aws.amazon.com", "ads.example", "amazon.com.evil.example", "com", "", "a b"}
    hosts = candidate_hosts(TARGET, seen)
    assert hosts == candidate_hosts(TARGET, ())
    assert all(TARGET.owns_host(host) for host in hosts)
