"""Only one loginfix of a user writes at a time."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loginfix.clearing.failures import journal_errors
from loginfix.errors import BusyError
from loginfix.files.durable import private_directory
from loginfix.words import say

_FLAGS: int = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


@contextmanager
def run_lock(data_dir: Path) -> Iterator[None]:
    """Hold ``<data_dir>/lock``; the system lets go of it when the process ends, however it ends.

    The file stays: removing it would let two processes hold locks on two files of that name.

    Raises:
        BusyError: Another run holds it.
        JournalError: The file cannot be made.
    """
    path = data_dir / "lock"
    with journal_errors(path):
        private_directory(data_dir)
        descriptor = os.open(path, _FLAGS, 0o600)
    try:
        try:
            _lock(descriptor)
        except OSError as error:
            raise BusyError(
                say("Another loginfix is at work."),
                next_step=say("Wait until it is done, then run the command again."),
                path=path,
            ) from error
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
