"""Files on their way to the disk: the system begins at once, and we wait for many together.

To wait for each alone has a file system close its journal for each, which takes ten times as long
for thousands of small files; package managers write in the same way. And each wait has the disk
empty its own memory once: where several wait at a time, once does for all of them.
"""

import os
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from threading import Thread

from loginfix.clearing.failures import profile_errors
from loginfix.files.durable import flush

_ENOUGH = 500

_HELPERS = 7
_WORTH = 32
"""For so many files another thread pays."""


class Unwritten:
    """Open files whose content, mode and time are to be on the disk when ``flush`` returns.

    Each stays open until then: a failure to write it behind our back is told to whoever had it open
    at that time (fsync(2)), and to nobody else for certain.
    """

    def __init__(self) -> None:
        self._files: list[tuple[int, Path]] = []
        self._most = _most()

    def add(self, descriptor: int, path: Path) -> None:
        """Take over an open file; ``path`` is what an error names.

        Raises:
            ProfileWriteError: As ``flush``, which has its turn whenever enough have gathered.
        """
        self._files.append((descriptor, path))
        if hasattr(os, "posix_fadvise"):
            # What is to leave memory has to be written first: the system begins with it now.
            with suppress(OSError):
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        if len(self._files) >= self._most:
            self.flush()

    def flush(self) -> None:
        """Wait until all are on the disk, and close them.

        Raises:
            ProfileWriteError: One is not. That is final: none of them is waited for again.
        """
        try:
            failed = _flush_together([descriptor for descriptor, _ in self._files])
            for at in sorted(failed):
                with profile_errors(self._files[at][1]):
                    raise failed[at]
        finally:
            self.close()

    def close(self) -> None:
        """Wait for none of them: they are not needed any more."""
        while self._files:
            os.close(self._files.pop()[0])


def _flush_together(descriptors: list[int]) -> dict[int, BaseException]:
    """Wait for each once, with the help of threads; after a failure, for no more than are begun.

    Returns:
        What failed, by its index.
    """
    waiting = deque(enumerate(descriptors))
    failed: dict[int, BaseException] = {}

    def take() -> None:
        while waiting:
            try:
                at, descriptor = waiting.popleft()
            except IndexError:  # another thread was faster
                return
            try:
                flush(descriptor)
            except BaseException as error:  # noqa: BLE001  a thread would keep it to itself
                failed[at] = error
                waiting.clear()

    helpers: list[Thread] = []
    try:
        with suppress(RuntimeError):  # the system gives no more threads: those there are will do
            for _ in range(min(len(descriptors) // _WORTH, _HELPERS)):
                helper = Thread(target=take)
                helper.start()
                helpers.append(helper)
        take()
    finally:
        waiting.clear()
        for helper in helpers:
            helper.join()
    return failed


def _most() -> int:
    """How many files may stay open for this: of those that one process may have, a fourth."""
    if sys.platform == "win32":
        return 1  # an open file can be neither renamed nor removed there
    import resource  # noqa: PLC0415  Windows has no such module

    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _ENOUGH if limit == resource.RLIM_INFINITY else max(1, min(limit // 4, _ENOUGH))
