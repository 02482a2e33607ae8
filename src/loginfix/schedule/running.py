"""One scheduled run: try, wait while a browser is open, and say what it came to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from loginfix.clearing.results import ClearResult
from loginfix.errors import (
    BrowserRunningError,
    BusyError,
    ExitCode,
    LoginfixError,
    Problem,
)
from loginfix.schedule.clock import Clock
from loginfix.schedule.log import Outcome, RunRecord
from loginfix.words import say

RUNNING, BUSY, PAUSED, LEFT_ALONE = "running", "busy", "paused", "left-alone"
"""Reasons; a failure's is the code of its error."""

_FIRST_PAUSE = 30.0
_LONGEST_PAUSE = 600.0
# Where more than this passes after the window's end, the computer was asleep meanwhile.
_LATE = timedelta(seconds=60)


class Attempt(Protocol):
    """Clears what can be cleared now."""

    def __call__(self, only: frozenset[Path] | None) -> ClearResult:
        """Once; ``only`` are the profiles that the attempt before could not have, None is all.

        Raises:
            BusyError: Another loginfix is at work.
        """


@dataclass(slots=True)
class Tried:
    """What all attempts of a run came to. ``waiting_for`` is a reason, or empty."""

    results: list[ClearResult] = field(default_factory=list)
    attempts: int = 0
    waiting_for: str = ""
    busy: Problem | None = None

    @property
    def cleared(self) -> bool:
        """Whether anything was removed."""
        return any(each.cleared for each in self.results)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was left alone; of open browsers, only those that stayed open."""
        found = [
            problem
            for result in self.results
            for problem in result.problems
            if problem.code != BrowserRunningError.code
        ]
        if self.waiting_for == BUSY and self.busy:
            found.append(self.busy)
        elif self.waiting_for:
            last = self.results[-1].problems
            found += [each for each in last if each.code == BrowserRunningError.code]
        return tuple(dict.fromkeys(found))


def keep_trying(attempt: Attempt, *, window: timedelta, clock: Clock) -> Tried:
    """Attempt until nothing has to wait any longer, or the window ends.

    The pauses double from half a minute to ten; the last attempt is at the end of the window.
    """
    end, pauses, tried = clock.now() + window, _pauses(), Tried()
    waiting: frozenset[Path] | None = None
    while True:
        tried.attempts += 1
        try:
            result = attempt(waiting)
        except BusyError as error:
            tried.waiting_for, tried.busy = BUSY, error.as_problem()
        else:
            tried.results.append(result)
            waiting = frozenset(profile.path for profile in result.skipped)
            tried.waiting_for = RUNNING if waiting else ""
        left = (end - clock.now()).total_seconds()
        if not tried.waiting_for or left <= 0:
            return tried
        clock.sleep(min(next(pauses), left))
        if clock.now() > end + _LATE:
            return tried


def record_of(
    name: str, tried: Tried, *, started: datetime, ended: datetime, pruned: tuple[str, ...] = ()
) -> RunRecord:
    """The record of a run that came to its end."""
    cleared = [each for result in tried.results for each in result.cleared]
    outcome, reason, code = _verdict(tried)
    return RunRecord(
        schedule=name,
        started=started,
        ended=ended,
        outcome=outcome,
        reason=reason,
        exit_code=code,
        items=sum(each.items for each in cleared),
        size=sum(each.size for each in cleared),
        attempts=tried.attempts,
        backups=tuple(each.backup_id for each in tried.results if each.backup_id),
        pruned=pruned,
        problems=tried.problems,
    )


def record_of_failure(
    name: str, error: BaseException, *, started: datetime, ended: datetime
) -> RunRecord:
    """The record of a run that an error ended."""
    if isinstance(error, LoginfixError):
        problem, code = error.as_problem(), error.exit_code
    elif isinstance(error, KeyboardInterrupt):
        problem = Problem(
            "interrupted", say("It was interrupted."), say("The next run does its work.")
        )
        code = ExitCode.INTERRUPTED
    else:
        # Only the kind of error: its text may quote what a browser has stored.
        kind = type(error).__name__
        problem = Problem(
            "unexpected",
            say("Something unexpected went wrong ({kind}).", kind=kind),
            say("Report it."),
        )
        code = ExitCode.FAILED
    return RunRecord(
        schedule=name,
        started=started,
        ended=ended,
        outcome=Outcome.FAILED,
        reason=problem.code,
        exit_code=code,
        problems=(problem,),
    )


def record_of_pause(name: str, *, now: datetime) -> RunRecord:
    """The record of a run that found its schedule paused."""
    paused = Problem(
        PAUSED,
        say("The schedule {name} is paused.", name=name),
        say("To run it: loginfix schedule resume {name}", name=name),
    )
    return RunRecord(name, now, now, Outcome.SKIPPED, ExitCode.SKIPPED, PAUSED, problems=(paused,))


def _verdict(tried: Tried) -> tuple[Outcome, str, ExitCode]:
    """Nothing found is a success: it is what a scheduled run hopes for."""
    if tried.waiting_for and not tried.cleared:
        return Outcome.SKIPPED, tried.waiting_for, ExitCode.SKIPPED
    if tried.waiting_for:
        return Outcome.PARTIAL, tried.waiting_for, ExitCode.PARTIAL
    if tried.problems:
        return Outcome.PARTIAL, LEFT_ALONE, ExitCode.PARTIAL
    if tried.cleared:
        return Outcome.CLEARED, "", ExitCode.DONE
    return Outcome.NOTHING_FOUND, "", ExitCode.DONE


def _pauses() -> Iterator[float]:
    pause = _FIRST_PAUSE
    while True:
        yield pause
        pause = min(2 * pause, _LONGEST_PAUSE)
