"""The real browsers are started in the middle of a clear, which stands still meanwhile."""

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from faults.states import State, profile_state
from live.binaries import chromium_binary, firefox_binary
from live.starting import SECONDS, started, wait_for
from loginfix.browsers.brands import load_brands
from loginfix.browsers.closing import close_browser
from loginfix.browsers.installed import find_profiles
from loginfix.browsers.places import Home
from loginfix.errors import ExitCode
from recorder.chromium import FLAGS
from recorder.recordings import Recording, unpack

pytestmark = pytest.mark.live

Cookies = set[tuple[Any, ...]]

RECORDINGS = {"chromium": "chromium-156", "firefox": "firefox-esr-153"}
# Those that the browser keeps when it ends.
COOKIES = {
    "chromium": (
        "Cookies",
        "SELECT host_key, name, path, top_frame_site_key FROM cookies WHERE is_persistent",
    ),
    "firefox": ("cookies.sqlite", "SELECT host, name, path, originAttributes FROM moz_cookies"),
}
LOCKS = {"chromium": "SingletonLock", "firefox": ".parentlock"}
# Firefox counts here how often it was refused.
OF_THE_REFUSED = {*LOCKS.values(), "Telemetry.FailedProfileLocks.txt"}

# Writes down every call that may change a file, and stops before the one with a number.
STOPPING = """
import os, signal, sys
from loginfix.cli.program import main
me, log, stop_at, seen = os.getpid(), open(sys.argv.pop(1), "w"), int(sys.argv.pop(1)), 0
CHANGES = {"os.rename", "os.link", "os.symlink", "os.remove", "os.mkdir", "os.rmdir", "os.utime"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

def watch(event, arguments):
    global seen
    if os.getpid() != me:
        return
    if event in CHANGES or event == "open" and arguments[2] & WRITING:
        print(event, *arguments, file=log, flush=True)
        if seen == stop_at:
            os.kill(me, signal.SIGSTOP)
        seen += 1

sys.addaudithook(watch)
main()
"""
NEVER = -1
CLEAR = ("clear-cache", "--site", "amazon", "--yes", "--home")


@dataclass(frozen=True)
class Computer:
    """A home with one browser in it."""

    recording: Recording

    @property
    def home(self) -> Path:
        return self.recording.home

    @property
    def engine(self) -> str:
        return self.recording.manifest.engine

    @property
    def cookie_file(self) -> Path:
        return self.recording.profile / COOKIES[self.engine][0]

    def copy(self, home: Path) -> "Computer":
        shutil.copytree(self.home, home, symlinks=True)
        return Computer(Recording(home, self.recording.manifest))

    def state(self) -> State:
        """The profile and its cache, but for what a browser does that may not start."""
        below = (self.recording.manifest.profile, self.recording.manifest.cache)
        return {
            path: facts
            for path, facts in profile_state(self.home).items()
            if path.startswith(below) and Path(path).name not in OF_THE_REFUSED
        }

    def cookies(self) -> Cookies:
        """Host, name, path and partition of each."""
        with closing(sqlite3.connect(self.cookie_file)) as database:
            return set(database.execute(COOKIES[self.engine][1]))

    def browser(self) -> tuple[object, ...]:
        """The command that starts it."""
        if self.engine == "chromium":
            user_data = f"--user-data-dir={self.recording.user_data}"
            return chromium_binary(), *FLAGS, user_data, "about:blank"
        return firefox_binary(), "--headless", "--no-remote", "--profile", self.recording.profile

    def clear(self, log: Path, stop_at: int) -> tuple[object, ...]:
        """The command that clears, and stops before the change with this number."""
        return sys.executable, "-B", "-c", STOPPING, log, stop_at, *CLEAR, self.home

    def is_opened_by(self, browser: "subprocess.Popen[str]") -> bool:
        """Wait until the browser has the profile's cookies open, or has ended without."""

        def reads_cookies() -> bool:
            with suppress(psutil.Error):
                main = psutil.Process(browser.pid)
                return any(
                    file.path == str(self.cookie_file)
                    for process in (main, *main.children(recursive=True))
                    for file in process.open_files()
                )
            return False

        wait_for(lambda: browser.poll() is not None or reads_cookies())
        return browser.poll() is None

    def close(self, browser: "subprocess.Popen[str]") -> None:
        """Close the browser as a person does."""
        (profile,) = find_profiles(Home.at(self.home), load_brands(), only=(self.engine,)).profiles
        assert close_browser(profile, timeout=SECONDS, progress=lambda _: None)
        browser.wait(SECONDS)

    def cookies_of_the_browser(self) -> Cookies:
        """Start the browser and close it; the cookies that it then keeps."""
        with started(self.home, *self.browser()) as browser:
            assert self.is_opened_by(browser)
            self.close(browser)
        return self.cookies()


