"""The live browsers bring back every tab of other sites with its history, none of the target's."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from live.binaries import chromium_binary
from oracle import Oracle
from recorder.chromium import Chromium
from recorder.recordings import Recording
from recorder.web import Web
from session_files import urls

pytestmark = pytest.mark.live

# Chromium 156 writes both folders and reads the clear one; with this it reads the encrypted one.
READ_ENCRYPTED = "EncryptSessionStorage:stage/write_both_read_prefer_encrypted"
# Where a tab begins; the browser's own first tab is another of these.
EMPTY = ("about:blank", "about:home", "about:newtab", "chrome://newtab/")

FEWEST_TABS = 4
SETTLED_SECONDS = 2.0
RESTORED_SECONDS = 25.0
STARTS = 4

History = tuple[int, list[tuple[str, str]]]
Unpacked = Callable[[str], Recording]


def loginfix(recording: Recording, *arguments: str) -> None:
    home = str(recording.home)
    command = [sys.executable, "-m", "loginfix", *arguments, "--yes", "--home", home]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def copy_of(recording: Recording, scratch: Path) -> Recording:
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(recording.home, scratch, symlinks=True)
    return Recording(scratch, recording.manifest)


def chromium_tabs(recording: Recording, scratch: Path, web: Web, *features: str) -> list[History]:
    """What Chromium restores, started on a copy.

    On a busy machine it asks for the encrypted files before it has their key, and then restores
    nothing: it gets another chance.
    """
    tabs: list[History] = []
    for _ in range(STARTS):
        with _chromium(copy_of(recording, scratch), web, *features) as browser:
            tabs = _restored(browser)
        if len(tabs) >= FEWEST_TABS - 1:
            break
    return tabs


def _chromium(recording: Recording, web: Web, *features: str) -> Chromium:
    return Chromium(
        chromium_binary(),
        recording.home,
        recording.user_data,
        web,
        features,
        flags=("--restore-last-session",),
    )


def _restored(browser: Chromium) -> list[History]:
    """The tabs, once all are there: they come back one after the other."""
    deadline = time.monotonic() + RESTORED_SECONDS
    addresses: list[str] = []
    since = time.monotonic()
    while time.monotonic() < deadline:
        now = sorted(browser.addresses())
        if now != addresses or len(now) < FEWEST_TABS:
            addresses, since = now, time.monotonic()
        elif time.monotonic() - since > SETTLED_SECONDS:
            break
        time.sleep(0.3)
    return _worth_comparing([tab.history() for tab in browser.tabs()])


def _worth_comparing(tabs: list[History]) -> list[History]:
    """Without the browser's own first tab, and without titles that only loading gives."""
    return sorted(
        (place, [(url, "" if at == place else title) for at, (url, title) in enumerate(pages)])
        for place, pages in tabs
        if any(url not in EMPTY for url, _ in pages)
    )


def without_target(oracle: Oracle, tabs: list[History]) -> list[History]:
    """The same tabs as they must be after a clear."""
    left = []
    for place, pages in tabs:
        kept = [page for page in pages if not oracle.names_target(page[0])]
        before = sum(not oracle.names_target(url) for url, _ in pages[:place])
        shown = oracle.names_target(pages[place][0])
        if kept:
            left.append((max(0, before - 1) if shown else before, kept))
    return _worth_comparing(left)


@pytest.mark.parametrize(
    ("name", "features"),
    [
        ("chromium-156", ()),
        ("chromium-150", ()),
        ("chromium-156-killed", ()),
        ("chromium-156", (READ_ENCRYPTED,)),
        ("chromium-156-killed", (READ_ENCRYPTED,)),
    ],
)
def test_chromium_restores_the_tabs_of_others(
    name: str, features: tuple[str, ...], unpacked: Unpacked, tmp_path: Path, web: Web
) -> None:
    recording = unpacked(name)
    oracle = Oracle(recording)
    if features:
        for path in (recording.profile / "Sessions").iterdir():
            path.unlink()  # what is restored can only come from the twin
    before = chromium_tabs(recording, tmp_path / "copy", web, *features)
    assert sum(len(pages) for _, pages in before) > 40
    loginfix(recording, "clear-cache", "--site", "amazon")
    after = chromium_tabs(recording, tmp_path / "copy", web, *features)
    assert after == without_target(oracle, before)
    assert sum(len(pages) for _, pages in after) > 20
    loginfix(recording, "restore")
    assert chromium_tabs(recording, tmp_path / "copy", web, *features) == before


def test_chromium_shows_a_page_whose_state_was_edited(
    unpacked: Unpacked, tmp_path: Path, web: Web
) -> None:
    recording = unpacked("chromium-156")
    loginfix(recording, "clear-cache", "--site", "amazon")
    with _chromium(copy_of(recording, tmp_path / "copy"), web) as browser:
        _restored(browser)
        tab = next(tab for tab in browser.tabs() if len(tab.history()[1]) > 10)
        for url in ("https://www.example.org/review", "https://www.example.com/moved-here"):
            tab.go_to(url)
            tab.evaluate("window.ready")
            assert tab.evaluate("document.referrer") == ""
            assert tab.evaluate("location.href") == url


def test_closed_tabs_come_back_into_a_chromium_that_was_used(unpacked: Unpacked, web: Web) -> None:
    recording = unpacked("chromium-156")
    oracle = Oracle(recording)

    def closed_pages() -> set[str]:
        newest = max((recording.profile / "Sessions").glob("Tabs_*"), key=lambda path: path.name)
        return {url for _, _, url in urls(newest) if oracle.names_target(url)}

    before = closed_pages()
    loginfix(recording, "clear-cache", "--site", "amazon")
    with _chromium(recording, web) as browser:
        used = _restored(browser)
    assert closed_pages() == set()
    loginfix(recording, "restore")
    with _chromium(recording, web) as browser:
        assert [pages[place] for place, pages in _restored(browser)] == [
            pages[place] for place, pages in used
        ]
    # Chromium has read the list and has written a new one.
    assert closed_pages() >= before
