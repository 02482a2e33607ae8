"""Files on their way to the disk: the system begins at once, and we wait for many together.

To wait for each alone has a file system close its journal for each, which takes ten times as long
for thousands of small files; package managers write in the same way.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

from loginfix.clearing.failures import profile_errors
from loginfix.files.durable import flush

_ENOUGH = 500


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
            for descriptor, path in self._files:
                with profile_errors(path):
                    flush(descriptor)
        finally:
            self.close()

    def close(self) -> None:
        """Wait for none of them: they are not needed any more."""
        while self._files:
            os.close(self._files.pop()[0])


def _most() -> int:
    """How many files may stay open for this: of those that one process may have, a fourth."""
    if sys.platform == "win32":
        return 1  # an open file can be neither renamed nor removed there
    import resource  # noqa: PLC0415  Windows has no such module

    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _ENOUGH if limit == resource.RLIM_INFINITY else max(1, min(limit // 4, _ENOUGH))
