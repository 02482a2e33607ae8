"""Which lock belongs to a profile: that of its engine, on this platform."""

import sys
from pathlib import Path
from typing import Protocol

from loginfix.browsers.held import Release
from loginfix.browsers.in_use import Running
from loginfix.browsers.model import Engine, Profile


class EngineLock(Protocol):
    """What a module that knows one kind of lock offers."""

    def file_of(self, profile: Profile, /) -> Path:
        """The file or link that stands for the lock; profiles with the same one share it."""

    def state(self, profile: Profile, /) -> Running | None:
        """Who has the profile open, found without writing anything.

        Raises:
            OSError: the lock cannot be read.
        """

    def take(self, profile: Profile, /) -> Release:
        """Make the browser refuse to start; returns what gives the lock back.

        Raises:
            BrowserRunningError: a browser has the profile open.
            BusyError: another run of this program holds the lock.
            OSError: the lock cannot be made.
        """

    def release_stale(self, profile: Profile, /) -> bool:
        """Remove what a killed run of this program left; whether there was anything."""


if sys.platform == "win32":
    from loginfix.browsers import windows_lock

    def lock_of(profile: Profile) -> EngineLock:  # noqa: ARG001  both engines lock alike here
        """The kind of lock that ``profile`` has."""
        return windows_lock

else:
    from loginfix.browsers import chromium_lock, firefox_lock

    def lock_of(profile: Profile) -> EngineLock:
        """The kind of lock that ``profile`` has."""
        return chromium_lock if profile.engine is Engine.CHROMIUM else firefox_lock
