"""Schedules as a whole: a description of ours and an entry of a scheduler, both or neither."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from loginfix.directories import Directories
from loginfix.errors import LoginfixError, Problem, SchedulerError
from loginfix.schedule.choose import by_name, choose
from loginfix.schedule.descriptions import (
    Descriptions,
    ScheduleExistsError,
)
from loginfix.schedule.health import problems_of, strays
from loginfix.schedule.launcher import Context, check_starts
from loginfix.schedule.log import RunLog
from loginfix.schedule.model import Entry, Installed, Note, Schedule
from loginfix.schedule.results import Change, ScheduleChange, ScheduleList, ScheduleStatus
from loginfix.schedule.scheduler import Scheduler
from loginfix.words import say


@dataclass(frozen=True, slots=True)
class Schedules:
    """The schedules of one home, and the schedulers that the person who runs this has."""

    directories: Directories
    context: Context
    schedulers: Sequence[Scheduler]

    @property
    def descriptions(self) -> Descriptions:
        """What was asked for."""
        return Descriptions(self.directories.config / "schedules")

    def log(self, name: str) -> RunLog:
        """The log of a schedule."""
        return RunLog(self.runs, name)

    @property
    def runs(self) -> Path:
        """Where the logs are, and the lock of the runs."""
        return self.directories.data / "schedules"

    def add(
        self, schedule: Schedule, *, forced: str | None = None, replacing: bool = False
    ) -> ScheduleChange:
        """Add a schedule, or with ``replacing`` change the one of its name.

        Raises:
            ScheduleExistsError: There is one of this name, and it is not to be replaced.
            SchedulerError: It cannot be done; everything is as before.
        """
        exists = self.descriptions.exists(schedule.name)
        if exists and not replacing:
            raise ScheduleExistsError(
                say("There is a schedule {name!r} already.", name=schedule.name),
                next_step=say("Add --replace to change it, or choose another name with --name."),
            )
        scheduler = choose(self.schedulers, forced)
        check_starts()
        before = self._readable(schedule.name) if exists else None
        self._put(replace(schedule, scheduler=scheduler.name), before)
        change = Change.REPLACED if exists else Change.ADDED
        return ScheduleChange(change, schedule.name, self.status(schedule.name))

    def pause(self, name: str) -> ScheduleChange:
        """Take the entry away and keep the description.

        Raises:
            UnknownScheduleError: There is no such schedule.
            SchedulerError: It cannot be done; everything is as before.
        """
        schedule = self.descriptions.read(name)
        if not schedule.paused:
            self.descriptions.write(replace(schedule, paused=True))
            try:
                self._scheduler(schedule).remove(self._id(name))
            except BaseException:
                self.descriptions.write(schedule)
                raise
        return ScheduleChange(Change.PAUSED, name, self.status(name))

    def resume(self, name: str) -> ScheduleChange:
        """Put the entry back, whether it was paused or lost.

        Raises:
            UnknownScheduleError: There is no such schedule.
            SchedulerError: It cannot be done; everything is as before.
        """
        schedule = self.descriptions.read(name)
        check_starts()
        self._put(replace(schedule, paused=False), schedule)
        return ScheduleChange(Change.RESUMED, name, self.status(name))

    def remove(self, name: str) -> ScheduleChange:
        """Remove entry, description and log, as far as they are there. Backups stay.

        Raises:
            UnknownScheduleError: There is nothing of this name.
            SchedulerError: An entry cannot be removed; the description stays.
        """
        self._require_answer(name)
        entry_id = self._id(name)
        holders = [
            scheduler
            for scheduler, entries in self._installed()
            if any(each.id == entry_id for each in entries)
        ]
        if not holders and not self.descriptions.exists(name):
            self.descriptions.read(name)  # says which there are
        for scheduler in holders:
            scheduler.remove(entry_id)
        self.descriptions.delete(name)
        with suppress(OSError):
            self.log(name).delete()
        return ScheduleChange(Change.REMOVED, name)

    def status(self, name: str) -> ScheduleStatus:
        """One schedule with what its scheduler says of it.

        Raises:
            UnknownScheduleError: There is no such schedule.
            ConfigurationError: Its description cannot be understood.
        """
        schedule = self.descriptions.read(name)
        scheduler: Scheduler | None = None
        entries: tuple[Installed, ...] = ()
        unreachable: Problem | None = None
        try:
            scheduler = by_name(self.schedulers, schedule.scheduler)
            entries = tuple(_read(scheduler))
        except SchedulerError as error:
            unreachable = error.as_problem()
        return self._status(schedule, scheduler, entries, unreachable)

    def overview(self) -> ScheduleList:
        """All schedules, and all that is wrong with them or their entries."""
        statuses, others = [], []
        for name in self.descriptions.names():
            try:
                statuses.append(self.status(name))
            except LoginfixError as error:
                others.append(error.as_problem())
        entries = [(scheduler, each) for scheduler, found in self._installed() for each in found]
        owners = {self._id(each.schedule.name): each.schedule for each in statuses}
        others += strays(entries, owners, self.context)
        return ScheduleList(tuple(statuses), tuple(others))

    def _status(
        self,
        schedule: Schedule,
        scheduler: Scheduler | None,
        entries: Sequence[Installed],
        unreachable: Problem | None,
    ) -> ScheduleStatus:
        wanted = Entry(
            self._id(schedule.name), self.context.command(schedule.name), schedule.timing
        )
        installed = next((each for each in entries if each.id == wanted.id), None)
        problems = [unreachable] if unreachable else problems_of(schedule, wanted, installed)
        upcoming: datetime | None = None
        notes: tuple[Note, ...] = ()
        if scheduler and not unreachable:
            with suppress(SchedulerError):  # then it just does not say so
                notes = tuple(scheduler.notes())
                if installed and installed.entry:
                    upcoming = scheduler.next_time(installed.entry)
        records = self.log(schedule.name).records()
        return ScheduleStatus(
            schedule,
            self.descriptions.path(schedule.name),
            installed,
            upcoming,
            records[-1] if records else None,
            notes,
            tuple(problems),
        )

    def _put(self, schedule: Schedule, before: Schedule | None) -> None:
        """Description, then entry; if the entry cannot be had, the description goes back."""
        scheduler = by_name(self.schedulers, schedule.scheduler)
        entry = Entry(self._id(schedule.name), self.context.command(schedule.name), schedule.timing)
        path = self.descriptions.path(schedule.name)
        content = path.read_bytes() if path.exists() else None
        self.descriptions.write(schedule)
        try:
            scheduler.install(entry)
        except BaseException:
            if before is not None:
                self.descriptions.write(before)
            elif content is None:
                self.descriptions.delete(schedule.name)
            else:
                path.write_bytes(content)
            raise
        for other, entries in self._installed():
            if other is not scheduler and any(each.id == entry.id for each in entries):
                with suppress(SchedulerError):  # one that is left is named by the list
                    other.remove(entry.id)

    def _require_answer(self, name: str) -> None:
        """See that no entry is left behind because its scheduler could not be asked."""
        schedule = self._readable(name)
        if schedule is None or schedule.paused:
            return
        try:
            _read(self._scheduler(schedule))
        except SchedulerError as error:
            raise SchedulerError(
                say(
                    "{message} So the entry of {name} cannot be removed.",
                    message=error.message,
                    name=name,
                ),
                next_step=say(
                    "Start it and try again. If it is gone for good, delete {path}.",
                    path=self.descriptions.path(name),
                ),
            ) from error

    def _readable(self, name: str) -> Schedule | None:
        with suppress(LoginfixError):
            return self.descriptions.read(name)
        return None

    def _scheduler(self, schedule: Schedule) -> Scheduler:
        return by_name(self.schedulers, schedule.scheduler)

    def _installed(self) -> Iterator[tuple[Scheduler, Sequence[Installed]]]:
        """The entries of every scheduler that can be asked."""
        for scheduler in self.schedulers:
            with suppress(SchedulerError):
                yield scheduler, tuple(_read(scheduler))

    def _id(self, name: str) -> str:
        return self.context.entry_id(name)


def _read(scheduler: Scheduler) -> Sequence[Installed]:
    """Its entries, if it can be used at all.

    Raises:
        SchedulerError: It cannot.
    """
    reason = scheduler.why_not()
    if reason:
        raise SchedulerError(
            say("{title} cannot be asked: {reason}.", title=scheduler.title, reason=reason),
            next_step=say("Start it, or add the schedule again with --replace and another --with."),
        )
    return scheduler.installed()
