"""Firefox's lock on macOS and Linux: a record lock on ``.parentlock`` in the profile.

The file stays behind, so that its presence means nothing. Beside it the link ``lock`` has the
target ``<address>:+<pid>``; without the ``+`` the file system has no record locks and the link is
the only lock (toolkit/profile/nsProfileLock.cpp).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from loginfix.browsers import record_lock
from loginfix.browsers.held import Release
from loginfix.browsers.in_use import Running, refusal, used_by
from loginfix.browsers.model import Profile

if TYPE_CHECKING:
    import psutil

_FILE = ".parentlock"
_LINK = "lock"


def file_of(profile: Profile) -> Path:
    """The file that the lock of ``profile`` is put on."""
    return profile.path / _FILE


def release_stale(_profile: Profile) -> bool:
    """Nothing: the system drops the lock with its holder, and the file means nothing."""
    return False


if sys.platform != "win32":

    def state(profile: Profile) -> Running | None:
        """Who has ``profile`` open.

        Raises:
            OSError: the lock file cannot be opened.
        """
        file = file_of(profile)
        pid = record_lock.holder(file)
        if pid is not None:
            return used_by(profile, _holder(profile, pid))
        # With "+", the record lock has already answered.
        pid = _pid_of_link(profile.path / _LINK)
        process = _holder(profile, pid) if pid else None
        return used_by(profile, process) if process else None

    def take(profile: Profile) -> Release:
        """Make Firefox refuse to start with this profile.

        Returns:
            What gives the lock back, and removes the lock file if there was none before.

        Raises:
            BrowserRunningError: a browser has it open.
            BusyError: another run of this program holds it.
            OSError: the lock file cannot be made or locked.
        """
        if running := state(profile):
            raise refusal(profile, running)
        file = file_of(profile)
        existed = file.exists()
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(file, flags, 0o600)
        try:
            taken = record_lock.take(descriptor)
        except OSError:
            os.close(descriptor)
            raise
        if not taken:
            os.close(descriptor)
            raise refusal(profile, state(profile) or used_by(profile, None))

        def release() -> None:
            if not existed:
                file.unlink(missing_ok=True)
            os.close(descriptor)

        return release

    def _holder(profile: Profile, pid: int) -> psutil.Process | None:
        """The process that holds a lock; one that names nobody belongs to an open file."""
        from loginfix.browsers import processes  # noqa: PLC0415  few profiles are in use

        if pid:
            return processes.living(pid)
        candidates = processes.any_of(profile.process_names, profile.path)
        return processes.with_open(file_of(profile), candidates)

    def _pid_of_link(link: Path) -> int | None:
        """The process that a link names; None where there is a ``+``, or no link."""
        try:
            target = str(link.readlink())
        except OSError:
            return None
        pid = target.rpartition(":")[2]
        return int(pid) if pid.isascii() and pid.isdigit() else None
