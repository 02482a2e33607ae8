"""One directory, pinned: reading below it never leads out of it."""

import builtins
import errno
import os
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TypeVar

from loginfix.errors import UnsafePathError
from loginfix.files.anchor import CLOEXEC, NOFOLLOW, EntryKind, anchor, kind_of, unsafe
from loginfix.words import say

# Without O_NONBLOCK, opening a pipe that somebody planted would wait for a writer for ever.
_READ: int = (
    os.O_RDONLY
    | NOFOLLOW
    | CLOEXEC
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)


End = tuple[int, bytes]
"""The length of a file in bytes, and what is at its end."""

T = TypeVar("T")

_COARSEST = 2_000_000_000  # nanoseconds; FAT notes times in steps of two seconds

# Browsers need a dozen. Deeper, whoever walks would run out of stack, and paths of length.
_DEEPEST = 128


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a directory: ``name`` in it, ``path`` below the tree's root."""

    tree: "Tree"
    path: str
    name: str
    kind: EntryKind

    def is_file(self) -> bool:
        """Whether it is a plain file; a link is not."""
        return self.kind is EntryKind.FILE

    def is_dir(self) -> bool:
        """Whether it is a directory; a link is not."""
        return self.kind is EntryKind.DIRECTORY

    def stat(self) -> os.stat_result:
        """See ``Tree.stat``."""
        return self.tree.stat(self.path)


