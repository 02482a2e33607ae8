"""What Firefox keeps by container, and what it says of its storage, before and after clearing."""

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from live.binaries import firefox_binary
from live.test_live_clear import loginfix
from oracle import Oracle
from recorder.contents import host_of
from recorder.firefox import Firefox
from recorder.probe import FIREFOX_PREFS, PROBE_PAGE
from recorder.recordings import Recording
from recorder.seeding import PERMISSIONS
from recorder.web import Web

pytestmark = pytest.mark.live

Unpacked = Callable[[str], Recording]

# Storage may only be initialised from outside where this is set.
PREFS = {**FIREFOX_PREFS, "dom.quotaManager.testing": True}
AUTOMATIC, DECIDED = PERMISSIONS[:-1], PERMISSIONS[-1]
VISITED = (
    *((number, "https://www.amazon.co.jp") for number in (0, 1, 3)),
    *((number, "https://www.example.com") for number in (0, 1, 3)),
    *((number, "https://console.aws.amazon.com") for number in (0, 1, 3)),
    *((2, origin) for origin in ("https://www.primevideo.com", "https://shop.example.net")),
)
EMPTY = dict[str, Any](localStorage={}, indexedDB={}, cacheStorage={}, serviceWorkers=[], files={})
_READ = """(async () => {
  const { PlacesDBUtils } = ChromeUtils.importESModule(
    "resource://gre/modules/PlacesDBUtils.sys.mjs");
  const { PushDB } = ChromeUtils.importESModule("resource://gre/modules/PushDB.sys.mjs");
  const { PushRecord } = ChromeUtils.importESModule("resource://gre/modules/PushRecord.sys.mjs");
  const code = (request) => new Promise((resolve) => {
    request.callback = (done) => resolve(done.resultCode);
  });
  const initialised = [await code(Services.qms.init()),
    await code(Services.qms.initTemporaryStorage())];
  const usage = await new Promise((resolve) => Services.qms.getUsage(
    (done) => resolve(done.result.map((each) => [each.origin, each.usage])
      .filter(([origin]) => origin !== "chrome")), true));
  const push = new PushDB("pushapi", 5, "pushapi", "channelID", PushRecord);
  const zooms = [];
  const contentPrefs = Cc["@mozilla.org/content-pref/service;1"]
    .getService(Ci.nsIContentPrefService2);
  await new Promise((resolve) => contentPrefs.getByName("browser.content.full-zoom", null, {
    handleResult(pref) { zooms.push([pref.domain, pref.value]); },
    handleCompletion: resolve, handleError() {},
  }));
  return {
    initialised,
    usage,
    integrity: await PlacesDBUtils.checkIntegrity(),
    coherence: await PlacesDBUtils.checkCoherence(),
    permissions: Services.perms.all.map(({ principal, type, capability, expireType }) => (
      [principal.origin, type, capability, expireType])),
    push: (await push.getAllKeyIDs()).map((each) => [each.scope, each.originAttributes]),
    zooms,
    complaints: Services.console.getMessageArray().map((each) => String(each.message || each))
      .filter((text) => /quota ?manager|storage\\.sqlite|corrupt/i.test(text)),
  };
})()"""


@dataclass
class StateOfFirefox:
    """What the live browser says, each as a sorted list; ``pages`` by container and origin."""

    said: dict[str, list[Any]]
    pages: dict[tuple[int, str], Any]


def read(recording: Recording, web: Web) -> StateOfFirefox:
    """Start the browser on a copy and ask it."""
    with tempfile.TemporaryDirectory(prefix="state-", ignore_cleanup_errors=True) as directory:
        home = Path(directory) / "home"
        shutil.copytree(recording.home, home, symlinks=True)
        copy = Recording(home, recording.manifest)
        web.reading = True
        try:
            with Firefox(firefox_binary(), home, copy.profile, web, PREFS) as browser:
                said = browser.chrome(_READ)
                pages = {}
                for number, origin in VISITED:
                    tab = browser.new_tab(container=number)
                    tab.navigate(f"{origin}{PROBE_PAGE}")
                    pages[number, origin] = tab.evaluate("window.probe([])")
        finally:
            web.reading = False
        said["complaints"] += [path.name for path in copy.profile.rglob("*.corrupt*")]
    return StateOfFirefox({key: sorted(value, key=repr) for key, value in said.items()}, pages)


def is_target(oracle: Oracle, origin: str) -> bool:
    """Whether ``scheme://host[:port]^attributes`` is the target's."""
    base, _, suffix = origin.partition("^")
    host = host_of(base)
    if oracle.is_target(host) or oracle.is_excluded(host):
        return oracle.is_target(host)
    partition = suffix.partition("partitionKey=%28https%2C")[2].partition("%29")[0]
    return oracle.is_target(partition)


