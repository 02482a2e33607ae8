"""Copies that the system makes, so that a file system that can share blocks does.

Btrfs, XFS and others then copy nothing at all (copy_file_range(2)); elsewhere the content at least
stays inside the system.
"""

import errno
import io
import os
from pathlib import Path
from typing import BinaryIO

_AT_ONCE = 1 << 30
_PIECE = 1 << 20
# Not on this system, between these two file systems, or for this kind of file.
_CANNOT = {errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF}


def copy_content(source: BinaryIO, target: BinaryIO) -> int:
    """Copy what is left of ``source`` behind what is in ``target``; gives its size in bytes.

    Raises:
        OSError: It could not be read or written to the end.
    """
    size = _by_the_system(source, target) if hasattr(os, "copy_file_range") else 0
    # For some kinds of files, that came to an end too early.
    while piece := source.read(_PIECE):
        target.write(piece)
        size += len(piece)
    return size


def _by_the_system(source: BinaryIO, target: BinaryIO) -> int:
    """Copy as much as the system takes upon itself; both are behind it then."""
    size, start = 0, source.tell()
    target.seek(0, os.SEEK_END)
    try:
        one, other = source.fileno(), target.fileno()
        # Wherever the last one ended: a disk that takes less than it says leaves no hole, by which
        # the size would be right.
        while done := os.copy_file_range(one, other, _AT_ONCE, start + size):
            size += done
    except io.UnsupportedOperation:
        return 0  # bytes in memory
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
    source.seek(start + size)
    target.seek(0, os.SEEK_END)
    return size


def copy_file(source: Path, target: Path) -> None:
    """Copy the content of a private file; ``target`` is made, or written over."""
    with source.open("rb") as original, target.open("wb") as copy:
        copy_content(original, copy)
