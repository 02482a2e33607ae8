"""Tabs through the whole job: what cannot be opened is left alone, unless asked otherwise."""

from pathlib import Path

import pytest

from loginfix.formats.os_crypt import GcmCipher
from loginfix.formats.snss import Command
from recorder.recordings import Recording, unpack
from session_files import chromium_files, commands, hosts_in, mozlz4
from test_recorded_profiles import loginfix
from test_stores_sessions_chromium import write

CLEAR = ("clear-cache", "--site", "amazon", "--yes")


@pytest.fixture
def locked(tmp_path: Path) -> Recording:
    """A recorded profile whose encrypted twin has a key that only the browser itself has."""
    recording = unpack("chromium-156", tmp_path)
    foreign = GcmCipher(b"v20", bytes(32))
    for path in (recording.profile / "Sessions_Encrypted").iterdir():
        log = [Command(*each) for each in commands(path.read_bytes())]
        write(path, log, foreign.encrypt)
    return recording


def contents(recording: Recording) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in chromium_files(recording.profile)}


def test_locked_tabs_are_left_alone_and_the_rest_goes(locked: Recording) -> None:
    before = contents(locked)
    envelope = loginfix(locked, *CLEAR, code=4)
    assert contents(locked) == before
    (problem,) = [each for each in envelope["problems"] if "Sessions_Encrypted" in each["message"]]
    assert "--drop-locked-sessions" in problem["next_step"]
    assert "cookies" in {
        store["category"] for profile in envelope["data"]["cleared"] for store in profile["stores"]
    }


def test_locked_tabs_go_whole_when_asked_and_come_back(locked: Recording) -> None:
    before = contents(locked)
    loginfix(locked, *CLEAR, "--only", "sessions", "--drop-locked-sessions")
    assert contents(locked) == {}
    loginfix(locked, "restore", "--yes")
    assert contents(locked) == before


def test_tabs_stay_when_sessions_are_kept(tmp_path: Path) -> None:
    recording = unpack("chromium-156", tmp_path)
    before = contents(recording)
    loginfix(recording, *CLEAR, "--keep", "sessions")
    assert contents(recording) == before
    assert any("www.amazon.com" in hosts_in(path) for path in before)


def test_kept_cookies_and_categories_hold_for_session_cookies(tmp_path: Path) -> None:
    recording = unpack("firefox-esr-153", tmp_path)
    path = recording.profile / "sessionstore.jsonlz4"

    def cookies() -> set[tuple[str, str]]:
        found = {(each["host"], each["name"]) for each in mozlz4(path)["cookies"]}
        return {pair for pair in found if pair[0].strip(".") in ("www.amazon.com", "amazon.com")}

    before = cookies()
    name = min(before)[1]
    kept = {pair for pair in before if pair[1] == name}
    assert kept < before
    tabs = mozlz4(path)["windows"]
    loginfix(recording, *CLEAR, "--only", "cookies", "--keep-cookie", name)
    assert cookies() == kept
    assert mozlz4(path)["windows"] == tabs
    loginfix(recording, *CLEAR, "--keep", "cookies")
    assert cookies() == kept
    assert mozlz4(path)["windows"] != tabs
