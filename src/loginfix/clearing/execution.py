"""Carrying operations out, taking them back, and seeing on the disk how far they are.

Originals go to ``old/`` in the staging directory; staged files come from ``new/``. What is there
is also the mark that tells, after a crash, which operations were carried out:

========= ======================================= ==================== =========================
operation carried out as                          done when            taken back by
========= ======================================= ==================== =========================
replace   staged → target (the original has had a staged is gone       original → target
          second name in ``old/`` since staging)
remove    target → ``old/``                       original in ``old/`` original → target
create    staged → target, which must be free     staged is gone       target → staged
set mtime utime of a directory                    (repeated)           utime, unless it was used
========= ======================================= ==================== =========================

Each is one rename, and before it the target must be what it was when the operation was worked out.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from loginfix.clearing.failures import ChangedMeanwhile, profile_errors
from loginfix.clearing.operations import SWAPS, Fingerprint, Kind, Operation, fingerprint
from loginfix.clearing.writable import WritableTree
from loginfix.errors import ProfileWriteError, UnsafePathError
from loginfix.progress import Progress, counted, silent
from loginfix.words import say

Conflicts = dict[int, ProfileWriteError]
"""The units that were left alone, and why."""


@dataclass(frozen=True, slots=True)
class Place:
    """A root directory and the name of the run's staging directory in it."""

    tree: WritableTree
    staging: str

    @property
    def new(self) -> str:
        """Where staged files are built."""
        return f"{self.staging}/new"

    @property
    def old(self) -> str:
        """Where originals go."""
        return f"{self.staging}/old"

    def saved(self, number: int) -> str:
        """Where the original of the operation with this number goes."""
        return f"{self.old}/{number}"


Places = Mapping[int, Place]
"""Places by the index of their root."""


def is_done(operation: Operation, place: Place) -> bool:
    """See on the disk whether an operation was carried out and not taken back.

    Always false for operations that leave no mark.
    """
    tree, original, staged = place.tree, place.saved(operation.number), operation.staged
    with profile_errors(tree.root, operation.path):
        match operation.kind:
            case Kind.REPLACE:
                return not tree.exists(staged) and tree.exists(original)
            case Kind.REMOVE:
                saved = tree.status(original)
                return saved is not None and not _is_one(tree, saved, operation.path)
            case Kind.CREATE:
                waiting = tree.status(staged)
                return waiting is None or _is_one(tree, waiting, operation.path)
            case _:
                return False


def find_conflicts(operations: Iterable[Operation], places: Places) -> Conflicts:
    """Find the units with a target that is not what their operations left or expect so far."""
    expected: dict[tuple[int, str], tuple[Operation, Fingerprint | None]] = {}
    conflicts: Conflicts = {}
    for operation in operations:
        if operation.kind is Kind.SET_MTIME:
            continue
        with _noted(operation, conflicts):
            if is_done(operation, places[operation.root]):
                expected[operation.target] = operation, operation.after
            else:
                expected.setdefault(operation.target, (operation, operation.before))
    for operation, wanted in expected.values():
        place = places[operation.root]
        with _noted(operation, conflicts), profile_errors(place.tree.root, operation.path):
            _require(operation, place, wanted)
    return conflicts


def forward(
    operations: Sequence[Operation],
    places: Places,
    conflicts: Conflicts,
    progress: Progress = silent,
) -> Conflicts:
    """Carry out what is not done yet, but for the units with ``conflicts``; durable at the end.

    Returns:
        The conflicts, old and new, of units in which something is not done.

    Raises:
        ProfileWriteError: The system refused; what was done until then stands.
    """
    doing = say("Changing the profiles")
    steps = counted(progress, doing, operations, len(operations))
    _run(steps, places, carry_out, conflicts)
    return _still_open(operations, places, conflicts, goal=True)


