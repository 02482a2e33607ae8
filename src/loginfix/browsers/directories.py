"""Small questions about directories, asked without changing anything."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})


def is_directory(path: Path) -> bool:
    """Whether ``path`` is a directory; what cannot be a path, for a NUL is in it, is none.

    Raises:
        OSError: it cannot be known, for want of permission.
    """
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError as error:
        if error.errno in _ABSENT:
            return False
        raise
    except ValueError:
        return False


def has_any(directory: Path, names: tuple[str, ...]) -> bool:
    """Whether one of ``names`` is a plain file in ``directory``."""
    return any((directory / name).is_file() for name in names)


def same_file_key(path: Path) -> str:
    """A text that is equal for two paths of one directory, links and letter case resolved."""
    return os.path.normcase(os.path.realpath(path))


def directory_size(path: Path) -> int:
    """Bytes of all files below ``path``; links are not followed, the unreadable counts nothing."""
    size, waiting = 0, [str(path)]
    while waiting:
        with suppress(OSError):  # a running browser removes files under our eyes
            for entry in _entries(waiting.pop()):
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    size += _size(entry)
    return size


def _entries(path: str) -> list["os.DirEntry[str]"]:
    with os.scandir(path) as entries:
        return list(entries)


def _size(entry: "os.DirEntry[str]") -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return 0
