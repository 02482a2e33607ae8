"""Working out what a transaction is to do; the profile's own files stay as they are."""

import errno
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from loginfix.clearing.execution import Place
from loginfix.clearing.failures import profile_errors
from loginfix.clearing.operations import (
    SWAPS,
    Fingerprint,
    Kind,
    Operation,
    fingerprint,
    fingerprint_of,
)
from loginfix.clearing.writable import WritableTree, parents_of
from loginfix.files import anchor
from loginfix.words import say


class Recording(ABC):
    """The operations recorded so far, and the staging directories of the roots that they touch.

    Each operation is complete when it is recorded: its staged file has its final mode and time, its
    original has its second name. All of it is durable when every place was flushed. A store that
    fails can be rolled back alone.

    All methods raise ``ProfileWriteError`` when the system refuses, ``UnsafePathError`` at links
    and ``ChangedMeanwhile`` where a file is missing or in the way.
    """

    def __init__(self, name: str) -> None:
        """``name`` is the name of the staging directory in each root."""
        self._name = name
        self._places: dict[int, Place] = {}
        self._roots: dict[Path, int] = {}
        self._scratch: dict[Path, Path] = {}
        self._disks: dict[int, int] = {}
        self._ready: set[tuple[int, str]] = set()
        self._operations: list[Operation] = []
        self._latest: dict[tuple[int, str], int] = {}
        self._staged: set[str] = set()
        self._numbers = 0
        self._unit: int | None = None
        self._named_units: dict[str, int] = {}
        self._phase = 0

    @abstractmethod
    def _announce(self, root: Path) -> None:
        """Record durably that ``root`` will have a staging directory."""

    def scratch(self, root: Path) -> Path:
        """Give the private directory for edited copies, on the same file system as ``root``."""
        self._place(root)
        return self._scratch[root]

    def replace(self, root: Path, rel: str, staged: Path) -> None:
        """Swap ``staged``, a file below ``scratch(root)``, in for the file ``rel``.

        It gets the mode, owner and modification time of the original.
        """
        index, place = self._place(root)
        tree, number = place.tree, self._next_number()
        with profile_errors(root, rel):
            before = self._expected(index, rel)
            if before is None or before.is_directory:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            source = self._source(index, staged)
            previous = self._previous(index, rel)
            original = previous.staged if previous and previous.staged else rel
            settled = tree.settle(source, like=tree.stat(original), target=rel)
            # Now and not at the commit: the second name must be durable before the swap.
            saved = place.saved(number)
            if not tree.link(original, saved):
                tree.copy(original, saved)
                before = before.with_any_inode()
                if previous:
                    self._amend(previous, after=before)
            after = fingerprint_of(tree, source, settled)
        self._add(Operation(Kind.REPLACE, index, rel, number, before, after, staged=source))

    def remove(self, root: Path, rel: str) -> None:
        """Take a file away, or a directory with everything in it."""
        index, place = self._place(root)
        with profile_errors(root, rel):
            previous = self._previous(index, rel)
            status = place.tree.status(rel)
            if previous:
                before = previous.after
            else:
                before = status and fingerprint_of(place.tree, rel, status)
            if before is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            self._require_same_disk(index, rel, status)
        self._add(Operation(Kind.REMOVE, index, rel, self._next_number(), before))

    def create(self, root: Path, rel: str, staged: Path) -> None:
        """Put ``staged``, a file or directory below ``scratch(root)``, where nothing is.

        Missing parents are made, and removed by ``undo``.
        """
        index, place = self._place(root)
        tree = place.tree
        with profile_errors(root, rel):
            if self._expected(index, rel) is not None:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            source = self._source(index, staged)
            status = tree.stat(source)
            if anchor.kind_of(status) is anchor.EntryKind.DIRECTORY:
                after = fingerprint_of(tree, source, status)
                tree.settle_tree(source, target=rel)
            else:
                after = fingerprint_of(tree, source, tree.settle(source, target=rel))
            missing = self._missing_parents(index, rel)
        number, parents = self._next_number(), tuple(reversed(missing))
        self._add(
            Operation(Kind.CREATE, index, rel, number, None, after, staged=source, parents=parents)
        )

    def expect(self, root: Path, rel: str) -> None:
        """Let ``rel``, or its absence, guard the unit: it must be the same when it is committed."""
        index, _ = self._place(root)
        with profile_errors(root, rel):
            found = self._expected(index, rel)
        self._add(Operation(Kind.EXPECT, index, rel, self._next_number(), found, found))

    def set_mtime(self, root: Path, rel: str, mtime_ns: int) -> None:
        """Give a directory, or a file that this transaction puts there, a modification time.

        In nanoseconds. A directory's turn must come after all operations that change names in it.
        Where a browser goes by its time, put it into one ``unit`` with the files that the time
        speaks of, so that recovery leaves it alone after the browser was there.
        """
        index, place = self._place(root)
        tree = place.tree
        previous = self._previous(index, rel)
        with profile_errors(root, rel):
            if previous and previous.staged and previous.after and not previous.after.is_directory:
                settled = tree.settle(previous.staged, mtime_ns=mtime_ns, target=rel)
                self._amend(previous, after=fingerprint_of(tree, previous.staged, settled))
                return
            before = None
            if tree.exists(rel):
                status = tree.stat(rel)
                if anchor.kind_of(status) is not anchor.EntryKind.DIRECTORY:
                    raise anchor.unsafe(root / rel, say("is not a folder"))
                before = status.st_mtime_ns
        self._add(
            Operation(Kind.SET_MTIME, index, rel, self._next_number(), mtimes_ns=(before, mtime_ns))
        )

    def barrier(self) -> None:
        """Let everything before be durable before anything after it begins."""
        self._phase += 1

    @contextmanager
    def unit(self, name: str = "") -> Iterator[None]:
        """Let the operations inside stand or fall together.

        Where recovery finds that another program has changed one of their targets, all that are
        not done yet are left alone. Otherwise each operation is a unit of its own, except that
        operations on one target always share theirs. A ``name`` goes on with the unit of that name.
        """
        if self._unit is not None:
            yield
            return
        self._unit = self._named_units.get(name) or self._next_number()
        try:
            yield
        finally:
            if name:
                self._named_units[name] = self._unit
            self._unit = None

    def staged(self, root: Path, rel: str) -> Path | None:
        """The file that will be at ``rel`` by the operations so far; None where it is untouched."""
        index = self._roots.get(root)
        previous = None if index is None else self._previous(index, rel)
        return root / previous.staged if previous and previous.staged else None

    def savepoint(self) -> int:
        """Mark a point to return to with ``rollback_to``."""
        return len(self._operations)

    def rollback_to(self, savepoint: int) -> None:
        """Forget the operations recorded since; what was staged for them is removed at the end."""
        del self._operations[savepoint:]
        self._latest.clear()
        for at, operation in enumerate(self._operations):
            self._index(at, operation)

    def targets(self, root: Path) -> set[str]:
        """The paths below ``root`` where something else will be, a file or a whole directory."""
        index = self._roots.get(root)
        return {each.path for each in self._operations if each.root == index and each.kind in SWAPS}

    def _place(self, root: Path) -> tuple[int, Place]:
        if root not in self._roots:
            with profile_errors(root):
                self._open(root)
        index = self._roots[root]
        return index, self._places[index]

    def _open(self, root: Path) -> None:
        """Make the staging directory. The journal names it before it exists."""
        tree = WritableTree(root.absolute())
        place = Place(tree, self._name)
        if tree.exists(place.staging):
            tree.close()
            raise anchor.unsafe(root / place.staging, say("is in the way"))
        index = len(self._places)
        self._places[index] = place
        self._announce(tree.root)
        for directory in (place.staging, place.new, place.old):
            tree.make_directory(directory)
        self._disks[index] = tree.stat(place.staging).st_dev
        self._scratch[root] = root / place.new
        self._roots[root] = index

    def _previous(self, index: int, rel: str) -> Operation | None:
        at = self._latest.get((index, rel))
        return None if at is None else self._operations[at]

    def _expected(self, index: int, rel: str) -> Fingerprint | None:
        """What the operations so far will have left."""
        previous = self._previous(index, rel)
        return previous.after if previous else fingerprint(self._places[index].tree, rel)

    def _source(self, index: int, staged: Path) -> str:
        """The path of a staged file below its root."""
        place = self._places[index]
        root, path = str(place.tree.root) + os.sep, str(staged.absolute())
        source = path.removeprefix(root).replace(os.sep, "/")
        if not (path.startswith(root) and source.startswith(f"{place.new}/")) or (
            source in self._staged
        ):
            raise ValueError(f"{staged} is not a new file below the scratch directory of its root")
        self._staged.add(source)
        return source

    def _missing_parents(self, index: int, rel: str) -> list[str]:
        """The directories that a new file needs and that are not there, innermost first."""
        at = index, rel.rpartition("/")[0]
        if at in self._ready:  # what holds for one of its files holds for thousands
            return []
        tree = self._places[index].tree
        missing = [parent for parent in parents_of(rel) if not tree.exists(parent)]
        self._require_same_disk(index, rel, tree.status(rel))
        if not missing:
            self._ready.add(at)
        return missing

    def _require_same_disk(self, index: int, rel: str, status: os.stat_result | None) -> None:
        """Fail now rather than at the commit where a rename into staging cannot work."""
        tree = self._places[index].tree
        above = parents_of(rel)
        while status is None:
            status = tree.status(next(above))
        if status.st_dev != self._disks[index]:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    def _next_number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _add(self, operation: Operation) -> None:
        unit = operation.number if self._unit is None else self._unit
        previous = self._previous(*operation.target)
        if previous and previous.unit != unit:
            self._join(unit, previous.unit)
            unit = previous.unit
        operation = replace(operation, unit=unit, phase=self._phase)
        self._index(len(self._operations), operation)
        self._operations.append(operation)

    def _amend(self, operation: Operation, *, after: Fingerprint | None) -> None:
        self._operations[self._latest[operation.target]] = replace(operation, after=after)

    def _join(self, unit: int, other: int) -> None:
        if self._unit is not None:
            self._unit = other
        self._operations = [
            replace(each, unit=other) if each.unit == unit else each for each in self._operations
        ]

    def _index(self, at: int, operation: Operation) -> None:
        if operation.kind in SWAPS:
            self._latest[operation.target] = at
