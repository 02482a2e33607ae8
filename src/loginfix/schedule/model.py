"""A schedule as the person set it up, and what a scheduler is told of it."""

import re
from dataclasses import dataclass
from enum import StrEnum

from loginfix.clearing.selection import Selection
from loginfix.errors import UsageError
from loginfix.schedule.timing import Timing
from loginfix.words import say

LONGEST_WINDOW = 23 * 60
"""Minutes: a run is over before that of the next day begins."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Schedule:
    """One scheduled cleanup, the same for every scheduler.

    ``window`` is how long a run waits for a browser to be closed, in minutes; ``keep_backups`` how
    many of its own backups it keeps, ``encrypt_to`` the public keys they are encrypted to;
    ``scheduler`` the name of the one that runs it. A ``paused`` schedule has no entry there.
    """

    name: str
    selection: Selection
    timing: Timing
    window: int = 120
    keep_backups: int = 5
    encrypt_to: tuple[str, ...] = ()
    close_browser: bool = False
    notify: bool = False
    paused: bool = False
    scheduler: str = ""


class Note(StrEnum):
    """What a person should know of how a scheduler runs things; the reports have the words."""

    NO_LINGER = "no-linger"
    NO_CATCH_UP = "no-catch-up"
    ONLY_SLEEP_CATCH_UP = "only-sleep-catch-up"
    DAEMON_NOT_SEEN = "daemon-not-seen"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a scheduler is told: ``command`` at every ``timing``; ``id`` is unique for a user."""

    id: str
    command: tuple[str, ...]
    timing: Timing


@dataclass(frozen=True, slots=True)
class Installed:
    """An entry of ours as a scheduler has it; ``place`` says where, for a person.

    ``entry`` is None where somebody has changed it beyond what we write.
    """

    id: str
    place: str
    entry: Entry | None


def valid_name(name: str) -> str:
    """The name, if it can be one: it becomes part of file and unit names.

    Raises:
        UsageError: It cannot.
    """
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise UsageError(
            say("{name!r} cannot be the name of a schedule.", name=name),
            next_step=say("Use up to 40 small letters, digits and hyphens, such as amazon-sunday."),
        )
    return name


def name_for(sites: tuple[str, ...]) -> str:
    """The name of a schedule that was given none: that of its first site."""
    words = re.sub(r"[^a-z0-9]+", "-", sites[0].lower())[:_LONGEST_NAME].strip("-")
    return words or "cleanup"
