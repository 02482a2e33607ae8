"""What pages store goes and comes back for good: workers answer offline, tabs keep their baskets.

More than the recorded profiles hold: workers that answer requests, named buckets, tabs that are
restored, storage of both kinds of databases.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from live.binaries import chromium_binary
from oracle import Oracle
from recorder.chromium import Chromium, ChromiumTab
from recorder.recordings import Recording
from recorder.rpc import RemoteError
from recorder.web import Web
from storage import buckets, folders, registrations

pytestmark = pytest.mark.live

TARGETS = ("www.amazon.co.jp", "www.primevideo.com")
OTHERS = ("www.notamazon.com", "amazon.com.something.example", "www.example.org")
EXCLUDED = "music.amazon.com"

KEEP = """(async () => {
  const host = location.host;
  sessionStorage.setItem("note", `note of ${host}`);
  const registration = await navigator.serviceWorker.register(
    "/sw-offline.js", {scope: "/offline/"},
  );
  while (!registration.active) await new Promise((resolve) => setTimeout(resolve, 50));
  const bucket = await navigator.storageBuckets.open("inbox", {persisted: false});
  const cache = await bucket.caches.open("letters");
  await cache.put("/letter", new Response(`letter to ${host}`));
  return true;
})()"""
NOTE = """(() => {
  const read = () => { try { return sessionStorage.getItem("note"); } catch { return null; } };
  return [location.host, document.readyState, read()];
})()"""
READ = """(async () => {
  const names = await navigator.storageBuckets.keys();
  let letter = "";
  if (names.includes("inbox")) {
    const bucket = await navigator.storageBuckets.open("inbox");
    const found = await (await bucket.caches.open("letters")).match("/letter");
    letter = found ? await found.text() : "";
  }
  return [names, letter];
})()"""


def loginfix(recording: Recording, *arguments: str) -> None:
    command = [sys.executable, "-m", "loginfix", *arguments, "--yes", "--json"]
    done = subprocess.run(
        [*command, "--home", str(recording.home)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _browser(recording: Recording, web: Web, *flags: str) -> Chromium:
    features = recording.manifest.features
    return Chromium(
        chromium_binary(), recording.home, recording.user_data, web, features, flags=flags
    )


def _fill(recording: Recording, web: Web) -> None:
    with _browser(recording, web) as browser:
        for host in (*TARGETS, EXCLUDED, *OTHERS):
            tab = browser.new_tab()
            tab.navigate(f"https://{host}/probe.html")
            assert tab.evaluate(KEEP)


def _offline_answer(tab: ChromiumTab, host: str) -> str:
    """What a page that only a worker knows shows; the server has no such page."""
    url = f"https://{host}/offline/page"
    tab.navigate(url)
    return str(tab.evaluate("document.body.innerText"))


def _read(recording: Recording, web: Web) -> dict[str, list[object]]:
    """By host: names of buckets, a letter in one, and what the worker answers."""
    with _browser(recording, web) as browser:
        tab = browser.new_tab()
        found: dict[str, list[object]] = {}
        for host in (*TARGETS, EXCLUDED, *OTHERS):
            tab.navigate(f"https://{host}/probe.html")
            found[host] = [*tab.evaluate(READ), _offline_answer(tab, host)]
        return found


def _complete(tab: ChromiumTab) -> tuple[str, str | None]:
    """Host and note of a tab, when it has loaded."""
    deadline = time.monotonic() + 20
    while True:
        with contextlib.suppress(RemoteError):
            host, state, note = tab.evaluate(NOTE)
            if state == "complete":
                return host, note
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _notes(recording: Recording, web: Web) -> dict[str, str]:
    """What the tabs of last time have in their session storage, by host."""
    notes = {}
    with _browser(recording, web, "--restore-last-session") as browser:
        time.sleep(2)  # the tabs come one by one
        for tab in browser.tabs():
            host, note = _complete(tab)
            if note is not None:
                notes[host] = note
    return notes


@pytest.mark.parametrize("name", ["chromium-156", "chromium-156-sql"])
def test_workers_buckets_and_tabs(
    name: str, unpacked: Callable[[str], Recording], web: Web, tmp_path: Path
) -> None:
    recording = unpacked(name)
    _fill(recording, web)
    before, notes = _both(recording, web, tmp_path / "before")
    assert {host: note.split()[-1] for host, note in notes.items()} == {
        host: host for host in before
    }
    for host, found in before.items():
        assert found == [["inbox"], f"letter to {host}", f"answer of the worker of {host}"]
    numbers = _numbers(recording)

    loginfix(recording, "clear-cache", "--site", "amazon")
    left = _numbers(recording)
    oracle = Oracle(recording)
    for kind, entries in left.items():  # nothing was begun anew, no number changed
        assert entries.items() <= numbers[kind].items(), kind
        assert len(entries) > 10
    after, notes_left = _both(recording, web, tmp_path / "after")
    for host, found in after.items():
        if oracle.is_target(host):
            assert found[:2] == [[], ""]
            assert "worker" not in str(found[2])
        else:
            assert found == before[host], host
    assert notes_left == {h: note for h, note in notes.items() if not oracle.is_target(h)}

    loginfix(recording, "restore")
    assert _numbers(recording) == numbers
    assert _both(recording, web, tmp_path / "restored") == (before, notes)


def _both(
    recording: Recording, web: Web, scratch: Path
) -> tuple[dict[str, list[object]], dict[str, str]]:
    """Read copies, so that reading changes nothing."""
    copies = []
    for number in range(2):
        copy = scratch / str(number)
        subprocess.run(["cp", "-a", f"{recording.home}/.", str(_made(copy))], check=True)
        copies.append(Recording(copy, recording.manifest))
    return _read(copies[0], web), _notes(copies[1], web)


def _made(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def _numbers(recording: Recording) -> dict[str, dict[str, str]]:
    """What goes by which number."""
    workers = registrations(recording.profile)
    return {
        "buckets": {str(number): key for number, key in buckets(recording.profile).items()},
        "workers": {number.decode(): key for number, (key, _) in workers.items()},
        "folders": folders(recording.profile),
    }
