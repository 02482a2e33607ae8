"""What findings say of single things: what they are called, how large, when last used."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from os import utime
from pathlib import Path
from shutil import copy2

import pytest

import synthetic
from databases import run
from loginfix.api.machine import Machine
from loginfix.clearing.plan import Request, make_plan
from loginfix.sites.catalog import load_catalog
from loginfix.stores.listing import known_by
from loginfix.stores.model import Finding, Span, Wish
from loginfix.stores.sqlite.spec import parse_table
from loginfix.stores.times import TIMES
from recorder.recordings import unpack
from sqlite_stores import find, store_of
from store_doubles import WISH, place_of

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ITEMISED = replace(WISH, itemised=True)


@pytest.mark.parametrize(
    ("form", "number"),
    [
        ("webkit", 13_439_995_200_000_000),
        ("unix_us", 1_795_521_600_000_000),
        ("unix_ms", 1_795_521_600_000),
        ("unix_s", 1_795_521_600),
    ],
)
def test_every_form_of_a_time_is_read(form: str, number: int) -> None:
    assert TIMES[form](number) == NOON


@pytest.mark.parametrize("form", TIMES)
@pytest.mark.parametrize(
    "nonsense", [0, -1, None, "soon", b"", 2**63 - 1, float("nan"), float("inf")]
)
def test_what_is_no_time_is_none(form: str, nonsense: object) -> None:
    assert TIMES[form](nonsense) is None


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("1/0/_dk_https://a.jp https://a.jp https://www.a.jp/x?u=https://b", None),
        ("O^partitionKey=%28https%2Ca.jp%29,:https://www.a.jp/x?u=https://b", None),
        ("1/0/https://www.a.jp/x?u=https://b", None),
        ("_keyhttps://x", "keyhttps://x"),
        ("9+https://www.a.jp/", "https://www.a.jp/"),
        ("://x", "://x"),
        ("https://a.jp/ and more", "https://a.jp/ and more"),
        ("session-id", "session-id"),
        ("", ""),
    ],
)
def test_a_key_is_known_by_the_address_that_it_ends_in(key: str, name: str | None) -> None:
    assert known_by(key) == ("https://www.a.jp/x?u=https://b" if name is None else name)


@pytest.mark.parametrize("text", ["a" * 2_000_000, "a." * 1_000_000, "a:/" * 700_000 + " x"])
def test_no_name_takes_long_to_be_read(text: str) -> None:
    start = time.monotonic()
    assert known_by(text) == text
    assert time.monotonic() - start < 5


def test_an_unknown_form_of_a_time_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown form of a time 'stardate'"):
        parse_table({"name": "t", "used": {"seen": "stardate"}})
    with pytest.raises(ValueError, match="all written as 'webkit'"):
        parse_table({"name": "t", "used": {"seen": "webkit", "made": "unix_s"}})


def firefox_cookies(tmp_path: Path) -> Path:
    path = synthetic.firefox(tmp_path).cookies
    run(path, "UPDATE moz_cookies SET lastAccessed = 1795521600000000 WHERE name = 'ubid-main'")
    return path


def test_cookies_are_listed_by_name_and_never_by_value(tmp_path: Path) -> None:
    path = firefox_cookies(tmp_path)
    finding = store_of("firefox.cookies").find(place_of(path), ITEMISED)
    assert {(each.name, each.host, each.used) for each in finding.listing} == {
        ("session-id", "www.amazon.co.jp", datetime(2026, 11, 24, 4, 34, 4, 800407, UTC)),
        ("ubid-main", "amazon.com", NOON),
    }
    assert sum(each.size for each in finding.listing) == finding.size
    assert synthetic.SECRET not in repr(finding)


def test_without_a_wish_for_it_nothing_is_listed_but_the_times_are_told(tmp_path: Path) -> None:
    finding = find("firefox.cookies", firefox_cookies(tmp_path))
    assert finding.listing == ()
    assert finding.used == Span(datetime(2026, 11, 24, 4, 34, 4, 800407, UTC), NOON)


def test_what_was_never_used_does_not_count_as_long_ago(tmp_path: Path) -> None:
    path = firefox_cookies(tmp_path)
    run(path, "INSERT INTO moz_cookies (name, host, lastAccessed) VALUES ('a', 'amazon.com', 0)")
    finding = find("firefox.cookies", path)
    assert finding.items == 3
    assert finding.used == Span(datetime(2026, 11, 24, 4, 34, 4, 800407, UTC), NOON)


def test_what_was_never_used_has_no_time(tmp_path: Path) -> None:
    path = firefox_cookies(tmp_path)
    run(path, "UPDATE moz_cookies SET lastAccessed = 0")
    assert find("firefox.cookies", path).used is None


def test_a_database_without_the_columns_is_listed_by_host(tmp_path: Path) -> None:
    path = synthetic.firefox(tmp_path).cookies
    run(path, "ALTER TABLE moz_cookies DROP COLUMN lastAccessed")
    finding = store_of("firefox.cookies").find(place_of(path), ITEMISED)
    assert finding.used is None
    assert {each.used for each in finding.listing} == {None}
    assert {each.name for each in finding.listing} == {"session-id", "ubid-main"}


@pytest.mark.parametrize("wish", [WISH, ITEMISED], ids=["plain", "itemised"])
def test_of_several_times_the_latest_counts(wish: Wish, tmp_path: Path) -> None:
    path = tmp_path / "DIPS"
    noon, hour = 13_439_995_200_000_000, 3_600_000_000
    run(
        path,
        "CREATE TABLE meta (key TEXT, value TEXT)",
        "CREATE TABLE bounces (site TEXT, last_user_activation_time INT, last_bounce_time INT)",
        f"INSERT INTO bounces VALUES ('amazon.com', 1, {noon}),"
        f" ('amazon.co.jp', {noon - hour}, {noon - 9 * hour}), ('www.amazon.com', NULL, {noon})",
    )
    finding = store_of("chromium.bounce_tracking").find(place_of(path), wish)
    assert finding.items == 3
    assert finding.used == Span(NOON - timedelta(hours=1), NOON)


def findings_in(recording: str, home: Path, *, itemised: bool) -> dict[str, Finding]:
    unpack(recording, home)
    request = Request(load_catalog().resolve("amazon"), itemised=itemised)
    (profile,) = make_plan(request, Machine(home).profiles().profiles).profiles
    return {each.title: each for each in profile.found}


@pytest.mark.parametrize("recording", ["chromium-156", "chromium-156-blockfile", "firefox-esr-153"])
def test_a_recorded_profile_is_listed_as_it_is_counted(recording: str, tmp_path: Path) -> None:
    found = findings_in(recording, tmp_path, itemised=True)
    listed = {title: each for title, each in found.items() if each.listing}
    assert len(listed) >= 8
    for each in listed.values():
        assert len(each.listing) == each.items
        assert sum(item.size for item in each.listing) <= each.size
        hosts = [item.host for item in each.listing]
        assert {host: hosts.count(host) for host in hosts} == dict(each.hosts)
        times = [item.used for item in each.listing if item.used]
        assert each.used == (Span(min(times), max(times)) if times else None)
    (cache,) = (each for title, each in listed.items() if title.startswith("Web cache"))
    # A host may only be the partition that an entry is in.
    assert all(item.name.startswith("https://") for item in cache.listing)
    assert all(item.host in item.name for item in cache.listing)


def test_the_times_are_the_same_whether_things_are_listed_or_not(tmp_path: Path) -> None:
    listed = findings_in("firefox-esr-153", tmp_path, itemised=True)
    plain = findings_in("firefox-esr-153", tmp_path, itemised=False)
    assert {title: each.used for title, each in listed.items()} == {
        title: each.used for title, each in plain.items()
    }
    assert not any(each.listing for each in plain.values())
    assert plain["Open and recently closed tabs"].used is not None


def test_the_files_of_one_entry_are_one_item(tmp_path: Path) -> None:
    before = findings_in("chromium-156", tmp_path, itemised=True)["Web cache"]
    key = before.listing[0].name.encode()
    first = next(path for path in before.path.glob("*_0") if key in path.read_bytes()[:300])
    second = first.with_name(first.name.replace("_0", "_1"))
    assert not second.exists()
    copy2(first, second)
    utime(second, (NOON.timestamp() + 60, NOON.timestamp() + 60))
    request = Request(load_catalog().resolve("amazon"), itemised=True)
    (profile,) = make_plan(request, Machine(tmp_path).profiles().profiles).profiles
    after = next(each for each in profile.found if each.title == "Web cache")
    assert after.items == before.items
    assert after.details["files"] == before.details["files"] + 1
    assert after.size == before.size + second.stat().st_size
    (grown,) = set(after.listing) - set(before.listing)
    assert grown.size == 2 * first.stat().st_size
    assert grown.used == datetime(2026, 11, 24, 12, 1, tzinfo=UTC)
