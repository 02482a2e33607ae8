"""Asking a browser to close, and waiting until it has.

Nothing is ever killed: a browser that stays open stays open.
"""

import os
import signal
import subprocess
import sys
import time

from loginfix.browsers.in_use import Running, refusal
from loginfix.browsers.model import Profile
from loginfix.browsers.running import running_state
from loginfix.errors import BrowserRunningError
from loginfix.progress import Doing, Progress
from loginfix.words import say

_POLL_SECONDS = 0.1
# NSRunningApplication's terminate is what the menu's Quit does, for this process only.
_MACOS_QUIT = (
    "ObjC.import('AppKit');"
    "$.NSRunningApplication.runningApplicationWithProcessIdentifier({pid}).terminate"
)


def close_browser(profile: Profile, *, timeout: float, progress: Progress) -> bool:
    """Ask the browser that has ``profile`` open to close, and wait until it has.

    Args:
        profile: the profile that is needed; other profiles of the same process close with it.
        timeout: how long to wait, in seconds.
        progress: told once that the browser was asked.

    Returns:
        Whether there was anything to close.

    Raises:
        BrowserRunningError: it cannot be asked, or is still open after ``timeout``.
        BusyError: it is not a browser but another run of this program.
        ProfileUnreadableError: the browser's lock cannot be read.
    """
    running = running_state(profile)
    if running is None:
        return False
    if running.by_loginfix or running.pid is None:
        raise refusal(profile, running)
    progress(Doing(say("Asking {brand_name} to close", brand_name=profile.brand_name)))
    _ask(running.pid)
    deadline = time.monotonic() + timeout
    while still := running_state(profile):
        if time.monotonic() >= deadline:
            raise _still_open(profile, still)
        time.sleep(_POLL_SECONDS)
    return True


def _ask(pid: int) -> None:
    if sys.platform == "win32":
        # Without /F, taskkill sends WM_CLOSE to the windows of the process.
        _run("taskkill", "/PID", str(pid))
    elif sys.platform == "darwin":
        _run("osascript", "-l", "JavaScript", "-e", _MACOS_QUIT.format(pid=pid))
    else:
        try:
            os.kill(pid, signal.SIGTERM)
        except (ProcessLookupError, PermissionError):
            return  # gone already, or not ours to ask: waiting tells


def _run(*command: str) -> None:
    # Arguments are our own text and a number; whether it worked shows in the browser's lock.
    subprocess.run(command, check=False, capture_output=True, stdin=subprocess.DEVNULL)  # noqa: S603  see above


def _still_open(profile: Profile, running: Running) -> BrowserRunningError:
    return BrowserRunningError(
        say("{sentence} It was asked to close and did not.", sentence=running.sentence),
        next_step=say(
            "Look whether {brand_name} asks you something. Close it, and run this again.",
            brand_name=profile.brand_name,
        ),
        path=profile.path,
    )