def backward(operations: Sequence[Operation], places: Places, conflicts: Conflicts) -> Conflicts:
    """Take back what is done, last first; otherwise as ``forward``."""
    _run(operations[::-1], places, take_back, conflicts)
    return _still_open(operations, places, conflicts, goal=False)


def flush(places: Places) -> None:
    """Make every changed name durable."""
    for place in places.values():
        with profile_errors(place.tree.root):
            place.tree.flush()


def carry_out(operation: Operation, place: Place) -> None:
    """Do an operation that is not done yet.

    Raises:
        ChangedMeanwhile: The target is not what it was; nothing was done.
    """
    tree, path = place.tree, operation.path
    if operation.kind is Kind.SET_MTIME:
        if operation.mtimes_ns and tree.exists(path):
            tree.set_directory_time(path, operation.mtimes_ns[1])
        return
    if operation.kind is Kind.EXPECT or is_done(operation, place):
        return
    _require(operation, place, operation.before)
    match operation.kind:
        case Kind.REPLACE:
            tree.rename(operation.staged, path)
        case Kind.REMOVE:
            tree.rename(path, place.saved(operation.number))
        case Kind.CREATE:
            for parent in operation.parents:
                tree.make_directory(parent)
            tree.rename_to_new(operation.staged, path)


def take_back(operation: Operation, place: Place) -> None:
    """Undo an operation, as far as it is done.

    Raises:
        ChangedMeanwhile: The target is not what the operation left; nothing was done.
    """
    tree, path = place.tree, operation.path
    if operation.kind is Kind.SET_MTIME:
        _take_back_time(operation, tree)
        return
    if is_done(operation, place):
        _require(operation, place, operation.after)
        match operation.kind:
            case Kind.REPLACE:
                tree.rename(place.saved(operation.number), path)
            case Kind.REMOVE:
                tree.rename_to_new(place.saved(operation.number), path)
            case Kind.CREATE if tree.exists(operation.staged):  # killed between its two names
                tree.unlink(path)
            case Kind.CREATE:
                tree.rename(path, operation.staged)
    for parent in reversed(operation.parents):  # they may have been made for nothing
        tree.remove_directory(parent)


def _run(
    operations: Iterable[Operation],
    places: Places,
    step: Callable[[Operation, Place], None],
    conflicts: Conflicts,
) -> None:
    phase = None
    for operation in operations:
        if operation.phase != phase:
            flush(places)
            phase = operation.phase
        if operation.unit in conflicts:
            continue
        place = places[operation.root]
        with _noted(operation, conflicts), profile_errors(place.tree.root, operation.path):
            step(operation, place)
    flush(places)


def _still_open(
    operations: Iterable[Operation], places: Places, conflicts: Conflicts, *, goal: bool
) -> Conflicts:
    units = {
        operation.unit
        for operation in operations
        if operation.unit in conflicts
        and operation.kind in SWAPS
        and is_done(operation, places[operation.root]) is not goal
    }
    return {unit: error for unit, error in conflicts.items() if unit in units}


@contextmanager
def _noted(operation: Operation, conflicts: Conflicts) -> Iterator[None]:
    try:
        yield
    except (ChangedMeanwhile, UnsafePathError) as error:
        conflicts.setdefault(operation.unit, error)


def _require(operation: Operation, place: Place, wanted: Fingerprint | None) -> None:
    found = fingerprint(place.tree, operation.path)
    if not (wanted.fits(found) if wanted else found is None):
        raise ChangedMeanwhile(place.tree.root / operation.path)


def _is_one(tree: WritableTree, one: os.stat_result, path: str) -> bool:
    try:
        other = tree.status(path)
    except UnsafePathError:
        return False
    return other is not None and os.path.samestat(one, other)


def _take_back_time(operation: Operation, tree: WritableTree) -> None:
    if operation.mtimes_ns is None or not tree.exists(operation.path):
        return
    before, after = operation.mtimes_ns
    if before is not None and tree.stat(operation.path).st_mtime_ns == after:
        tree.set_directory_time(operation.path, before)
