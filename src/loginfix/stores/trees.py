"""Files and whole directories on their way into a backup and out of it."""

import hashlib
import os
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from loginfix.errors import UnsafePathError
from loginfix.files.tree import Entry, Tree
from loginfix.stores.model import BackupSink, Place, SavedFile, SavedStore
from loginfix.stores.times import written
from loginfix.words import say

_TABLE = "directories"
_MODES = 0o7777
_AFTER_SLASH = chr(ord("/") + 1)
# No browser gives its files such names, and no backup can hold them for every system.
_UNFIT = frozenset("\\:\0")


class Measure(NamedTuple):
    """Number and bytes of files, and when the newest was written."""

    files: int
    size: int
    written: datetime | None


def measure(place: Place, rel: str) -> Measure:
    """Look at the files at ``rel``: a file, or a directory with all below it.

    Raises:
        UnsafePathError: Something in it is a link or a special file, or has a name that cannot be
            kept in a backup.
    """
    found = [each.stat() for each in _below(place.tree.entry(rel)) if each.is_file()]
    newest = max((each.st_mtime for each in found), default=0)
    return Measure(len(found), sum(each.st_size for each in found), written(newest))


def back_up(place: Place, rel: str, backup: BackupSink) -> None:
    """Hand in a file, or a directory with everything in it, empty directories too.

    Raises:
        UnsafePathError: As ``measure``.
    """
    for entry in _below(place.tree.entry(rel)):
        status = entry.stat()
        mode, mtime = status.st_mode & _MODES, status.st_mtime_ns
        if entry.is_dir():
            backup.row(_TABLE, "deleted", {"rel": entry.path, "mode": mode, "mtime_ns": mtime})
        else:
            with place.tree.open(entry.path) as source:
                backup.file(entry.path, source, mode=mode, mtime_ns=mtime)


@dataclass(frozen=True, slots=True)
class SavedDirectory:
    """A directory out of a backup; ``mode`` and ``mtime_ns`` as they were."""

    rel: str
    mode: int
    mtime_ns: int


class SavedTrees:
    """The files and directories that a store handed in with ``back_up``."""

    def __init__(self, saved: SavedStore) -> None:
        self._saved = saved
        self.files = {file.rel: file for file in saved.files()}
        self.directories = {each.rel: each for each in _directories(saved)}
        self.paths = sorted({*self.files, *self.directories})

    def below(self, rel: str) -> list[str]:
        """The paths of ``rel`` itself and of all below it, in their order."""
        first, last = (bisect_left(self.paths, rel + end) for end in ("/", _AFTER_SLASH))
        itself = [rel] if rel in self.files or rel in self.directories else []
        return [*itself, *self.paths[first:last]]

    def count(self, rel: str) -> int:
        """Number of files at ``rel`` and below."""
        return sum(path in self.files for path in self.below(rel))

    def is_there(self, place: Place, rel: str, at: str | None = None) -> bool:
        """Whether exactly what was saved as ``rel`` is in the profile, there or at ``at``.

        Times and modes do not count.
        """
        at = rel if at is None else at
        if not place.tree.exists(at):
            return False
        now = {entry.path[len(at) :]: entry for entry in _below(place.tree.entry(at))}
        then = {path[len(rel) :]: path for path in self.below(rel)}
        return now.keys() == then.keys() and all(
            now[key].is_dir()
            if path in self.directories
            else now[key].is_file() and is_same(place.tree, now[key].path, self.files[path])
            for key, path in then.items()
        )

    def write(self, rel: str, target: Path) -> None:
        """Write what was saved as ``rel`` to the new file or directory ``target``."""
        directories = []
        for path in self.below(rel):
            written = target / path[len(rel) + 1 :] if path != rel else target
            if path in self.files:
                written.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._saved.write_file(self.files[path], written)
            else:
                written.mkdir(mode=0o700, parents=True, exist_ok=True)
                directories.append((written, self.directories[path]))
        # Innermost first, and when everything is in it: each new name changes a directory's time.
        for written, directory in reversed(directories):
            os.utime(written, ns=(directory.mtime_ns, directory.mtime_ns))
            written.chmod(directory.mode & 0o777 | 0o700)


def is_same(tree: Tree, rel: str, file: SavedFile) -> bool:
    """Whether the file at ``rel`` has the content of a saved one."""
    if tree.stat(rel).st_size != file.size:
        return False
    digest = hashlib.sha256()
    with tree.open(rel) as source:
        while block := source.read(1 << 20):
            digest.update(block)
    return digest.hexdigest() == file.sha256


def _below(entry: Entry) -> Iterator[Entry]:
    """The entry itself and everything below it, a directory before what is in it."""
    if not (entry.is_dir() or entry.is_file()) or _is_unfit(entry.name):
        path = entry.tree.root / entry.path
        raise UnsafePathError(
            say(
                "{path} was left alone: it is not a plain file or folder with a name that a browser"
                " gives.",
                path=path,
            ),
            next_step=say(
                "loginfix only touches what the browser itself has made. Move this out of"
                " the profile, then run this again."
            ),
            path=path,
        )
    yield entry
    if entry.is_dir():
        for each in entry.tree.list(entry.path):
            yield from _below(each)


def _is_unfit(name: str) -> bool:
    return not name.rstrip(". ") or not _UNFIT.isdisjoint(name)


def _directories(saved: SavedStore) -> Iterator[SavedDirectory]:
    for row in saved.rows(_TABLE):
        rel, mode, mtime = (row.before[key] for key in ("rel", "mode", "mtime_ns"))
        if not (isinstance(rel, str) and isinstance(mode, int) and isinstance(mtime, int)):
            raise TypeError("a saved directory is described by something else")
        yield SavedDirectory(rel, mode, mtime)
