"""What a command came to for each of several users."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loginfix.errors import ExitCode, Problem
from loginfix.reports.layout import BLANK, HEADING, Line, Lines
from loginfix.words import say

# Worst first. That one user has nothing of the site, or no browser, is no failure of the others.
RANKING = (
    ExitCode.FAILED,
    ExitCode.VERIFICATION_FAILED,
    ExitCode.PROFILE_WRITE_FAILED,
    ExitCode.BACKUP_FAILED,
    ExitCode.BACKUP_DAMAGED,
    ExitCode.SCHEDULER_FAILED,
    ExitCode.REFUSED,
    ExitCode.PROFILE_UNREADABLE,
    ExitCode.BAD_CONFIGURATION,
    ExitCode.USAGE,
    ExitCode.INTERRUPTED,
    ExitCode.NOT_CONFIRMED,
    ExitCode.BUSY,
    ExitCode.BROWSER_RUNNING,
    ExitCode.SKIPPED,
    ExitCode.LEFTOVERS_FOUND,
    ExitCode.PARTIAL,
    ExitCode.DONE,
    ExitCode.NOTHING_FOUND,
    ExitCode.NO_BROWSERS,
)


@dataclass(frozen=True, slots=True)
class UserRun:
    """One user's run: the JSON object that the command prints, and its text, line by line.

    Both come from a process of that user: they are data, and made harmless where they are shown.
    """

    user: str
    uid: int
    home: Path
    exit_code: ExitCode
    envelope: Mapping[str, Any]
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EveryUser:
    """The runs of all users."""

    runs: tuple[UserRun, ...]

    @property
    def exit_code(self) -> ExitCode:
        """The worst of all; where there is no user, no browser was found."""
        codes = (run.exit_code for run in self.runs)
        return min(codes, key=RANKING.index, default=ExitCode.NO_BROWSERS)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why runs failed, the worst first; what they left alone is in each run's own result.

        That a user has no browser is only told where nobody has one.
        """
        failed = [run for run in self.runs if run.envelope["error"]]
        failed.sort(key=lambda run: RANKING.index(run.exit_code))
        if self.exit_code is not ExitCode.NO_BROWSERS:
            failed = [run for run in failed if run.exit_code is not ExitCode.NO_BROWSERS]
        return tuple(map(_problem, failed)) or _nobody(self.runs)


def every_user_text(it: EveryUser) -> Lines:
    """A block for each user."""
    for number, run in enumerate(it.runs):
        if number:
            yield BLANK
        yield Line(say("User {user} ({uid})", user=run.user, uid=run.uid), HEADING)
        yield from _lines(run)
    if not it.runs:
        yield Line(it.problems[0].message)


def every_user_data(it: EveryUser) -> dict[str, Any]:
    """The data of a command with ``--all-users``: for each user, the object of their own run."""
    return {
        "users": [
            {"user": run.user, "uid": run.uid, "home": str(run.home), "result": dict(run.envelope)}
            for run in it.runs
        ]
    }


def _lines(run: UserRun) -> Iterator[Line]:
    for line in run.text:
        yield Line(line, indent=2 if line else 0)


def _problem(run: UserRun) -> Problem:
    error = run.envelope["error"]
    path = error["path"]
    message = say("{user}: {message}", user=run.user, message=error["message"])
    return Problem(error["code"], message, error["next_step"], None if path is None else Path(path))


def _nobody(runs: tuple[UserRun, ...]) -> tuple[Problem, ...]:
    if runs:
        return ()
    message = say("There is no user who could have a browser.")
    return (Problem("no-browsers", message, say("Name those you mean with --user.")),)
