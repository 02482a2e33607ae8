"""What must hold before anything is written into a profile."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from loginfix.browsers.locks import hold
from loginfix.browsers.model import Profile
from loginfix.errors import BrowserRunningError, RefusedError
from loginfix.words import say


def refuse_foreign(profile: Profile) -> None:
    """Refuse to write as root into somebody else's profile: they could plant links for us.

    Raises:
        RefusedError: The profile belongs to another user.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    owner = profile.path.stat().st_uid
    if owner != 0:
        raise RefusedError(
            say("{path} belongs to another user (number {owner}).", path=profile.path, owner=owner),
            next_step=say("Run this as that user, not as root."),
            path=profile.path,
        )


@contextmanager
def holding(
    profiles: Sequence[Profile],
) -> Iterator[tuple[list[Profile], list[BrowserRunningError]]]:
    """Hold the browsers' own locks of all profiles that can be had.

    Yields the held profiles, and an error for each profile whose browser is running.

    Raises:
        RefusedError: A profile belongs to another user.
        BusyError: Another run of loginfix holds a lock.
        ProfileWriteError: A lock cannot be made.
    """
    held: list[Profile] = []
    refused: list[BrowserRunningError] = []
    with ExitStack() as stack:
        for profile in profiles:
            refuse_foreign(profile)
            try:
                stack.enter_context(hold(profile))
            except BrowserRunningError as error:
                refused.append(error)
            else:
                held.append(profile)
        yield held, refused
