"""Chromium's lock on macOS and Linux: the link ``SingletonLock`` in the user data directory.

Its target is ``<host>-<pid>``; ``SingletonSocket`` beside it is a link to the socket on which the
running browser listens (chrome/browser/process_singleton_posix.cc). Chromium takes over a link
that names its own host and a process that is not Chromium; one that names another host it
respects, and refuses to start (exit code 21). Observed with Chromium 156: links stay behind even
after an orderly end.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

from loginfix.browsers.held import Release
from loginfix.browsers.in_use import Running, refusal, used_by, used_elsewhere
from loginfix.browsers.model import Profile
from loginfix.words import say

_LINK = "SingletonLock"
_SOCKET = "SingletonSocket"
_SOCKET_SECONDS = 1.0
# The host that our own links name, so that Chromium believes in another computer.
_OUR_HOST = "loginfix"


def file_of(profile: Profile) -> Path:
    """The link that stands for the lock of ``profile``."""
    return profile.user_data / _LINK


def state(profile: Profile) -> Running | None:
    """Who has the user data directory of ``profile`` open, as far as this computer can tell."""
    target = _target(file_of(profile))
    if target is not None and (running := _judge(profile, target)):
        return running
    if profile.packaging == "flatpak":
        from loginfix.browsers import processes  # noqa: PLC0415  few profiles are in use

        # Process ids in the link are those inside the sandbox, and its socket is out of reach.
        process = next(processes.named(profile.process_names, profile.user_data), None)
        if process is not None:
            return Running(
                None, processes.name_of(process), say("{label} may be open.", label=profile.label)
            )
    return None


def take(profile: Profile) -> Release:
    """Make Chromium refuse to start with this user data directory.

    Returns:
        What gives the lock back.

    Raises:
        BrowserRunningError: a browser has it open.
        BusyError: another run of this program holds it.
        OSError: the link cannot be made.
    """
    link = file_of(profile)
    stale = _target(link)
    if running := state(profile):
        raise refusal(profile, running)
    if stale is not None:
        _remove(link, stale)
    ours = f"{_OUR_HOST}-{os.getpid()}"
    try:
        link.symlink_to(ours)
    except FileExistsError as error:
        raise refusal(profile, state(profile) or used_by(profile, None)) from error

    def release() -> None:
        _remove(link, ours)

    return release


def release_stale(profile: Profile) -> bool:
    """Remove a link that a dead run of this program left; whether there was one."""
    link = file_of(profile)
    target = _target(link)
    if target is None or _parts(target)[0] != _OUR_HOST or _judge(profile, target):
        return False
    return _remove(link, target)


def _judge(profile: Profile, target: str) -> Running | None:
    import socket  # noqa: PLC0415  few profiles are in use

    from loginfix.browsers import processes  # noqa: PLC0415  as above

    host, pid = _parts(target)
    process = processes.living(pid)
    if host == _OUR_HOST:
        ours = process and pid != os.getpid() and processes.is_loginfix(process)
        return used_by(profile, process) if ours else None
    if host and host != socket.gethostname():
        return used_elsewhere(profile, host)
    if (
        process
        and processes.is_called(process, profile.process_names)
        and processes.owned_with(process, profile.user_data)
    ):
        return used_by(profile, process)
    return used_by(profile, None) if _answers(profile.user_data / _SOCKET) else None


def _parts(target: str) -> tuple[str, int]:
    """Host and process id; a target of another form names no host and no process."""
    host, _, pid = target.rpartition("-")
    return (host, int(pid)) if pid.isascii() and pid.isdigit() else ("", -1)


def _target(link: Path) -> str | None:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return None


def _remove(link: Path, target: str) -> bool:
    """Remove the link if it is still the one that was judged."""
    if _target(link) != target:
        return False
    link.unlink()
    return True


def _answers(link: Path) -> bool:
    """Whether a browser listens behind the link; it hears a connection that says nothing."""
    if sys.platform != "win32":
        import socket  # noqa: PLC0415  as above

        with socket.socket(socket.AF_UNIX) as connection, suppress(OSError):
            connection.settimeout(_SOCKET_SECONDS)
            # The link's own path is often too long for an address.
            connection.connect(os.path.realpath(link))
            return True
    return False
