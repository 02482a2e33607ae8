"""Where a relative path leads, without ever passing through a link.

The one place that knows the difference between systems. Where the system can open a name
*relative to an open directory* (Linux, macOS), every component is opened from its parent with
``O_NOFOLLOW``: a directory that is swapped for a link a moment later no longer matters, because
the descriptor still means the directory. Python has no such calls on Windows; there every
component is looked at before each use, and links and junctions are refused.
"""

import errno
import os
import stat
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Protocol

from loginfix.errors import UnsafePathError
from loginfix.words import say

BY_DESCRIPTOR = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")

# All absent on Windows, where `PathAnchor` looks before it opens.
NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
CLOEXEC: int = getattr(os, "O_CLOEXEC", 0)
_DIRECTORY: int = os.O_RDONLY | CLOEXEC | getattr(os, "O_DIRECTORY", 0)

_SEPARATORS = frozenset("/\\:\0" if os.name == "nt" else "/\0")
_MOST_DESCRIPTORS = 32

# Windows, winnt.h IsReparseTagNameSurrogate: the entry stands for another place (symbolic links,
# junctions, mount points), unlike the reparse points of cloud storage, which are plain files.
_NAME_SURROGATE = 0x2000_0000


class EntryKind(Enum):
    """What a directory entry is; links, sockets, pipes and devices are all ``OTHER``."""

    FILE = "file"
    DIRECTORY = "directory"
    OTHER = "other"


class Anchor(Protocol):
    """A pinned root directory. Paths are relative, separated by ``/``; the root is ``""``."""

    root: Path

    def at(self, path: str) -> tuple[str, int | None]:
        """Name and ``dir_fd`` for an ``os`` function; valid until a few more calls were made.

        Raises:
            UnsafePathError: The path leaves the root, or a parent is a link.
            OSError: A parent is missing or cannot be opened.
        """

    def directory(self, path: str) -> int | str:
        """The directory as an ``os`` function takes it; otherwise as ``at``."""

    def scan(self, path: str) -> list[tuple[str, EntryKind]]:
        """Names and kinds of the entries of a directory, in the order of the disk."""

    def names(self, path: str) -> list[str]:
        """The names in a directory, whatever they mean, in the order of the disk."""

    def statuses(self, path: str) -> Iterator[tuple[str, os.stat_result | None]]:
        """Names of the entries of a directory with their status, or None of a directory."""

    def forget(self, path: str) -> None:
        """Say that ``path`` means something else now: a directory was moved."""

    def close(self) -> None:
        """Let go of every descriptor."""


def anchor(root: Path) -> Anchor:
    """Pin ``root``. Its own path may contain links: that is the user's layout."""
    return DescriptorAnchor(root) if BY_DESCRIPTOR else PathAnchor(root)


def kind_of(status: os.stat_result) -> EntryKind:
    """The kind of what ``os.lstat`` described."""
    if getattr(status, "st_reparse_tag", 0) & _NAME_SURROGATE:
        return EntryKind.OTHER
    if stat.S_ISREG(status.st_mode):
        return EntryKind.FILE
    return EntryKind.DIRECTORY if stat.S_ISDIR(status.st_mode) else EntryKind.OTHER


def unsafe(path: Path, what: str) -> UnsafePathError:
    """The refusal to use ``path``, naming it."""
    return UnsafePathError(
        say("{path} was left alone: it {what}.", path=path, what=what),
        next_step=say(
            "loginfix only touches plain files and folders inside a browser profile. "
            "If you put a link there yourself, replace it by what it points to."
        ),
        path=path,
    )