class Tree:
    """A directory and everything below it, reached without following a link.

    Paths are relative to ``root``, separated by ``/``, decoded as ``os.fsdecode`` does (a name may
    hold newlines or not be UTF-8); ``""`` is the root itself. An absolute path, ``..``, a link or
    junction on the way, and anything but a plain file where one is opened, raise
    ``UnsafePathError``. Other failures are the ``OSError`` of the system.

    The path of the root itself may lead through links: that is the user's own layout. It is
    resolved once, here. Not for several threads at a time.

    Raises:
        OSError: ``root`` is not a directory that can be opened.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._anchor = anchor(root)
        self._listed: tuple[tuple[object, ...], Sequence[str]] = (), ()
        # Once at the most: by ``close``, or when nobody can reach it any more.
        self._let_go = weakref.finalize(self, self._anchor.close)
        self._let_go.atexit = False

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
        """Let go of the directory; nothing can be reached any more."""
        self._let_go()

    def stat(self, rel: str) -> os.stat_result:
        """``os.lstat``: a link is described, not followed."""
        name, parent = self._anchor.at(rel)
        return os.stat(name, dir_fd=parent, follow_symlinks=False)

    def entry(self, rel: str) -> Entry:
        """One entry of a directory, without looking at the others."""
        return Entry(self, rel, rel.rpartition("/")[2], kind_of(self.stat(rel)))

    def exists(self, rel: str) -> bool:
        """Whether something has this name, be it a link."""
        try:
            self.stat(rel)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def is_file(self, rel: str) -> bool:
        """Whether this is a plain file; a link is not."""
        return kind_of(self.stat(rel)) is EntryKind.FILE

    def is_dir(self, rel: str) -> bool:
        """Whether this is a directory; a link is not."""
        return kind_of(self.stat(rel)) is EntryKind.DIRECTORY

    def open(self, rel: str) -> BinaryIO:
        """Open a plain file for reading."""
        return os.fdopen(self._open(rel)[0], "rb")

    def read(self, rel: str, most: int) -> bytes | None:
        """The content of a plain file; None where that is more than ``most`` bytes.

        As ``open`` and reading, in half as many calls of the system.
        """
        descriptor, status = self._open(rel)
        try:
            size = status.st_size
            if size > most:
                return None
            content = os.read(descriptor, size)
            while len(content) < size and (more := os.read(descriptor, size - len(content))):
                content += more
            return content
        finally:
            os.close(descriptor)

    def _open(self, rel: str) -> tuple[int, os.stat_result]:
        name, parent = self._anchor.at(rel)
        if parent is None and kind_of(os.lstat(name)) is not EntryKind.FILE:
            raise unsafe(self.root / rel, say("is not a plain file"))
        try:
            descriptor = os.open(name, _READ, dir_fd=parent)
        except OSError as error:
            # O_NOFOLLOW at a link; open() of a socket; a device without a driver.
            if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.ENODEV):
                raise unsafe(self.root / rel, say("is not a plain file")) from error
            raise
        status = os.fstat(descriptor)
        if kind_of(status) is not EntryKind.FILE:
            os.close(descriptor)
            raise unsafe(self.root / rel, say("is not a plain file"))
        return descriptor, status

    def starts(self, rel: str, names: Iterable[str], size: int) -> Iterator[bytes]:
        """Read the first ``size`` bytes of many files of one directory, in the order of ``names``.

        A file that is shorter is read whole. Where there is nothing to read, be it that a name is
        no plain file or cannot be opened, that is empty: ``open`` says why, and also refuses a
        device, which this may read. Takes three calls of the system for each file, and no more.
        """
        return self._parts(rel, names, lambda file: _pread(file, size, 0), b"")

    def ends(self, rel: str, names: Iterable[str], size: int) -> Iterator[End]:
        """As ``starts``, of the last bytes, with the length of each file; a call more for that."""
        return self._parts(rel, names, lambda file: _end(file, size), (0, b""))

    def _parts(
        self, rel: str, names: Iterable[str], read: Callable[[int], T], nothing: T
    ) -> Iterator[T]:
        open_file, close = os.open, os.close  # each called for a hundred thousand files
        directory = self._anchor.directory(rel)
        # The anchor may let go of its own meanwhile.
        shared = None if isinstance(directory, str) else os.dup(directory)
        try:
            for name in names:
                try:
                    if shared is None or "/" in name:
                        descriptor = self._open(f"{rel}/{name}")[0]
                    else:
                        descriptor = open_file(name, _READ, dir_fd=shared)
                except (OSError, UnsafePathError):
                    yield nothing
                    continue
                try:
                    part = read(descriptor)
                except OSError:
                    part = nothing
                finally:
                    close(descriptor)
                yield part
        finally:
            if shared is not None:
                os.close(shared)

    def names(self, rel: str) -> builtins.list[str]:
        """The names in a directory, sorted; whatever they mean."""
        return sorted(self._anchor.names(rel))

    def names_as_kept(self, rel: str) -> Sequence[str]:
        """The same in the order of the disk, for a hundred thousand of which few matter.

        Several stores ask for the same ones: the longest is not listed again while its times say
        that no name has come or gone since. They do so only if they were old when it was listed,
        or two changes could have the same time.
        """
        status = os.stat(self._anchor.directory(rel))  # noqa: PTH116  may be a descriptor
        changed = (status.st_mtime_ns, status.st_ctime_ns)
        state = (rel, status.st_dev, status.st_ino, *changed)
        if self._listed[0] == state:
            return self._listed[1]
        is_old = max(changed) + _COARSEST < time.time_ns()
        names = self._anchor.names(rel)
        if is_old and len(names) >= len(self._listed[1]):
            self._listed = state, names
        return names

    def list(self, rel: str) -> Iterator[Entry]:
        """The entries of a directory, by name; links and special files are listed too.

        Raises:
            UnsafePathError: Also where it is in more folders than any browser makes.
        """
        prefix = f"{rel}/" if rel else ""
        for name, kind in self._scan(rel):
            yield Entry(self, prefix + name, name, kind)

    def statuses(self, rel: str) -> Iterator[tuple[str, os.stat_result | None]]:
        """Names of the entries of a directory with their ``os.lstat``, or None of a directory.

        In the order of the disk, without what has just gone. For many files far cheaper than a
        ``stat`` of each, which goes down to it from the root.

        Raises:
            UnsafePathError: As for ``list``.
        """
        self._require_reachable(rel)
        return self._anchor.statuses(rel)

    def paths(self, rel: str) -> Iterator[str]:
        """The path of everything below a directory that is not itself a directory."""
        prefix = f"{rel}/" if rel else ""
        for name, kind in self._scan(rel):
            if kind is EntryKind.DIRECTORY:
                yield from self.paths(prefix + name)
            else:
                yield prefix + name

    def _scan(self, rel: str) -> builtins.list[tuple[str, EntryKind]]:
        self._require_reachable(rel)
        return sorted(self._anchor.scan(rel), key=itemgetter(0))

    def _require_reachable(self, rel: str) -> None:
        if rel.count("/") >= _DEEPEST:
            raise unsafe(self.root / rel, say("is in too many folders"))

    def walk(self, rel: str) -> Iterator[tuple[str, os.stat_result]]:
        """The same with the status of each."""
        return ((path, self.stat(path)) for path in self.paths(rel))

    def local_path(self, rel: str) -> Path:
        """The ordinary path of a plain file or directory, for a library that takes nothing else.

        No component of it is a link at this moment; what happens later is out of our hands.
        """
        if kind_of(self.stat(rel)) is EntryKind.OTHER:
            raise unsafe(self.root / rel, say("is not a plain file"))
        pinned, by_name = self.stat(""), self.root.stat()
        if (pinned.st_dev, pinned.st_ino) != (by_name.st_dev, by_name.st_ino):
            raise unsafe(self.root, say("was exchanged for another folder meanwhile"))
        return self.root / rel


# What a descriptor is of is not asked for, which takes as long as all the rest: of pipes and
# sockets nothing can be read at a place, and of directories nothing at all.
def _seek_and_read(descriptor: int, size: int, offset: int) -> bytes:
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, size)


_pread: Callable[[int, int, int], bytes] = getattr(os, "pread", _seek_and_read)  # not on Windows


def _end(descriptor: int, size: int) -> End:
    length = os.lseek(descriptor, 0, os.SEEK_END)
    return length, _pread(descriptor, size, max(0, length - size))
