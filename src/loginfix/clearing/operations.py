"""The operations of a transaction, as data, and the fingerprints that guard their targets."""

import hashlib
import os
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from loginfix.files import anchor
from loginfix.files.tree import Tree
from loginfix.words import say


class Kind(StrEnum):
    """What an operation does to its target."""

    REPLACE = "replace"
    REMOVE = "remove"
    CREATE = "create"
    EXPECT = "expect"
    SET_MTIME = "set-mtime"


SWAPS = (Kind.REPLACE, Kind.REMOVE, Kind.CREATE)
"""The kinds that change what a name means, and leave a mark when they are done."""


class Fingerprint(NamedTuple):
    """What a target is, by inode: another file with the same content is another file.

    An ``inode`` of 0 stands for any: where the file system has no hard links, an original that is
    put back is a copy. Of a directory, ``digest`` covers the names, sizes and times of everything
    below, and ``size`` and ``mtime_ns`` are 0. The device is left out: its number may differ after
    a restart.
    """

    inode: int
    size: int
    mtime_ns: int
    digest: str = ""

    @property
    def is_directory(self) -> bool:
        """Whether it is the fingerprint of a directory."""
        return bool(self.digest)

    def with_any_inode(self) -> "Fingerprint":
        """The same for a copy of the file."""
        return self._replace(inode=0)

    def fits(self, found: "Fingerprint | None") -> bool:
        """Whether what was found is what this stands for."""
        return found is not None and self in (found, found.with_any_inode())


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on ``path`` below the root with the index ``root``.

    ``number`` names the original in the staging directory. Operations of the same ``unit`` stand
    or fall together; those of a later ``phase`` begin when all earlier ones are durable.
    ``before`` and ``after`` are the target's fingerprints, None where nothing is. ``staged`` is
    the new file, below the same root. ``parents`` are the directories that a new file needs and
    that were missing, outermost first. ``mtimes_ns`` are a directory's times before (None where
    there was none yet) and after.
    """

    kind: Kind
    root: int
    path: str
    number: int
    before: Fingerprint | None = None
    after: Fingerprint | None = None
    staged: str = ""
    parents: tuple[str, ...] = ()
    mtimes_ns: tuple[int | None, int] | None = None
    unit: int = 0
    phase: int = 0

    @property
    def target(self) -> tuple[int, str]:
        """Root and path."""
        return self.root, self.path


def fingerprint(tree: Tree, rel: str) -> Fingerprint | None:
    """Take the fingerprint of a file or directory; None where nothing is.

    Raises:
        UnsafePathError: It is a link or a special file, or behind a link.
    """
    try:
        status = tree.stat(rel)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return fingerprint_of(tree, rel, status)


def fingerprint_of(tree: Tree, rel: str, status: os.stat_result) -> Fingerprint:
    """The same of what is there, with this status."""
    kind = anchor.kind_of(status)
    if kind is anchor.EntryKind.OTHER:
        raise anchor.unsafe(tree.root / rel, say("is not a plain file"))
    if kind is anchor.EntryKind.FILE:
        return Fingerprint(status.st_ino, status.st_size, status.st_mtime_ns)
    digest = hashlib.sha256()
    for path, below in tree.walk(rel):
        facts = f"\0{below.st_mode}\0{below.st_size}\0{below.st_mtime_ns}\0"
        digest.update(os.fsencode(path[len(rel) :] + facts))
    return Fingerprint(status.st_ino, 0, 0, digest.hexdigest())