class DescriptorAnchor:
    """By ``openat``; the directories used last stay open."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._root = os.open(root, _DIRECTORY)
        self._open: OrderedDict[str, int] = OrderedDict()

    def at(self, path: str) -> tuple[str, int | None]:
        """See ``Anchor``."""
        if not path:
            return ".", self._root
        parent, _, name = path.rpartition("/")
        _require_plain(name, self.root, path)
        return name, self.directory(parent)

    def directory(self, path: str) -> int:
        """See ``Anchor``."""
        if not path:
            return self._root
        if path in self._open:
            self._open.move_to_end(path)
            return self._open[path]
        descriptor = self._walk_to(path)
        self._open[path] = descriptor
        if len(self._open) > _MOST_DESCRIPTORS:
            os.close(self._open.popitem(last=False)[1])
        return descriptor

    def scan(self, path: str) -> list[tuple[str, EntryKind]]:
        """See ``Anchor``."""
        with self._opened_anew(path) as descriptor, os.scandir(descriptor) as entries:
            return [(entry.name, _kind_of_entry(entry)) for entry in entries]

    def names(self, path: str) -> list[str]:
        """See ``Anchor``."""
        with self._opened_anew(path) as descriptor:
            return os.listdir(descriptor)  # noqa: PTH208  a path takes no descriptor

    def statuses(self, path: str) -> Iterator[tuple[str, os.stat_result | None]]:
        """See ``Anchor``."""
        with self._opened_anew(path) as descriptor, os.scandir(descriptor) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield entry.name, None
                    continue
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                yield entry.name, status

    def forget(self, path: str) -> None:
        """See ``Anchor``."""
        for known in [known for known in self._open if f"{known}/".startswith(f"{path}/")]:
            os.close(self._open.pop(known))

    def close(self) -> None:
        """See ``Anchor``."""
        while self._open:
            os.close(self._open.popitem()[1])
        if self._root >= 0:
            os.close(self._root)
            self._root = -1

    @contextmanager
    def _opened_anew(self, path: str) -> Iterator[int]:
        """A descriptor of its own: listing moves a position that all users of one share."""
        descriptor = os.open(".", _DIRECTORY, dir_fd=self.directory(path))
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _walk_to(self, path: str) -> int:
        """Open each component from its parent, starting at the parent if that is open."""
        parent, _, name = path.rpartition("/")
        if parent in self._open:
            _require_plain(name, self.root, path)
            return self._step(self._open[parent], name, path)
        here = os.dup(self._root)
        for name in path.split("/"):
            above = here
            try:
                _require_plain(name, self.root, path)
                here = self._step(above, name, path)
            finally:
                os.close(above)
        return here

    def _step(self, above: int, name: str, path: str) -> int:
        try:
            return os.open(name, _DIRECTORY | NOFOLLOW, dir_fd=above)
        except OSError as error:
            # Systems differ in the error for "not a directory because it is a link".
            if error.errno in (errno.ELOOP, errno.ENOTDIR):
                status = os.stat(name, dir_fd=above, follow_symlinks=False)
                if stat.S_ISLNK(status.st_mode):
                    raise unsafe(self.root / path, say("leads through a link")) from error
            raise


class PathAnchor:
    """By path, each component looked at before each use."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._resolved = root.resolve()
        os.scandir(self._resolved).close()

    def at(self, path: str) -> tuple[str, int | None]:
        """See ``Anchor``."""
        if not path:
            return str(self._resolved), None
        parent, _, name = path.rpartition("/")
        _require_plain(name, self.root, path)
        return str(Path(self.directory(parent), name)), None

    def directory(self, path: str) -> str:
        """See ``Anchor``."""
        here = self._resolved
        for name in path.split("/") if path else ():
            _require_plain(name, self.root, path)
            here = here / name
            status = here.lstat()
            kind = kind_of(status)
            if kind is EntryKind.OTHER:
                raise unsafe(self.root / path, say("leads through a link"))
            if kind is not EntryKind.DIRECTORY:
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(here))
        return str(here)

    def scan(self, path: str) -> list[tuple[str, EntryKind]]:
        """See ``Anchor``."""
        with os.scandir(self.directory(path)) as entries:
            return [(entry.name, _kind_of_entry(entry)) for entry in entries]

    def names(self, path: str) -> list[str]:
        """See ``Anchor``."""
        return os.listdir(self.directory(path))  # noqa: PTH208  as above

    def statuses(self, path: str) -> Iterator[tuple[str, os.stat_result | None]]:
        """See ``Anchor``."""
        directory = self.directory(path)
        for name, kind in self.scan(path):
            if kind is EntryKind.DIRECTORY:
                yield name, None
                continue
            try:
                # Not what Windows says while it lists: that has no inode.
                status = os.lstat(os.path.join(directory, name))  # noqa: PTH118
            except FileNotFoundError:
                continue
            yield name, status

    def forget(self, path: str) -> None:
        """See ``Anchor``; nothing is remembered here."""

    def close(self) -> None:
        """See ``Anchor``; nothing is held here."""


def _require_plain(name: str, root: Path, path: str) -> None:
    """Refuse what is not the name of an entry: it could lead anywhere."""
    if name in {"", ".", ".."} or not _SEPARATORS.isdisjoint(name):
        raise unsafe(root / path, say("is not a path inside the profile"))


def _kind_of_entry(entry: os.DirEntry[str]) -> EntryKind:
    if os.name == "nt":  # only the status tells a junction from a directory, and it costs nothing
        return kind_of(entry.stat(follow_symlinks=False))
    if entry.is_file(follow_symlinks=False):
        return EntryKind.FILE
    return EntryKind.DIRECTORY if entry.is_dir(follow_symlinks=False) else EntryKind.OTHER
