"""Reading a file whole, by its ordinary path: for lists and settings, outside of a ``Tree``.

Somebody may have put a pipe or a device in its place. Opening a pipe waits for a writer for ever,
and a device may have no end.
"""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

# All but the first are absent on Windows, and O_BINARY elsewhere.
_FLAGS: int = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)
"""For ``flags``: the file may not be a link either."""


def open_plain(path: Path, flags: int = 0) -> BinaryIO:
    """Open a plain file for reading; what a link leads to counts, unless ``flags`` forbid it.

    Raises:
        OSError: It cannot be opened; ``EINVAL`` where it is a pipe, a device or a folder.
    """
    try:
        descriptor = os.open(path, _FLAGS | flags)
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.ENODEV):  # a socket; a device without a driver
            raise _not_plain(path) from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _not_plain(path)
    return os.fdopen(descriptor, "rb")


def read_plain(path: Path, flags: int = 0) -> bytes:
    """The content of a plain file; otherwise as ``open_plain``."""
    with open_plain(path, flags) as file:
        return file.read()


def _not_plain(path: Path) -> OSError:
    return OSError(errno.EINVAL, "it is not a plain file", str(path))
