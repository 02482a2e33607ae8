"""Staged changes to one directory of a profile: what a store sees of the transaction."""

from dataclasses import dataclass
from itertools import count
from pathlib import Path

from loginfix.clearing.transaction import Transaction

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class StagedRoot:
    """The ``Workspace`` of one root directory; ``label`` keeps scratch names readable."""

    transaction: Transaction
    root: Path
    label: str

    def scratch(self, name: str) -> Path:
        """See ``Workspace``."""
        return self.transaction.scratch(self.root) / f"{next(_numbers)}-{self.label}-{name}"

    def replace(self, rel: str, staged: Path) -> None:
        """See ``Workspace``."""
        self.transaction.replace(self.root, rel, staged)

    def remove(self, rel: str) -> None:
        """See ``Workspace``."""
        self.transaction.remove(self.root, rel)

    def create(self, rel: str, staged: Path) -> None:
        """See ``Workspace``."""
        self.transaction.create(self.root, rel, staged)

    def set_mtime(self, rel: str, mtime_ns: int) -> None:
        """See ``Workspace``."""
        self.transaction.set_mtime(self.root, rel, mtime_ns)

    def barrier(self) -> None:
        """See ``Workspace``."""
        self.transaction.barrier()

    def staged(self, rel: str) -> Path | None:
        """See ``Workspace``."""
        return self.transaction.staged(self.root, rel)
