"""Making sure that what was written is on the disk.

A failure to do so is final: after a failed fsync the system may count the lost pages as written,
so that trying again would falsely succeed. Nothing here retries.
"""

import errno
import os
import sys
from pathlib import Path

_NEW: int = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def flush(descriptor: int) -> None:
    """Wait until an open file is on the disk."""
    if sys.platform == "darwin":
        import fcntl  # noqa: PLC0415 - not on Windows

        # fsync(2) of macOS stops at the drive's own cache; not every file system has better.
        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError as error:
            if error.errno not in (errno.ENOTSUP, errno.EINVAL, errno.ENOTTY):
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
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise


def flush_directory_at(path: Path) -> None:
    """The same by path, for loginfix's own directories; Windows has no such thing."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        flush_directory(descriptor)
    finally:
        os.close(descriptor)


def make_private_directory(path: Path) -> None:
    """Create a directory that only its owner may enter, durably, or make it so."""
    missing = [path, *path.parents]
    missing = missing[: next(at for at, each in enumerate(missing) if each.is_dir())]
    for each in reversed(missing):
        each.mkdir(mode=0o700)
        flush_directory_at(each.parent)
    path.chmod(0o700)


def write_private_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, readable by its owner only."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, _NEW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        flush(file.fileno())
    temporary.replace(path)
    flush_directory_at(path.parent)
