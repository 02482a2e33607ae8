"""Holding the browser's own lock, so that it cannot start while its profile is written."""

from collections.abc import Iterator
from contextlib import contextmanager

from loginfix.browsers.engine_locks import lock_of
from loginfix.browsers.held import Release, is_held, shared
from loginfix.browsers.model import Profile
from loginfix.errors import ProfileWriteError
from loginfix.words import say


@contextmanager
def hold(profile: Profile) -> Iterator[None]:
    """Hold the lock of ``profile`` for the length of a ``with`` block.

    Blocks may be nested, and profiles that share a lock (those of one Chromium user data
    directory) may be held together. While one of Firefox is held, nothing in this process
    should open its lock file: see ``record_lock``.

    Raises:
        BrowserRunningError: a browser has the profile open.
        BusyError: another run of this program is at work on it.
        ProfileWriteError: the lock cannot be made, or not be given back.
    """
    with shared(lock_of(profile).file_of(profile), lambda: _take(profile)):
        yield


def release_stale(profile: Profile) -> bool:
    """Remove what a run that was killed left of its lock; whether there was anything.

    A lock that a browser left is not touched: ``hold`` replaces it.

    Raises:
        ProfileWriteError: it cannot be removed.
    """
    lock = lock_of(profile)
    if is_held(lock.file_of(profile)):
        return False
    with _told_if_left(profile):
        return lock.release_stale(profile)


def _take(profile: Profile) -> Release:
    try:
        release = lock_of(profile).take(profile)
    except OSError as error:
        raise ProfileWriteError(
            say("The lock of {label} cannot be taken: {error}", label=profile.label, error=error),
            next_step=say(
                "Check that you may write to {path} and that the disk is not full.",
                path=profile.path,
            ),
            path=profile.path,
        ) from error
    return lambda: _give_back(profile, release)


def _give_back(profile: Profile, release: Release) -> None:
    with _told_if_left(profile):
        release()


@contextmanager
def _told_if_left(profile: Profile) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ProfileWriteError(
            say(
                "The lock of {label} cannot be removed, so that the browser may not start: {error}",
                label=profile.label,
                error=error,
            ),
            next_step=say(
                "Check that you may write to {path}, then run: loginfix recover",
                path=profile.user_data,
            ),
            path=lock_of(profile).file_of(profile),
        ) from error
