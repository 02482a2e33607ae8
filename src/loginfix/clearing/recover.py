"""Ending interrupted runs, with the browsers' locks held as the run itself held them."""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace

from loginfix.browsers.locks import release_stale
from loginfix.browsers.model import Profile
from loginfix.clearing.guard import holding
from loginfix.clearing.journal import JournalRecord
from loginfix.clearing.recovery import RecoveryOutcome, pending, recover
from loginfix.clearing.runlock import run_lock
from loginfix.clearing.staged_run import profiles_of
from loginfix.directories import Directories
from loginfix.errors import ExitCode, Problem
from loginfix.files.scratch import remove_abandoned
from loginfix.vault.directory import Vault


@dataclass(frozen=True, slots=True)
class RecoverResult:
    """What was done about interrupted runs; empty when there was none.

    ``unlocked`` are profiles whose browser can start again: a killed run had left its lock.
    """

    outcomes: tuple[RecoveryOutcome, ...]
    unlocked: tuple[Profile, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be ended as it should."""
        return tuple(
            problem
            for outcome in self.outcomes
            for problem in (*outcome.conflicts, outcome.problem)
            if problem is not None
        )

    @property
    def exit_code(self) -> ExitCode:
        """How the process should end."""
        if self.problems:
            return ExitCode.PARTIAL
        return ExitCode.DONE if self.outcomes or self.unlocked else ExitCode.NOTHING_FOUND


def recover_all(
    directories: Directories, installed: Iterable[Profile] = (), *, undo: bool = False
) -> RecoverResult:
    """Finish every interrupted run or, with ``undo``, put everything back.

    A run that was killed before it recorded anything, or after it had forgotten everything, may
    have left the lock of one of the ``installed`` profiles: its browser would not start.

    Raises:
        LoginfixError: A browser has one of the profiles open, or another loginfix is at work.
    """
    with run_lock(directories.data):
        unlocked = tuple(profile for profile in installed if release_stale(profile))
        return replace(recover_pending(directories, undo=undo), unlocked=unlocked)


def recover_pending(directories: Directories, *, undo: bool = False) -> RecoverResult:
    """The same for a caller that holds the run lock; every command that writes does it first.

    Raises:
        LoginfixError: A browser has one of the profiles open.
    """
    vault = Vault(directories.backups)

    def drop_backup(record: JournalRecord) -> None:
        # What was never removed must not look as if it could come back.
        if record.purpose == "clear":
            vault.drop(record.run_id)

    records = pending(directories.journal)
    profiles = [p for record in records for p in profiles_of(record.details.get("profiles", "[]"))]
    present = [profile for profile in dict.fromkeys(profiles) if profile.path.is_dir()]
    for profile in present:
        release_stale(profile)
    with ExitStack() as stack:
        _, running = stack.enter_context(holding(present))
        if running:
            raise running[0]
        outcomes = recover(directories.journal, undo=undo, when_undone=drop_backup)
    vault.remove_leftovers()
    remove_abandoned()
    return RecoverResult(tuple(outcomes))
