"""One run's changes to a profile: all of them happen, or none.

The order of writes, and why each must come before the next, is in
``docs/explanation/transaction.md``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from loginfix.clearing import journal
from loginfix.clearing.closing import conclude, discard, nothing
from loginfix.clearing.execution import backward, find_conflicts, flush, forward
from loginfix.clearing.failures import journal_errors, profile_errors
from loginfix.clearing.journal import STAGING_PREFIX, JournalRecord, State
from loginfix.clearing.recording import Recording
from loginfix.errors import Problem
from loginfix.files.durable import private_directory
from loginfix.progress import Progress, silent

__all__ = ["STAGING_PREFIX", "Transaction"]

_RUN_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")


class Transaction(Recording):
    """Stage, prepare, commit; then finish or undo.

    The caller holds the run lock, and each browser's own lock from the first staged change to the
    end. Roots must not lie inside each other. An exception leaves everything as it is, for
    ``undo`` or, in a later run, ``recover``.

    What moves on to another state raises ``JournalError`` when that cannot be recorded.
    """

    def __init__(
        self, journal_dir: Path, record: JournalRecord, when_undone: Callable[[], None]
    ) -> None:
        """Use ``begin``."""
        super().__init__(record.staging)
        self._journal_dir = journal_dir
        self._record = record
        self._when_undone = when_undone

    @classmethod
    def begin(
        cls,
        journal_dir: Path,
        run_id: str,
        *,
        purpose: str,
        details: Mapping[str, str],
        when_undone: Callable[[], None] = nothing,
    ) -> Self:
        """Record durably that a run begins; ``purpose`` and ``details`` are for its messages.

        ``when_undone`` is called where nothing of it stands, before it is forgotten.
        """
        if not _RUN_ID.fullmatch(run_id):
            raise ValueError(f"not a run id: {run_id!r}")
        with journal_errors(journal_dir):
            private_directory(journal_dir)
        record = JournalRecord(run_id, State.STAGING, purpose, dict(details))
        journal.write(journal_dir, record)
        return cls(journal_dir, record, when_undone)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the directories; what is on the disk stays as it is."""
        for place in self._places.values():
            place.tree.close()

    def prepare(self, *, backup: str) -> None:
        """Make the whole plan durable; from here on a killed run is finished by ``recover``.

        ``backup`` names the backup, which must be complete by now, or is empty.
        """
        self._require(State.STAGING)
        flush(self._places)
        self._advance(State.PREPARED, backup=backup, operations=tuple(self._operations))

    def commit(self, progress: Progress = silent) -> None:
        """Carry everything out; the originals stay in the staging directories.

        Raises:
            ChangedMeanwhile: A target is not what it was; ``undo`` what was done.
            ProfileWriteError: The system refused; ``undo`` what was done.
        """
        self._require(State.PREPARED)
        conflicts = find_conflicts(self._operations, self._places)
        if not conflicts:
            conflicts = forward(self._operations, self._places, conflicts, progress)
        for error in conflicts.values():
            raise error
        self._advance(State.COMMITTED, operations=())

    def undo(self) -> tuple[Problem, ...]:
        """Put everything back: content, mode, times and inodes. Nothing is left of the run.

        Returns:
            What could not be put back, because another program has changed it since. The
            originals then stay in the staging directory, and the journal with them.
        """
        if self._record.state is State.STAGING:
            self.abandon()
            return ()
        self._require(State.PREPARED, State.COMMITTED, State.UNDOING)
        self._advance(State.UNDOING, operations=tuple(self._operations))
        conflicts = find_conflicts(self._operations, self._places)
        conflicts = backward(self._operations, self._places, conflicts)
        conclude(
            self._journal_dir,
            self._record,
            self._places,
            conflicts,
            State.UNDONE,
            self._when_undone,
        )
        self._put_back_times()
        return tuple(error.as_problem() for error in conflicts.values())

    def finish(self) -> None:
        """Remove the originals, the staging directories and the journal."""
        self._require(State.COMMITTED)
        discard(self._journal_dir, self._record, self._places)
        self.close()

    def abandon(self) -> None:
        """Before ``prepare`` has succeeded: remove what was staged. Nothing has happened."""
        self._require(State.STAGING)
        # A failed `prepare` may have reached the disk all the same: recovery must not follow it.
        self._advance(State.UNDONE)
        for place in self._places.values():
            place.tree.give_up()
        discard(self._journal_dir, self._record, self._places, self._when_undone)
        self._put_back_times()

    def _announce(self, root: Path) -> None:
        self._advance(State.STAGING, roots=(*self._record.roots, root))

    def _advance(self, state: State, **changes: Any) -> None:
        record = replace(self._record, state=state, **changes)
        journal.write(self._journal_dir, record)
        self._record = record

    def _require(self, *states: State) -> None:
        if self._record.state not in states:
            raise ValueError(f"not possible in the state {self._record.state!r}")

    def _put_back_times(self) -> None:
        for place in self._places.values():
            with profile_errors(place.tree.root):
                place.tree.put_back_times()
        self.close()
