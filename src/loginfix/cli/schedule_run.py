"""``loginfix schedule run``: what a scheduler calls."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import click

from loginfix.api.clear import clear, find_selected
from loginfix.api.machine import Machine
from loginfix.clearing.journal import needed_backups
from loginfix.clearing.results import ClearResult
from loginfix.clearing.runlock import run_lock
from loginfix.cli.exit_codes import WRITING
from loginfix.cli.options import backup_dir_option, home_option, output_options
from loginfix.cli.schedules import NAME, the_schedules
from loginfix.cli.session import Session, pass_session
from loginfix.cli.verb import Verb
from loginfix.errors import ExitCode, LoginfixError, Problem
from loginfix.reports import text_schedule
from loginfix.schedule import priority
from loginfix.schedule.clock import Clock
from loginfix.schedule.log import RunRecord
from loginfix.schedule.manage import Schedules
from loginfix.schedule.model import Schedule
from loginfix.schedule.notify import notify
from loginfix.schedule.own_backups import command_of, prune_own
from loginfix.schedule.results import ScheduledRun
from loginfix.schedule.running import (
    Tried,
    keep_trying,
    record_of,
    record_of_failure,
    record_of_pause,
)
from loginfix.vault.directory import Vault
from loginfix.words import say

_CODES = {*WRITING} - {ExitCode.BROWSER_RUNNING, ExitCode.BUSY}


@click.command(
    cls=Verb,
    examples=("loginfix schedule run amazon",),
    exit_codes=(
        ExitCode.PARTIAL,
        ExitCode.BACKUP_FAILED,
        ExitCode.NO_BROWSERS,
        ExitCode.SKIPPED,
        *_CODES,
    ),
)
@NAME
@home_option
@backup_dir_option
@output_options
@pass_session
def run(session: Session, *, machine: Machine, name: str) -> ScheduledRun:
    """Do now what a schedule does at its time.

    Never asks. Where nothing is found, that is success. Where a browser stays
    open until the end of the time to wait, the run is skipped.
    """
    priority.give_way()
    schedules = the_schedules(machine)
    schedule = schedules.descriptions.read(name)
    session.journal = machine.directories.journal
    return _Run(session, machine, schedules, schedule).run()


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of one schedule."""

    session: Session
    machine: Machine
    schedules: Schedules
    schedule: Schedule
    clock: Clock = field(default_factory=Clock)
    show: Callable[[str, str], bool] = notify

    def run(self) -> ScheduledRun:
        """Do it, and write down what it came to, also when it fails."""
        name, started = self.schedule.name, self.clock.now()
        if self.schedule.paused:
            return self._tell(record_of_pause(name, now=started))
        try:
            window = timedelta(minutes=self.schedule.window)
            with _told_of_the_end():
                tried = keep_trying(self._attempt, window=window, clock=self.clock)
        except (Exception, KeyboardInterrupt) as error:
            ended = self.clock.now()
            self._tell(record_of_failure(name, error, started=started, ended=ended))
            raise
        pruned, problem = self._prune(tried)
        record = record_of(name, tried, started=started, ended=self.clock.now(), pruned=pruned)
        if problem:
            record = replace(record, problems=(*record.problems, problem))
        return self._tell(record)

    def _attempt(self, only: frozenset[Path] | None) -> ClearResult:
        progress = self.session.progress
        # One of a user at a time; not while waiting, so that none waits for another's browser.
        with run_lock(self.schedules.runs):
            found = find_selected(
                self.schedule.selection, among=only, machine=self.machine, progress=progress
            )
            return clear(
                found,
                close_browsers=self.schedule.close_browser,
                command=command_of(self.schedule.name),
                encrypt_to=self.schedule.encrypt_to,
                progress=progress,
            ).result

    def _prune(self, tried: Tried) -> tuple[tuple[str, ...], Problem | None]:
        """Delete old backups of this schedule, if there is a new one."""
        if not tried.cleared:
            return (), None
        directories = self.machine.directories
        try:
            with run_lock(directories.data):
                pruned = prune_own(
                    Vault(directories.backups),
                    self.schedule.name,
                    keep=self.schedule.keep_backups,
                    now=self.clock.now(),
                    protected=needed_backups(directories.journal),
                )
        except LoginfixError as error:
            return (), error.as_problem()
        return pruned, None

    def _tell(self, record: RunRecord) -> ScheduledRun:
        """Log the record, show a notification, and return the result."""
        try:
            self.schedules.log(record.schedule).append(record)
        except OSError as error:
            path = self.schedules.log(record.schedule).path
            problem = Problem(
                "log-not-written",
                say(
                    "{path} could not be written: {reason}.",
                    path=path,
                    reason=error.strerror or error,
                ),
                say("Check that it belongs to you and that the disk has room."),
                path,
            )
            record = replace(record, problems=(*record.problems, problem))
        result = ScheduledRun(record, self.schedule.selection.sites, self.schedule.keep_backups)
        if self.schedule.notify:
            title = text_schedule.NOTIFICATION_TITLE.format(name=record.schedule)
            self.show(title, text_schedule.sentence(result))
        return result


@contextmanager
def _told_of_the_end() -> Iterator[None]:
    """Take SIGTERM, with which a computer that is switched off says so, for an interruption."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
