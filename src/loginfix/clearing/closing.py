"""The end of a run: nothing of it is left, neither in the profile nor in the journal."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from loginfix.clearing.execution import Conflicts, Place, Places
from loginfix.clearing.failures import profile_errors
from loginfix.clearing.journal import JournalRecord, State, erase, write
from loginfix.clearing.operations import Kind, Operation
from loginfix.files.anchor import EntryKind, kind_of, unsafe
from loginfix.words import say


def nothing() -> None:
    """Nothing more is to be done before a run is forgotten."""


def conclude(
    directory: Path,
    record: JournalRecord,
    places: Places,
    conflicts: Conflicts,
    end: State,
    when_undone: Callable[[], None] = nothing,
) -> bool:
    """Make ``end`` durable, remove the staging directories, then the journal.

    An original that a conflict left in a staging directory may be the only copy of it: then that
    one stays, and so does the journal, which names nothing else from then on. ``when_undone`` is
    called where everything is as it was before the run; see ``discard``.

    Returns:
        Whether nothing is left.
    """
    open_operations = [each for each in record.operations if each.unit in conflicts]
    stranded = [each for each in open_operations if _holds_original(each, places[each.root])]
    if not stranded:
        write(directory, replace(record, state=end, operations=()))
        all_is_back = end is State.UNDONE and not conflicts
        discard(directory, record, places, when_undone if all_is_back else nothing)
        return True
    write(directory, replace(record, operations=tuple(open_operations)))
    for index, place in places.items():
        purge(place, keep=[each for each in stranded if each.root == index])
    return False


def discard(
    directory: Path, record: JournalRecord, places: Places, last: Callable[[], None] = nothing
) -> None:
    """Remove the staging directories, then the journal: it must outlive what it names.

    ``last`` is called in between. What it does is done again if we are killed before its end.
    """
    for place in places.values():
        purge(place)
    last()
    erase(directory, record.run_id)


def purge(place: Place, keep: Iterable[Operation] = ()) -> None:
    """Remove the staging directory, or only the originals but for those of ``keep``, durably."""
    tree = place.tree
    kept = {place.saved(operation.number) for operation in keep}
    with profile_errors(tree.root / place.staging):
        if not tree.exists(place.staging):
            return
        if kind_of(tree.stat(place.staging)) is not EntryKind.DIRECTORY:
            raise unsafe(tree.root / place.staging, say("is not a folder"))
        if not kept:
            tree.remove(place.staging)
        else:
            for entry in tree.list(place.old):
                if entry.path not in kept:
                    tree.remove(entry.path)
        tree.flush()


def _holds_original(operation: Operation, place: Place) -> bool:
    if not place.tree.exists(place.saved(operation.number)):
        return False
    return operation.kind is Kind.REMOVE or not place.tree.exists(operation.staged)
