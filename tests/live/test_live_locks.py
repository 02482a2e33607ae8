"""Whether the real browsers respect the lock we hold, and whether we see theirs."""

import subprocess
from pathlib import Path

import pytest

from live.binaries import chromium_binary, firefox_binary
from live.starting import SECONDS, started, wait_for
from loginfix.browsers.brands import load_brands
from loginfix.browsers.closing import close_browser
from loginfix.browsers.installed import find_profiles
from loginfix.browsers.locks import hold
from loginfix.browsers.model import Profile
from loginfix.browsers.places import Home
from loginfix.browsers.running import running_state
from loginfix.errors import BrowserRunningError

pytestmark = pytest.mark.live

CHROMIUM_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--password-store=basic",
)
CHROMIUM_PROFILE_IN_USE = 21


def only_profile(home: Path, brand: str) -> Profile:
    (profile,) = find_profiles(Home.at(home), load_brands(), only=(brand,)).profiles
    return profile


def is_refused_while_open(profile: Profile, process: "subprocess.Popen[str]") -> None:
    """What must hold for a profile that a browser has open; the browser is closed with it."""
    running = running_state(profile)
    assert running is not None
    assert running.pid == process.pid
    assert profile.label in running.sentence
    with pytest.raises(BrowserRunningError, match=str(process.pid)), hold(profile):
        pass
    assert close_browser(profile, timeout=SECONDS, progress=lambda _: None)
    process.wait(SECONDS)
    assert running_state(profile) is None
    with hold(profile):
        pass


class TestChromium:
    @pytest.fixture
    def command(self, tmp_path: Path) -> tuple[object, ...]:
        user_data = tmp_path / ".config" / "chromium"
        return (chromium_binary(), *CHROMIUM_FLAGS, f"--user-data-dir={user_data}")

    @pytest.fixture
    def profile(self, tmp_path: Path, command: tuple[object, ...]) -> Profile:
        """A profile that Chromium made, and closed again."""
        brand = "chromium"
        cache = tmp_path / ".cache" / "chromium" / "Default"
        with started(tmp_path, *command, "--remote-debugging-port=0"):
            wait_for((tmp_path / ".config/chromium/Default/Preferences").exists)
            wait_for(cache.exists)
            profile = only_profile(tmp_path, brand)
            assert close_browser(profile, timeout=SECONDS, progress=lambda _: None)
        profile = only_profile(tmp_path, brand)
        assert profile.cache_path == cache
        return profile

    def test_refuses_to_start_while_we_hold_its_lock(
        self, tmp_path: Path, command: tuple[object, ...], profile: Profile
    ) -> None:
        with hold(profile), started(tmp_path, *command, "about:blank") as process:
            output, _ = process.communicate(timeout=SECONDS)
            assert process.returncode == CHROMIUM_PROFILE_IN_USE, output
            assert "on another computer (loginfix)" in output

    def test_is_seen_and_refused_while_it_is_open(
        self, tmp_path: Path, command: tuple[object, ...], profile: Profile
    ) -> None:
        with started(tmp_path, *command, "--remote-debugging-port=0") as process:
            wait_for(lambda: running_state(profile))
            is_refused_while_open(profile, process)

    def test_starts_again_after_we_have_held_its_lock(
        self, tmp_path: Path, command: tuple[object, ...], profile: Profile
    ) -> None:
        with hold(profile):
            pass
        with started(tmp_path, *command, "--remote-debugging-port=0"):
            wait_for(lambda: running_state(profile))


class TestFirefox:
    @pytest.fixture
    def command(self) -> tuple[object, ...]:
        return (firefox_binary(), "--headless", "--no-remote", "-P", "me")

    @pytest.fixture
    def profile(self, tmp_path: Path, command: tuple[object, ...]) -> Profile:
        """A profile that Firefox made and listed in its ``profiles.ini``."""
        create = (command[0], "--headless", "--no-remote", "-CreateProfile", "me")
        with started(tmp_path, *create) as process:
            process.communicate(timeout=SECONDS)
        return only_profile(tmp_path, "firefox")

    def test_refuses_to_start_while_we_hold_its_lock(
        self, tmp_path: Path, command: tuple[object, ...], profile: Profile
    ) -> None:
        with hold(profile), started(tmp_path, *command) as process:
            output, _ = process.communicate(timeout=SECONDS)
            assert "already running" in output
        assert not (profile.path / "places.sqlite").exists()

    def test_is_seen_and_refused_while_it_is_open(
        self, tmp_path: Path, command: tuple[object, ...], profile: Profile
    ) -> None:
        with started(tmp_path, *command) as process:
            wait_for(lambda: running_state(profile))
            wait_for((profile.path / "places.sqlite").exists)
            is_refused_while_open(profile, process)
        found = only_profile(tmp_path, "firefox")
        assert found.cache_path == tmp_path / ".cache/mozilla/firefox" / found.directory

    def test_starts_again_after_we_have_held_its_lock(
        self, tmp_path: Path, command: tuple[object, ...], profile: Profile
    ) -> None:
        with hold(profile):
            pass
        with started(tmp_path, *command):
            wait_for(lambda: running_state(profile))
