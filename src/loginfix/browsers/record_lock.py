"""POSIX record locks, the kind Firefox puts on ``.parentlock`` (nsProfileLock.cpp).

A process loses its classic record locks on a file as soon as it closes *any* descriptor of that
file. Where the system has locks that belong to the descriptor instead (Linux), those are used:
they conflict with classic ones just the same. Elsewhere, nothing in a process that holds such a
lock may open the file.
"""

import errno
import os
import struct
import sys
from pathlib import Path

from loginfix.files.plain import NO_LINK, open_plain

# struct flock; on macOS the fields have another order (sys/fcntl.h).
_APPLE = sys.platform == "darwin"
_FLOCK = struct.Struct("qqihh" if _APPLE else "hhqqi4x")


if sys.platform != "win32":
    import fcntl

    def holder(path: Path) -> int | None:
        """Who holds a lock that keeps others from writing ``path``.

        Returns:
            The process id; 0 if somebody does who cannot be named (a process in another pid
            namespace, or a lock that belongs to a descriptor); ``None`` if nobody does or there
            is no such file. Nothing is locked, created or changed by asking.

        Raises:
            OSError: the file cannot be opened.
        """
        try:
            file = open_plain(path, NO_LINK)
        except FileNotFoundError:
            return None
        with file:
            answer = fcntl.fcntl(file, fcntl.F_GETLK, _whole_file())
        kind, pid = _kind_and_pid(answer)
        return None if kind == fcntl.F_UNLCK else max(pid, 0)

    def take(descriptor: int) -> bool:
        """Lock the whole file behind ``descriptor`` for writing, until it is closed.

        Returns:
            Whether it is locked now; if not, somebody else holds a lock on it.

        Raises:
            OSError: the file system has no locks.
        """
        command = getattr(fcntl, "F_OFD_SETLK", fcntl.F_SETLK)
        try:
            fcntl.fcntl(descriptor, command, _whole_file())
        except OSError as error:
            if error.errno in {errno.EACCES, errno.EAGAIN}:
                return False
            raise
        return True

    def _whole_file() -> bytes:
        if _APPLE:
            return _FLOCK.pack(0, 0, 0, fcntl.F_WRLCK, os.SEEK_SET)
        return _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)

    def _kind_and_pid(answer: bytes) -> tuple[int, int]:
        fields = _FLOCK.unpack(answer)
        return (fields[3], fields[2]) if _APPLE else (fields[0], fields[4])