@dataclass(frozen=True)
class Known:
    """A computer before a clear and after one that nobody disturbed.

    ``lock`` is the number of the change that took the browser's lock; those after it are told by
    what went on: ``staging``, ``swapping`` the files, ``tidying`` up.
    """

    computer: Computer
    before: State
    after: State
    cookies_before: Cookies
    cookies_after: Cookies
    lock: int
    held: dict[str, range]


@pytest.fixture(scope="module", params=RECORDINGS)
def known(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Known:
    base = tmp_path_factory.mktemp(request.param)
    computer = Computer(unpack(RECORDINGS[request.param], base / "home"))
    cleared = computer.copy(base / "cleared")
    log = base / "log"
    with started(cleared.home, *cleared.clear(log, NEVER)) as clear:
        assert ends(clear) == ExitCode.DONE
    changes = log.read_text("utf-8").splitlines()
    after = cleared.state()
    cookies_before = computer.copy(base / "opened").cookies_of_the_browser()
    cookies_after = cleared.cookies_of_the_browser()
    assert cookies_after < cookies_before
    lock = next(at for at, change in enumerate(changes) if LOCKS[computer.engine] in change)
    *_, prepared, committed = (
        at
        for at, change in enumerate(changes)
        if change.startswith("os.rename") and ".journal.tmp" in change
    )
    held = {
        "staging": range(lock + 1, prepared),
        "swapping": range(prepared + 1, committed),
        "tidying": range(committed + 1, len(changes)),
    }
    return Known(computer, computer.state(), after, cookies_before, cookies_after, lock, held)


def ends(process: "subprocess.Popen[str]") -> int:
    """Wait for a program to end; its exit code."""
    process.communicate(timeout=SECONDS)
    return process.returncode


@contextmanager
def stopped_clear(computer: Computer, log: Path, stop_at: int) -> Iterator["subprocess.Popen[str]"]:
    """A clear that stands still before the change with this number."""
    with started(computer.home, *computer.clear(log, stop_at)) as clear:
        try:
            wait_for(lambda: psutil.Process(clear.pid).status() == psutil.STATUS_STOPPED)
            yield clear
        finally:
            clear.send_signal(signal.SIGCONT)


def is_settled(computer: Computer, cookies: Cookies) -> None:
    """Nothing is left to recover, and the browser starts with exactly these cookies."""
    recover = (sys.executable, "-m", "loginfix", "recover", "--home", computer.home)
    with started(computer.home, *recover) as process:
        assert ends(process) == ExitCode.NOTHING_FOUND
    assert computer.cookies_of_the_browser() == cookies
    assert not list(computer.recording.profile.rglob("*.corrupt*"))


@pytest.mark.parametrize("phase", ["staging", "swapping", "tidying"])
def test_while_files_change_no_browser_starts(known: Known, phase: str, tmp_path: Path) -> None:
    stop_at = random.Random(phase).choice(known.held[phase])  # noqa: S311  no secret
    computer = known.computer.copy(tmp_path / "home")
    with stopped_clear(computer, tmp_path / "log", stop_at) as clear:
        with started(computer.home, *computer.browser()) as browser:
            assert not computer.is_opened_by(browser), stop_at
        clear.send_signal(signal.SIGCONT)
        assert ends(clear) == ExitCode.DONE, stop_at
    assert computer.state() == known.after, stop_at
    is_settled(computer, known.cookies_after)


@pytest.mark.parametrize("share", [0.5, 1])
def test_a_browser_that_starts_before_keeps_everything(
    known: Known, share: float, tmp_path: Path
) -> None:
    stop_at = int(known.lock * share)  # at last, just before the lock is taken
    computer = known.computer.copy(tmp_path / "home")
    with stopped_clear(computer, tmp_path / "log", stop_at) as clear:
        assert computer.state() == known.before, stop_at
        with started(computer.home, *computer.browser()) as browser:
            assert computer.is_opened_by(browser), stop_at
            clear.send_signal(signal.SIGCONT)
            assert ends(clear) == ExitCode.BROWSER_RUNNING, stop_at
            computer.close(browser)
    is_settled(computer, known.cookies_before)
