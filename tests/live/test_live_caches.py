"""The live browser goes on using what clearing and restoring made of its caches."""

import shutil
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from live.binaries import chromium_binary
from live.test_live_clear import is_target
from oracle import Oracle
from recorder.cachekeys import block_cache_keys, chromium_cache_keys
from recorder.cast import CAST
from recorder.chromium import Chromium
from recorder.contents import Contents
from recorder.programs import RANGED
from recorder.recordings import Recording
from recorder.web import Web

pytestmark = pytest.mark.live

FLAVOURS = ["chromium-156-blockfile", "chromium-156-sql", "chromium-156"]
PIECES = tuple(host.origin for host in CAST if host.programs)
VISITED = ("https://www.example.com/", "https://www.amazon.com/", "https://news.example.co.jp/new")

Unpacked = Callable[[str], Recording]
ReadBack = Callable[[Recording], Contents]


@pytest.fixture(scope="module")
def newer_web() -> Iterator[Web]:
    """The same web some time later: other pictures."""
    with Web(generation=2) as running:
        yield running


def loginfix(recording: Recording, *arguments: str) -> None:
    home = str(recording.home)
    command = [sys.executable, "-m", "loginfix", *arguments, "--only", "cache", "--yes"]
    done = subprocess.run(
        [*command, "--home", home], capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 0, done.stdout + done.stderr


def browse(recording: Recording, web: Web, *urls: str) -> None:
    """Use the very profile, not a copy, as a person does."""
    features = recording.manifest.features
    with Chromium(chromium_binary(), recording.home, recording.user_data, web, features) as browser:
        tab = browser.new_tab()
        for url in urls or VISITED:
            tab.navigate(url)
            tab.evaluate("window.ready")


def made_when(recording: Recording) -> object:
    """What tells whether a cache was made anew: its time, or the number of its first row."""
    cache = recording.cache / "Cache/Cache_Data"
    if recording.manifest.name.endswith("blockfile"):
        return struct.unpack_from("<Q", (cache / "index").read_bytes(), 40)
    if recording.manifest.name.endswith("sql"):
        rows = []
        for path in sorted(cache.glob("sqldb[0-9]")):
            with closing(sqlite3.connect(path)) as shard:
                rows += shard.execute(
                    "SELECT res_id, cache_key FROM resources WHERE doomed = 0"
                    " AND cache_key LIKE '%https://www.amazonia.org/static%' ORDER BY 1"
                ).fetchall()
        return rows
    return (cache / "index").stat().st_ino


@pytest.mark.parametrize("name", FLAVOURS)
def test_every_other_site_is_served_from_disk_and_the_target_is_not(
    name: str, unpacked: Unpacked, read_back: ReadBack
) -> None:
    recording = unpacked(name)
    oracle = Oracle(recording)
    before = read_back(recording).cached
    kept = [record for record in before if not is_target(oracle, record)]
    loginfix(recording, "clear-cache", "--site", "amazon")
    assert read_back(recording).cached == kept
    assert 40 < len(kept) < len(before) - 30
    loginfix(recording, "restore")
    assert read_back(recording).cached == before


@pytest.mark.parametrize("name", FLAVOURS)
def test_the_cache_goes_on_and_what_is_restored_later_is_used_too(
    name: str, unpacked: Unpacked, read_back: ReadBack, newer_web: Web
) -> None:
    recording = unpacked(name)
    before = read_back(recording).cached
    made = made_when(recording)
    loginfix(recording, "clear-cache", "--site", "amazon")
    cache = recording.cache / "Cache/Cache_Data"
    cleared = set(chromium_cache_keys(cache))
    browse(recording, newer_web)
    assert made
    assert made_when(recording) == made
    browsed = set(chromium_cache_keys(cache))
    # Pages are asked for again at every visit, and may be stored anew; nothing else went.
    assert {key for key in cleared - browsed if "/static/" in key} == set()
    assert any("https://www.amazon.com/static/" in key for key in browsed)
    loginfix(recording, "restore")
    assert set(chromium_cache_keys(cache)) > browsed
    after = read_back(recording).cached
    assert [record for record in before if record not in after] == []
    assert made_when(recording) == made


def pieces_from_disk(recording: Recording, web: Web, scratch: Path) -> set[str]:
    """The sites whose file that was asked for by range comes without asking the server."""
    home = shutil.copytree(recording.home, scratch, symlinks=True)
    copy = Recording(home, recording.manifest)
    found = set()
    features = copy.manifest.features
    with Chromium(chromium_binary(), copy.home, copy.user_data, web, features) as browser:
        tab = browser.new_tab()
        for site in PIECES:
            tab.navigate(f"{site}/probe.html")
            web.forget()
            texts = tab.evaluate(
                "Promise.all(['bytes=0-4999', 'bytes=1048576-1053575'].map((Range) =>"
                f" fetch('{RANGED}', {{ headers: {{ Range }} }}).then((answer) => answer.text())))"
            )
            host = site.removeprefix("https://")
            assert [len(text) for text in texts] == [5000, 5000]
            assert all(f"piece of {host}" in text for text in texts)
            if f"{site}{RANGED}" not in web.asked():
                found.add(site)
    return found


@pytest.mark.parametrize("name", FLAVOURS[:2])
def test_parts_of_files_are_served_from_disk_too(
    name: str, unpacked: Unpacked, web: Web, newer_web: Web, tmp_path: Path
) -> None:
    recording = unpacked(name)
    assert pieces_from_disk(recording, web, tmp_path / "before") == {*PIECES}
    loginfix(recording, "clear-cache", "--site", "amazon")
    others = {site for site in PIECES if "example" in site}
    assert pieces_from_disk(recording, web, tmp_path / "cleared") == others
    browse(recording, newer_web, "https://news.example.co.jp/new")
    loginfix(recording, "restore")
    assert pieces_from_disk(recording, web, tmp_path / "restored") == {*PIECES}


def test_a_killed_browsers_block_files_are_cleared_too(
    unpacked: Unpacked, read_back: ReadBack, newer_web: Web
) -> None:
    recording = unpacked("chromium-156-blockfile")
    oracle = Oracle(recording)
    features = recording.manifest.features
    with Chromium(
        chromium_binary(), recording.home, recording.user_data, newer_web, features
    ) as browser:
        tab = browser.new_tab()
        for url in VISITED:
            tab.navigate(url)
            tab.evaluate("window.ready")
        browser.kill()
    for left in recording.user_data.glob("Singleton*"):
        left.unlink()
    before = read_back(recording).cached
    loginfix(recording, "clear-cache", "--site", "amazon")
    assert [
        key
        for key in block_cache_keys(oracle.cache)
        if oracle.is_target_key(key.encode()) and "Range_" not in key
    ] == []
    kept = [record for record in before if not is_target(oracle, record)]
    assert read_back(recording).cached == kept
