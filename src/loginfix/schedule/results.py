"""What the verbs of ``schedule`` come to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from loginfix.errors import ExitCode, Problem
from loginfix.schedule.log import RunRecord
from loginfix.schedule.model import Installed, Note, Schedule


class Change(StrEnum):
    """What was done to a schedule."""

    ADDED = "added"
    REPLACED = "replaced"
    PAUSED = "paused"
    RESUMED = "resumed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class ScheduleStatus:
    """A schedule with what its scheduler says of it and how it last went."""

    schedule: Schedule
    description: Path
    installed: Installed | None = None
    next_time: datetime | None = None
    last: RunRecord | None = None
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Partial if something is wrong with it."""
        return ExitCode.PARTIAL if self.problems else ExitCode.DONE


@dataclass(frozen=True, slots=True)
class ScheduleList:
    """All schedules; ``others`` are problems that belong to none of them."""

    schedules: tuple[ScheduleStatus, ...]
    others: tuple[Problem, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong."""
        own = [problem for each in self.schedules for problem in each.problems]
        return tuple(dict.fromkeys((*own, *self.others)))

    @property
    def exit_code(self) -> ExitCode:
        """Partial if anything is wrong."""
        return ExitCode.PARTIAL if self.problems else ExitCode.DONE


@dataclass(frozen=True, slots=True)
class ScheduleChange:
    """A change that was made; ``status`` is what holds now, None for what was removed."""

    change: Change
    name: str
    status: ScheduleStatus | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Always done: a change that cannot be made is an error."""
        return ExitCode.DONE


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """A run as it stands in the log, the sites it was about, and how many backups stay."""

    record: RunRecord
    sites: tuple[str, ...]
    keep_backups: int

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was left alone."""
        return self.record.problems

    @property
    def exit_code(self) -> ExitCode:
        """That of the run."""
        return self.record.exit_code


@dataclass(frozen=True, slots=True)
class ScheduleLog:
    """The runs of one schedule or of all, newest first."""

    runs: tuple[RunRecord, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Nothing found if there was no run yet."""
        return ExitCode.DONE if self.runs else ExitCode.NOTHING_FOUND
