"""A tree that can be changed, one system call at a time, and only inside itself."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from loginfix.clearing.unwritten import Unwritten
from loginfix.files.anchor import CLOEXEC, NOFOLLOW, EntryKind, kind_of, unsafe
from loginfix.files.copying import copy_content
from loginfix.files.durable import flush_directory
from loginfix.files.tree import Tree
from loginfix.words import say

_BINARY: int = getattr(os, "O_BINARY", 0)
# Only Windows insists on a writable descriptor for flushing; a read-only file has to do elsewhere.
_ACCESS: int = os.O_RDWR if os.name == "nt" else os.O_RDONLY
_FLUSH: int = _ACCESS | NOFOLLOW | CLOEXEC | _BINARY | getattr(os, "O_NONBLOCK", 0)
_NEW: int = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOFOLLOW | CLOEXEC | _BINARY

# How file systems say that they have no hard links, or not for this file. EINVAL is Windows' way.
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL)

_LINK_ITSELF = os.link not in os.supports_follow_symlinks
_UTIME_FOLLOWS = os.utime not in os.supports_follow_symlinks


class WritableTree(Tree):
    """A ``Tree`` with the few changes that a transaction is made of.

    It remembers the files that were settled and the directories whose names changed, for ``flush``
    (one call a directory, however many names changed), and the directories' modification times, for
    ``put_back_times``.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._unwritten = Unwritten()
        self._unflushed: set[str] = set()
        self._times: dict[str, int] = {}
        self._left: dict[str, int] = {}

    def close(self) -> None:
        """See ``Tree``; waits for no file."""
        self._unwritten.close()
        super().close()

    def status(self, rel: str) -> os.stat_result | None:
        """See ``stat``; None where nothing is."""
        try:
            return self.stat(rel)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def make_directory(self, rel: str) -> None:
        """Make a private directory, unless it is there."""
        with self._changing(_parent(rel)):
            name, parent = self._anchor.at(rel)
            try:
                os.mkdir(name, 0o700, dir_fd=parent)
            except FileExistsError:
                if kind_of(self.stat(rel)) is not EntryKind.DIRECTORY:
                    raise unsafe(self.root / rel, say("is not a folder")) from None

    def rename(self, source: str, target: str) -> None:
        """Give a file or directory another name; a file that has it already is replaced."""
        with self._changing(_parent(source), _parent(target)):
            old, old_parent = self._anchor.at(source)
            new, new_parent = self._anchor.at(target)
            os.replace(old, new, src_dir_fd=old_parent, dst_dir_fd=new_parent)
            self._anchor.forget(source)
            self._anchor.forget(target)

    def rename_to_new(self, source: str, target: str) -> None:
        """Give a file or directory another name, which must be free.

        Python cannot ask the system for this. A file gets its second name by linking, which never
        overwrites; killed in between, it has both names.

        Raises:
            FileExistsError: The name is taken.
        """
        if kind_of(self.stat(source)) is EntryKind.FILE and self.link(source, target):
            self.unlink(source)
            return
        if self.exists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self.root / target))
        self.rename(source, target)

    def link(self, source: str, target: str) -> bool:
        """Give a file a second name; false where the file system has no such thing.

        Raises:
            FileExistsError: The name is taken.
        """
        with self._changing(_parent(target)):
            old, old_parent = self._anchor.at(source)
            new, new_parent = self._anchor.at(target)
            try:
                os.link(
                    old,
                    new,
                    src_dir_fd=old_parent,
                    dst_dir_fd=new_parent,
                    follow_symlinks=_LINK_ITSELF,
                )
            except OSError as error:
                if error.errno in _NO_LINKS:
                    return False
                raise
        return True

    def copy(self, source: str, target: str) -> None:
        """Make a second file with the same content, mode, owner and time; see ``settle``."""
        with self.open(source) as original, self._changing(_parent(target)):
            name, parent = self._anchor.at(target)
            with os.fdopen(os.open(name, _NEW, 0o600, dir_fd=parent), "wb") as copy:
                copy_content(original, copy)
        self.settle(target, like=self.stat(source))

    def settle(
        self,
        rel: str,
        *,
        like: os.stat_result | None = None,
        mtime_ns: int | None = None,
        target: str = "",
    ) -> os.stat_result:
        """Send a file to the disk, with the mode, owner and time of another or a time of its own.

        It is there when ``flush`` has returned. The owner is changed only where that is permitted.
        An error in writing names ``target``, for which the file is meant.

        Returns:
            Its status from now on.
        """
        name, parent = self._anchor.at(rel)
        mtime_ns = like.st_mtime_ns if like else mtime_ns
        if kind_of(self.stat(rel)) is not EntryKind.FILE:
            raise unsafe(self.root / rel, say("is not a plain file"))
        descriptor = os.open(name, _FLUSH, dir_fd=parent)
        try:
            if like and os.name != "nt":
                status = os.fstat(descriptor)
                if (status.st_uid, status.st_gid) != (like.st_uid, like.st_gid):
                    with suppress(PermissionError):
                        os.fchown(descriptor, like.st_uid, like.st_gid)
                os.fchmod(descriptor, stat.S_IMODE(like.st_mode))
            if mtime_ns is not None:
                self._set_time(rel, mtime_ns)
            status = self.stat(rel)
        except BaseException:
            os.close(descriptor)
            raise
        self._unwritten.add(descriptor, self.root / (target or rel))
        self._unflushed.update(parents_of(rel))
        return status

    def settle_tree(self, rel: str, *, target: str = "") -> None:
        """Settle everything in a directory; it may hold nothing but plain files."""
        for entry in self.list(rel):
            if entry.is_dir():
                self.settle_tree(entry.path, target=target)
            else:
                self.settle(entry.path, target=target)
        self._unflushed.update((rel, *parents_of(rel)))

    def set_directory_time(self, rel: str, mtime_ns: int) -> None:
        """Set the modification time of a directory, in nanoseconds."""
        if kind_of(self.stat(rel)) is not EntryKind.DIRECTORY:
            raise unsafe(self.root / rel, say("is not a folder"))
        with self._changing(rel):
            self._set_time(rel, mtime_ns)

    def unlink(self, rel: str) -> None:
        """Remove a file, or a link itself; nothing if there is none."""
        with self._changing(_parent(rel)):
            self._unlink(rel)

    def remove_directory(self, rel: str) -> None:
        """Remove a directory if there is one and nothing is in it."""
        if not self.exists(rel):
            return
        with self._changing(_parent(rel)):
            name, parent = self._anchor.at(rel)
            try:
                os.rmdir(name, dir_fd=parent)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                    raise
            else:
                self._anchor.forget(rel)

    def remove(self, rel: str) -> None:
        """Remove a file, or a directory with everything in it; a link itself, never its target."""
        if kind_of(self.stat(rel)) is not EntryKind.DIRECTORY:
            self.unlink(rel)
            return
        # Without recursion and without a limit: what is in the way of tidying up has to go.
        waiting = [rel]
        while waiting:
            here = waiting[-1]
            folders = []
            with self._changing(here):
                for name, kind in self._anchor.scan(here):
                    path = f"{here}/{name}"
                    if kind is EntryKind.DIRECTORY:
                        folders.append(path)
                    else:
                        self._unlink(path)
            waiting += folders
            if not folders:
                self.remove_directory(here)
                waiting.pop()

    def flush(self) -> None:
        """Make every file settled and every name changed since the last call durable.

        Raises:
            ProfileWriteError: A file is not.
        """
        self._unwritten.flush()
        for rel in sorted(self._unflushed):
            with suppress(FileNotFoundError, NotADirectoryError):
                directory = self._anchor.directory(rel)
                if isinstance(directory, int):  # Windows has no such thing
                    flush_directory(directory)
        self._unflushed.clear()

    def give_up(self) -> None:
        """Wait no more for the files that were settled: they are to be removed."""
        self._unwritten.close()

    def put_back_times(self) -> None:
        """Give the directories back their times from before the first change.

        Not where anybody else changed the directory in between: the time says so, and browsers
        go by it.
        """
        for rel, mtime_ns in self._times.items():
            with suppress(FileNotFoundError, NotADirectoryError):
                if self.stat(rel).st_mtime_ns == self._left.get(rel):
                    self._set_time(rel, mtime_ns)
        self._times.clear()
        self._left.clear()

    @contextmanager
    def _changing(self, *directories: str) -> Iterator[None]:
        """Keep the books on directories whose names are about to change."""
        for rel in directories:
            mtime_ns = self._time_of(rel)
            if self._times.setdefault(rel, mtime_ns) != mtime_ns != self._left.get(rel):
                self._left[rel] = -1  # somebody else was here
        try:
            yield
        finally:
            for rel in directories:
                self._unflushed.add(rel)
                if self._left.get(rel) != -1:
                    with suppress(FileNotFoundError):
                        self._left[rel] = self._time_of(rel)

    def _time_of(self, directory: str) -> int:
        pinned = self._anchor.directory(directory)
        return (os.fstat(pinned) if isinstance(pinned, int) else os.lstat(pinned)).st_mtime_ns

    def _unlink(self, rel: str) -> None:
        name, parent = self._anchor.at(rel)
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=parent)

    def _set_time(self, rel: str, mtime_ns: int) -> None:
        name, parent = self._anchor.at(rel)
        status = self.stat(rel)
        os.utime(
            name,
            ns=(status.st_atime_ns, mtime_ns),
            dir_fd=parent,
            follow_symlinks=_UTIME_FOLLOWS,
        )


def _parent(rel: str) -> str:
    return rel.rpartition("/")[0]


def parents_of(rel: str) -> Iterator[str]:
    """The directories above a path, innermost first; the last one is the root, ``""``."""
    while rel:
        rel = _parent(rel)
        yield rel
