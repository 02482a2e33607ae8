"""Files that only their owner can read, and that are on the disk when we say so."""

import os
import stat
import sys
from pathlib import Path

_EXCLUSIVE = os.O_RDWR | os.O_CREAT | os.O_EXCL
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_ON_WINDOWS = os.name == "nt"


def private_directory(path: Path) -> None:
    """Make ``path`` a directory of mode 0700; on Windows, one with the rights of its parent.

    Raises:
        OSError: It cannot be made, or stays open to others.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _ON_WINDOWS:
        return
    if stat.S_IMODE(path.stat().st_mode) != stat.S_IRWXU:
        path.chmod(stat.S_IRWXU)
    if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise PermissionError(f"{path} cannot be closed to other users")


def create_private(path: str | Path, _flags: int = 0) -> int:
    """Create ``path``, where nothing may be, with mode 0600; the descriptor reads and writes.

    Fits as the ``opener`` of ``open``.

    Raises:
        FileExistsError: Something is there, be it only a dangling link.
    """
    return os.open(path, _EXCLUSIVE | _NO_LINKS, 0o600)


def sync_file(path: Path) -> None:
    """Return when the file's content is on the disk, and no longer in memory.

    Dropping it from memory, where the system can, makes the next reader read the disk.

    Raises:
        OSError: It may not be there; trying again proves nothing, as the system has forgotten
            what it failed to write.
    """
    descriptor = os.open(path, os.O_RDWR | _NO_LINKS)
    try:
        _sync(descriptor)
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def sync_directory(path: Path) -> None:
    """Return when the names in the directory are on the disk; Windows offers no such thing."""
    if _ON_WINDOWS:
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)


def _sync(descriptor: int) -> None:
    if sys.platform == "darwin":
        # There, fsync does not reach past the drive's own memory (man 2 fsync).
        import fcntl  # noqa: PLC0415  Windows has no such module

        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError:
            # Network and foreign file systems do not know it.
            os.fsync(descriptor)
    else:
        os.fsync(descriptor)
