"""The live browsers open what clearing and restoring left, and read what they should."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

import pytest

from live.binaries import chromium_binary, firefox_binary
from oracle import Oracle
from recorder.chromium import Chromium
from recorder.contents import Contents, Record, host_of, ordered, partition_host
from recorder.firefox import Firefox
from recorder.recordings import Recording
from recorder.web import Web

pytestmark = pytest.mark.live

RECORDINGS = [
    "chromium-156",
    "chromium-150",
    "chromium-156-killed",
    "chromium-156-blockfile",
    "chromium-156-sql",
    "firefox-esr-153",
    "firefox-esr-140",
    "firefox-esr-153-killed",
]
NEW = "https://search.example/?q=new"
NEVER_CLEARED = {"bookmarks", "logins", "complaints"}

Unpacked = Callable[[str], Recording]
ReadBack = Callable[[Recording], Contents]


@pytest.fixture(scope="module")
def newer_web() -> Iterator[Web]:
    """The same web some time later: other cookie values, other icons."""
    with Web(generation=2) as running:
        yield running


def loginfix(recording: Recording, *arguments: str) -> None:
    home = str(recording.home)
    command = [sys.executable, "-m", "loginfix", *arguments, "--yes", "--home", home]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def is_target(oracle: Oracle, record: Record) -> bool:
    """Whether a record is the target's: by its own host or, unless excluded, its partition."""
    own = str(record["host"]).removeprefix(".")
    if oracle.is_target(own):
        return True
    if oracle.is_excluded(own):
        return False
    around = (partition_host(str(record.get("partition", ""))), host_of(str(record.get("frame"))))
    return any(host and oracle.is_target(host) for host in around)


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_target_was_never_visited_and_all_others_read_as_before(
    name: str, unpacked: Unpacked, read_back: ReadBack
) -> None:
    recording = unpacked(name)
    oracle = Oracle(recording)
    before = read_back(recording)
    loginfix(recording, "clear-cache", "--site", "amazon")
    after = read_back(recording)
    kept = before.only(lambda record: not is_target(oracle, record))
    assert kept.storage != before.storage
    for field in fields(Contents):
        kind = field.name
        expected = before if kind in NEVER_CLEARED else kept
        assert getattr(after, kind) == getattr(expected, kind), kind
    assert kept.count() < before.count() - 50
    assert after.complaints == []

    loginfix(recording, "restore")
    restored = read_back(recording)
    for field in fields(Contents):
        assert getattr(restored, field.name) == getattr(before, field.name), field.name


@pytest.mark.parametrize("name", ["chromium-156", "chromium-156-sql", "firefox-esr-153"])
def test_after_browsing_on_old_and_new_are_both_there(
    name: str, unpacked: Unpacked, read_back: ReadBack, newer_web: Web
) -> None:
    recording = unpacked(name)
    oracle = Oracle(recording)
    before = read_back(recording)
    loginfix(recording, "clear-cache", "--site", "amazon")
    visited = (
        "https://www.amazon.co.jp/",
        "https://www.primevideo.com/",
        "https://search.example/?q=new",
    )
    with _browser(recording, newer_web) as browser:
        tab = browser.new_tab()
        for url in visited:
            tab.navigate(url)
            tab.evaluate("window.ready")
            tab.evaluate("localStorage.setItem('since', 'new')")
    between = read_back(recording)
    assert any(record["url"] == NEW for record in between.history)
    loginfix(recording, "restore")
    after = read_back(recording)

    visits = {record["url"]: record["visits"] for record in after.history}
    earlier = {record["url"]: record["visits"] for record in before.history}
    since = {record["url"]: record["visits"] for record in between.history}
    for url, count in earlier.items():
        own = oracle.is_target(host_of(url))
        assert visits[url] == count + (since.get(url, 0) if own else since[url] - count), url
    assert visits[NEW] == since[NEW]

    held = {_cookie(record): record["value"] for record in after.cookies}
    new = {_cookie(record): record["value"] for record in between.cookies}
    old = {_cookie(record): record["value"] for record in before.cookies}
    assert held == {**old, **new}
    assert any(old.get(key, value) != value for key, value in new.items())

    # What pages stored anew stays, and beside it is what they had before.
    origins = {"/".join(url.split("/")[:3]) for url in visited}
    assert after.storage == ordered(
        {**record, "localStorage": {**record["localStorage"], "since": "new"}}
        if not record["partition"] and record["origin"] in origins
        else record
        for record in before.storage
    )

    icons = {(record["host"], record["page"]) for record in after.icons}
    assert icons >= {(record["host"], record["page"]) for record in before.icons}
    assert after.bookmarks == before.bookmarks
    assert after.logins == before.logins
    assert after.complaints == []


@pytest.mark.parametrize("name", ["chromium-156", "firefox-esr-153"])
def test_a_running_browser_is_refused_by_name_and_closes_when_asked(
    name: str, unpacked: Unpacked, web: Web
) -> None:
    recording = unpacked(name)
    brand = "Chromium" if "chromium" in name else "Firefox"
    with _browser(recording, web) as browser:
        browser.new_tab().navigate("https://www.amazon.co.jp/")
        refused = _clear(recording)
        assert refused["exit_code"] == 5
        (problem,) = refused["problems"]
        assert problem["code"] == "browser-running"
        assert brand in problem["message"]
        assert f"Close {brand}" in problem["next_step"]
        assert refused["data"]["cleared"] == []
        closed = _clear(recording, "--close-browser")
        assert closed["exit_code"] == 0, closed
    assert _clear(recording)["exit_code"] == 3


def _clear(recording: Recording, *more: str) -> dict[str, Any]:
    arguments = ("clear-cache", "--site", "amazon", "--yes", "--json", *more)
    command = [sys.executable, "-m", "loginfix", *arguments, "--home", str(recording.home)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    envelope: dict[str, Any] = json.loads(done.stdout)
    assert envelope["exit_code"] == done.returncode
    return envelope


def _cookie(record: Record) -> tuple[Any, ...]:
    return tuple(record[key] for key in ("host", "name", "path", "partition", "container"))


def _browser(recording: Recording, web: Web) -> Chromium | Firefox:
    if recording.manifest.engine == "chromium":
        features = recording.manifest.features
        return Chromium(chromium_binary(), recording.home, recording.user_data, web, features)
    return Firefox(firefox_binary(), recording.home, recording.profile, web)