@pytest.fixture(params=["firefox-esr-153-containers", "firefox-esr-153-private"])
def recording(request: pytest.FixtureRequest, unpacked: Unpacked) -> Recording:
    return unpacked(request.param)


def test_every_container_is_empty_of_the_target_and_all_else_reads_as_before(
    recording: Recording, web: Web
) -> None:
    oracle = Oracle(recording)
    before = read(recording, web)
    assert len(before.said["usage"]) > 25
    loginfix(recording, "clear-cache", "--site", "amazon")
    after = read(recording, web)

    for (number, origin), found in after.pages.items():
        if oracle.is_target(host_of(origin)):
            assert found == EMPTY, (number, origin)
        else:
            assert found == before.pages[number, origin], (number, origin)
    kept = [each for each in before.said["usage"] if not is_target(oracle, each[0])]
    assert after.said["usage"] == kept
    assert len(kept) < len(before.said["usage"]) - 10

    def goes(permission: list[Any]) -> bool:
        origin, kind, *_ = permission
        automatic = kind in AUTOMATIC or kind == "https-only-load-insecure"
        return automatic and (is_target(oracle, origin) or "amazon.com" in kind)

    permissions = before.said["permissions"]
    assert after.said["permissions"] == [each for each in permissions if not goes(each)]
    for kind, index in (("push", 0), ("zooms", 0)):
        expected = [each for each in before.said[kind] if not _named(oracle, each, index)]
        assert after.said[kind] == expected, kind
    _assert_sound(after)
    _assert_sound(before)

    loginfix(recording, "restore")
    assert read(recording, web) == before


def test_decisions_go_only_when_permissions_are_asked_for(unpacked: Unpacked, web: Web) -> None:
    recording = unpacked("firefox-esr-153-containers")
    oracle = Oracle(recording)
    loginfix(recording, "clear-cache", "--site", "amazon")

    def decided() -> set[str]:
        return {
            origin
            for origin, kind, *_ in read(recording, web).said["permissions"]
            if kind == DECIDED
        }

    before = decided()
    assert {origin for origin in before if is_target(oracle, origin)}
    loginfix(recording, "clear-cache", "--site", "amazon", "--only", "permissions")
    assert decided() == {origin for origin in before if not is_target(oracle, origin)}


def test_what_was_made_since_stays_beside_what_comes_back(unpacked: Unpacked, web: Web) -> None:
    recording = unpacked("firefox-esr-153-containers")
    before = read(recording, web)
    loginfix(recording, "clear-cache", "--site", "amazon")
    add_bookmark = (
        "PlacesUtils.bookmarks.insert({parentGuid: PlacesUtils.bookmarks.toolbarGuid,"
        " url: 'https://www.amazon.co.jp/since', title: 'since'}).then(() => 1)"
    )
    urls = "PlacesUtils.bookmarks.fetch({url: 'https://www.amazon.co.jp/since'}).then(Boolean)"
    newer = "localStorage.setItem('last-visit', 'since') || '1'"
    with Firefox(firefox_binary(), recording.home, recording.profile, web, PREFS) as browser:
        browser.chrome(add_bookmark)
        tab = browser.new_tab(container=1)
        tab.navigate(f"https://www.amazon.co.jp{PROBE_PAGE}")
        tab.evaluate(newer)
    loginfix(recording, "restore")
    after = read(recording, web)
    # Used again since: of that origin in that container what is there now stays, whole.
    changed = (1, "https://www.amazon.co.jp")
    assert after.pages.pop(changed)["localStorage"] == {"last-visit": "since"}
    del before.pages[changed]
    assert after.pages == before.pages
    assert after.said["push"] == before.said["push"]
    assert after.said["zooms"] == before.said["zooms"]
    assert [origin for origin, _ in after.said["usage"]] == [
        origin for origin, _ in before.said["usage"]
    ]
    _assert_sound(after)
    with Firefox(firefox_binary(), recording.home, recording.profile, web, PREFS) as browser:
        assert browser.chrome(urls) is True


def _named(oracle: Oracle, value: list[Any], index: int) -> bool:
    host, suffix = str(value[index]), str(value[1])
    origin = host if "://" in host else f"https://{host}"
    return is_target(oracle, origin.rstrip("/") + (suffix if suffix.startswith("^") else ""))


def _assert_sound(state: StateOfFirefox) -> None:
    assert state.said["initialised"] == [0, 0]
    assert state.said["complaints"] == []
    assert all("sane" in text for text in state.said["integrity"]), json.dumps(state.said)
    assert state.said["coherence"] == ["The database is coherent"]
