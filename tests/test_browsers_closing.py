import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from fake_browsers import PYTHON, child, profile_in
from loginfix.browsers.closing import close_browser
from loginfix.browsers.model import Engine
from loginfix.errors import BrowserRunningError, BusyError
from loginfix.progress import Doing
from test_browsers_running import HOLD, TAKE_RECORD_LOCK

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asking is by signal on Linux only")

HOST = socket.gethostname()
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"


def test_a_browser_that_is_not_open_is_not_asked(tmp_path: Path) -> None:
    said: list[Doing] = []
    profile = profile_in(tmp_path, Engine.CHROMIUM)
    assert not close_browser(profile, timeout=0, progress=said.append)
    assert said == []


def test_chromium_is_asked_and_waited_for(tmp_path: Path) -> None:
    said: list[Doing] = []
    profile = profile_in(tmp_path, Engine.CHROMIUM)
    with child("") as browser:
        (tmp_path / "SingletonLock").symlink_to(f"{HOST}-{browser.pid}")
        assert close_browser(profile, timeout=30, progress=said.append)
        assert browser.wait() == -signal.SIGTERM
    assert len(said) == 1
    assert "Fake Browser" in said[0].sentence


def test_firefox_is_asked_and_waited_for(tmp_path: Path) -> None:
    profile = profile_in(tmp_path, Engine.FIREFOX)
    (profile.path / ".parentlock").touch()
    with child(TAKE_RECORD_LOCK, profile.path / ".parentlock") as browser:
        assert close_browser(profile, timeout=30, progress=lambda _: None)
        assert browser.wait() == -signal.SIGTERM


def test_a_browser_that_stays_open_is_never_killed(tmp_path: Path) -> None:
    profile = profile_in(tmp_path, Engine.CHROMIUM)
    with child(STUBBORN) as browser:
        (tmp_path / "SingletonLock").symlink_to(f"{HOST}-{browser.pid}")
        with pytest.raises(BrowserRunningError, match="asked to close") as caught:
            close_browser(profile, timeout=0, progress=lambda _: None)
        assert browser.poll() is None
        assert "Close it" in caught.value.next_step


def test_only_the_browser_of_this_profile_is_asked(tmp_path: Path) -> None:
    profile = profile_in(tmp_path / "a", Engine.CHROMIUM)
    with child("") as browser, child("") as other:
        (tmp_path / "a" / "SingletonLock").symlink_to(f"{HOST}-{browser.pid}")
        close_browser(profile, timeout=30, progress=lambda _: None)
        assert other.poll() is None


def test_a_browser_that_cannot_be_named_cannot_be_asked(tmp_path: Path) -> None:
    profile = profile_in(tmp_path, Engine.CHROMIUM)
    (tmp_path / "SingletonLock").symlink_to("other-1")
    with pytest.raises(BrowserRunningError, match="another computer"):
        close_browser(profile, timeout=30, progress=lambda _: None)


def test_another_loginfix_is_not_asked_to_close(tmp_path: Path) -> None:
    profile = profile_in(tmp_path, Engine.CHROMIUM, process_names=())
    with child(HOLD, tmp_path, Path(__file__).parent, "chromium") as other:
        with pytest.raises(BusyError):
            close_browser(profile, timeout=30, progress=lambda _: None)
        assert other.poll() is None
        os.kill(other.pid, 0)


def test_a_process_that_is_only_called_alike_is_not_asked(tmp_path: Path) -> None:
    profile = profile_in(tmp_path, Engine.CHROMIUM, packaging="flatpak", process_names=(PYTHON,))
    with child("") as other:
        with pytest.raises(BrowserRunningError) as caught:
            close_browser(profile, timeout=30, progress=lambda _: None)
        assert "--close-browser" not in caught.value.next_step
        assert other.poll() is None
