"""Bringing interrupted runs to an end.

It can itself be interrupted at any moment and run again. The caller holds the run lock and, as for
the run itself, the locks of the browsers whose profiles are among the ``roots``.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from loginfix.clearing import journal
from loginfix.clearing.closing import conclude, discard, nothing
from loginfix.clearing.execution import Conflicts, Place, Places, backward, find_conflicts, forward
from loginfix.clearing.journal import JournalRecord, State
from loginfix.clearing.writable import WritableTree
from loginfix.errors import LoginfixError, Problem, ProfileWriteError
from loginfix.words import say


class Action(StrEnum):
    """What was done about an interrupted run."""

    DISCARDED = "discarded"  # it had changed nothing yet
    FINISHED = "finished"
    UNDONE = "undone"
    TIDIED = "tidied"  # it was finished already
    LEFT = "left"  # see the problem


_ENDED = {
    State.STAGING: Action.DISCARDED,
    State.UNDONE: Action.UNDONE,
    State.COMMITTED: Action.TIDIED,
}


@dataclass(frozen=True, slots=True)
class RecoveryOutcome:
    """What came of one interrupted run.

    ``conflicts`` are files that another program has changed since and that were left as they are.
    ``kept`` are staging directories that still hold an original that would otherwise be lost.
    """

    action: Action
    run_id: str = ""
    purpose: str = ""
    details: Mapping[str, str] | None = None
    backup: str = ""
    roots: tuple[Path, ...] = ()
    conflicts: tuple[Problem, ...] = ()
    kept: tuple[Path, ...] = ()
    problem: Problem | None = None


def pending(journal_dir: Path) -> list[JournalRecord]:
    """The interrupted runs, as far as their records can be read; changes nothing."""
    return journal.read_all(journal_dir)[0]


def recover(
    journal_dir: Path,
    *,
    undo: bool = False,
    when_undone: Callable[[JournalRecord], None] = lambda _: None,
) -> list[RecoveryOutcome]:
    """End every interrupted run: finish it, or with ``undo`` put everything back.

    A run that had already decided keeps to it. One that cannot be ended is left for the next time,
    with its problem in the outcome; the others go on. ``when_undone`` is called with each of which
    nothing stands, before it is forgotten.

    Raises:
        JournalError: The journal directory cannot be used.
    """
    journal.discard_torn(journal_dir)
    records, problems = journal.read_all(journal_dir)
    outcomes = [RecoveryOutcome(Action.LEFT, problem=problem) for problem in problems]
    for record in records:
        outcome = RecoveryOutcome(
            Action.LEFT, record.run_id, record.purpose, record.details, record.backup, record.roots
        )
        try:
            with _places(record) as places:
                ended = _end(
                    journal_dir, record, places, outcome, undo=undo, when_undone=when_undone
                )
                outcomes.append(ended)
        except LoginfixError as error:
            outcomes.append(replace(outcome, problem=error.as_problem()))
    return outcomes


def _end(
    journal_dir: Path,
    record: JournalRecord,
    places: Places,
    outcome: RecoveryOutcome,
    *,
    undo: bool,
    when_undone: Callable[[JournalRecord], None],
) -> RecoveryOutcome:
    def last() -> None:
        when_undone(record)

    if record.state in _ENDED:
        action = _ENDED[record.state]
        discard(journal_dir, record, places, nothing if action is Action.TIDIED else last)
        return replace(outcome, action=action)
    # Where the staging directory is gone, somebody has settled the matter by hand.
    here = {index for index, place in places.items() if place.tree.exists(place.staging)}
    operations = tuple(each for each in record.operations if each.root in here)
    record = replace(record, operations=operations)
    if undo:
        record = replace(record, state=State.UNDOING)
        journal.write(journal_dir, record)
    conflicts = find_conflicts(operations, places)
    if record.state is State.UNDOING:
        conflicts = backward(operations, places, conflicts)
        action, end = Action.UNDONE, State.UNDONE
    else:
        conflicts = forward(operations, places, conflicts)
        action, end = Action.FINISHED, State.COMMITTED
    conclude(journal_dir, record, places, conflicts, end, last)
    return replace(outcome, action=action, conflicts=_problems(conflicts), kept=_left_over(places))


def _problems(conflicts: Conflicts) -> tuple[Problem, ...]:
    return tuple(error.as_problem() for error in conflicts.values())


def _left_over(places: Places) -> tuple[Path, ...]:
    return tuple(
        place.tree.root / place.staging
        for place in places.values()
        if place.tree.exists(place.staging)
    )


@contextmanager
def _places(record: JournalRecord) -> Iterator[dict[int, Place]]:
    with ExitStack() as stack:
        places = {}
        for index, root in enumerate(record.roots):
            try:
                tree = stack.enter_context(WritableTree(root))
            except OSError as error:
                raise ProfileWriteError(
                    say(
                        "An interrupted run changed {root}, which cannot be opened now: {reason}.",
                        root=root,
                        reason=error.strerror,
                    ),
                    next_step=say(
                        "Connect the disk that it is on, then run `loginfix recover`. If you"
                        " deleted this profile, delete the record {run_id}.journal as well.",
                        run_id=record.run_id,
                    ),
                    path=root,
                ) from error
            places[index] = Place(tree, record.staging)
        yield places
