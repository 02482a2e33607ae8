"""What every scheduler of a system can do for us: the interface of its module, and its errors."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from loginfix.errors import SchedulerError
from loginfix.schedule.model import Entry, Installed, Note
from loginfix.schedule.programs import Completed
from loginfix.words import say


class Scheduler(Protocol):
    """One scheduler. Only entries of ours are ever seen, changed or removed."""

    @property
    def name(self) -> str:
        """What ``--with`` takes."""

    @property
    def title(self) -> str:
        """Its own name."""

    def why_not(self) -> str | None:
        """Why it cannot be used here, in a sentence; None if it can."""

    def install(self, entry: Entry) -> None:
        """Make the entry, or change the one of the same id. On failure all is as before.

        Raises:
            SchedulerError: It cannot be made.
        """

    def remove(self, entry_id: str) -> None:
        """Remove the entry; one that is not there is fine.

        Raises:
            SchedulerError: It cannot be removed.
        """

    def installed(self) -> Sequence[Installed]:
        """Read back every entry of ours.

        Raises:
            SchedulerError: They cannot be read.
        """

    def next_time(self, entry: Entry) -> datetime | None:
        """When the scheduler will run an entry next; None if it does not say."""

    def notes(self) -> Sequence[Note]:
        """What a person should know of entries here."""


def refused(title: str, what: str, done: Completed) -> SchedulerError:
    """The error for what a program of a scheduler would not do."""
    said = done.error or done.text or say("exit code {code}", code=done.code)
    return SchedulerError(
        say("{title} could not {what}: {said}", title=title, what=what, said=said),
        next_step=say(
            "Nothing was changed. Correct this, or choose another scheduler with --with."
        ),
    )


def unwritable(path: Path, error: OSError) -> SchedulerError:
    """The error for a file of a schedule that the system does not let us write."""
    return SchedulerError(
        say("{path} cannot be written: {reason}.", path=path, reason=error.strerror or error),
        next_step=say(
            "Nothing was changed. Check that it belongs to you and that the disk has room."
        ),
        path=path,
    )
