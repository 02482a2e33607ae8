"""Ending interrupted runs, with the browsers' locks held as the run itself held them."""

from contextlib import ExitStack
from dataclasses import dataclass

from loginfix.browsers.locks import release_stale
from loginfix.clearing.guard import holding
from loginfix.clearing.recovery import Action, RecoveryOutcome, pending, recover
from loginfix.clearing.runlock import run_lock
from loginfix.clearing.staged_run import profiles_of
from loginfix.directories import Directories
from loginfix.errors import ExitCode, Problem
from loginfix.vault.directory import Vault


@dataclass(frozen=True, slots=True)
class RecoverResult:
    """What was done about interrupted runs; empty when there was none."""

    outcomes: tuple[RecoveryOutcome, ...]

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
        return ExitCode.DONE if self.outcomes else ExitCode.NOTHING_FOUND


def recover_all(directories: Directories, *, undo: bool = False) -> RecoverResult:
    """Finish every interrupted run or, with ``undo``, put everything back.

    Raises:
        LoginfixError: A browser has one of the profiles open, or another loginfix is at work.
    """
    with run_lock(directories.data):
        return recover_pending(directories, undo=undo)


def recover_pending(directories: Directories, *, undo: bool = False) -> RecoverResult:
    """The same for a caller that holds the run lock; every command that writes does it first.

    Raises:
        LoginfixError: A browser has one of the profiles open.
    """
    records = pending(directories.journal)
    profiles = [p for record in records for p in profiles_of(record.details.get("profiles", "[]"))]
    present = [profile for profile in dict.fromkeys(profiles) if profile.path.is_dir()]
    for profile in present:
        release_stale(profile)
    with ExitStack() as stack:
        _, running = stack.enter_context(holding(present))
        if running:
            raise running[0]
        outcomes = tuple(recover(directories.journal, undo=undo))
    vault = Vault(directories.backups)
    for outcome in outcomes:
        if outcome.purpose == "clear" and _nothing_is_missing(outcome):
            _drop_backup(vault, outcome.run_id)
    vault.remove_leftovers()
    return RecoverResult(outcomes)


def _nothing_is_missing(outcome: RecoveryOutcome) -> bool:
    ended = outcome.action in (Action.DISCARDED, Action.UNDONE)
    return ended and not outcome.conflicts


def _drop_backup(vault: Vault, backup_id: str) -> None:
    """A backup of what was never removed would only look as if something could come back."""
    if vault.path(backup_id).exists():
        vault.delete(backup_id)
