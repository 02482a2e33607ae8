"""Asking browsers to close first, and what to say of those that stay open."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from loginfix.browsers.closing import close_browser
from loginfix.browsers.model import Profile
from loginfix.errors import BrowserRunningError, Problem
from loginfix.progress import Progress

_SECONDS = 30.0

Reasons = dict[Path, Problem]
"""Why a browser is still open, by the path of its profile."""


def close_all(profiles: Iterable[Profile], *, asked: bool, progress: Progress) -> Reasons:
    """Ask the browsers of ``profiles`` to close, if the person ``asked`` for that.

    One that stays open does not keep the others from going on.

    Raises:
        BusyError: Another run of loginfix is at work.
        ProfileUnreadableError: Whether a browser is open cannot be known.
    """
    reasons = {}
    for profile in profiles if asked else ():
        try:
            close_browser(profile, timeout=_SECONDS, progress=progress)
        except BrowserRunningError as error:
            reasons[profile.path] = error.as_problem()
    return reasons


def with_reasons(problems: Sequence[Problem], reasons: Reasons) -> tuple[Problem, ...]:
    """The problems of a run, where those of browsers that stayed open tell why they did."""
    return tuple(
        reasons.get(each.path, each)
        if each.path and each.code == BrowserRunningError.code
        else each
        for each in problems
    )
