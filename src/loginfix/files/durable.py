"""Files that only their owner can read, and that are on the disk when we say so.

A failure to get them there is final: after a failed fsync the system may count the lost pages as
written, so that trying again would falsely succeed. Nothing here retries.
"""

import errno
import os
import stat
import sys
from pathlib import Path

_EXCLUSIVE = os.O_RDWR | os.O_CREAT | os.O_EXCL
_NO_LINKS: int = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_NOT_OFFERED = (errno.ENOTSUP, errno.EINVAL, errno.ENOTTY)
_ON_WINDOWS = os.name == "nt"


def private_directory(path: Path) -> None:
    """Make ``path`` a directory of mode 0700, durably; on Windows, with the rights of its parent.

    Raises:
        OSError: It cannot be made, or stays open to others.
    """
    missing = [path, *path.parents]
    missing = missing[: next(at for at, each in enumerate(missing) if each.exists())]
    for each in reversed(missing):
        each.mkdir(mode=stat.S_IRWXU, exist_ok=True)
        sync_directory(each.parent)
    path.mkdir(exist_ok=True)  # says so where something else is in the way
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


def write_private_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, readable by its owner only.

    Raises:
        OSError: What was there before still is.
    """
    temporary = path.with_name(path.name + ".tmp")
    temporary.unlink(missing_ok=True)
    with open(temporary, "xb", opener=create_private) as file:
        file.write(content)
        file.flush()
        if os.fstat(file.fileno()).st_size != len(content):
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(temporary))
        flush(file.fileno())
    temporary.replace(path)
    sync_directory(path.parent)


def sync_file(path: Path) -> None:
    """Return when the file's content is on the disk, and no longer in memory.

    Dropping it from memory, where the system can, makes the next reader read the disk.

    Raises:
        OSError: It may not be there.
    """
    descriptor = os.open(path, os.O_RDWR | _NO_LINKS)
    try:
        flush(descriptor)
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
        flush_directory(descriptor)
    finally:
        os.close(descriptor)


def flush(descriptor: int) -> None:
    """Wait until an open file is on the disk."""
    if sys.platform == "darwin":
        import fcntl  # noqa: PLC0415  Windows has no such module

        # fsync(2) of macOS stops at the drive's own memory; not every file system has better.
        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError as error:
            if error.errno not in _NOT_OFFERED:
                raise
        else:
            return
    os.fsync(descriptor)


def flush_directory(descriptor: int) -> None:
    """Wait until the names in an open directory are on the disk."""
    try:
        flush(descriptor)
    except OSError as error:
        # Some file systems cannot do this for directories and say so in this way.
        if error.errno not in _NOT_OFFERED:
            raise
