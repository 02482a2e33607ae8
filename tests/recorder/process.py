"""Starting and ending a browser process; every wait has an end."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
START_SECONDS = 45.0
STOP_SECONDS = 45.0


class BrowserFailedError(Exception):
    """The browser did not start or did not end."""


class Process:
    """One browser with its helpers, in a process group of its own."""

    def __init__(self, command: list[str], home: Path, more: Mapping[str, str]) -> None:
        self._popen = subprocess.Popen(
            command,
            env={
                "HOME": str(home),
                "PATH": os.environ.get("PATH", os.defpath),
                "LANG": "C.UTF-8",
                "TZ": "UTC",
                **more,
            },
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._command = command

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._popen.poll() is None

    def wait_until(self, look: Callable[[], T | None]) -> T:
        """Return what ``look`` finds, asking until it does.

        Raises:
            BrowserFailedError: the process ended, or nothing was found in time.
        """
        deadline = time.monotonic() + START_SECONDS
        while (found := look()) is None:
            if self._popen.poll() is not None:
                raise BrowserFailedError(f"{self._command[0]} ended: {self._popen.returncode}")
            if time.monotonic() > deadline:
                self.kill()
                raise BrowserFailedError(f"{self._command[0]} did not start in time")
            time.sleep(0.05)
        return found

    def wait_end(self) -> None:
        """Wait for an orderly end.

        Raises:
            BrowserFailedError: it did not come; the process was killed.
        """
        try:
            self._popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise BrowserFailedError(f"{self._command[0]} did not end in time") from None

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        try:
            os.killpg(self._popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self._popen.wait(STOP_SECONDS)
