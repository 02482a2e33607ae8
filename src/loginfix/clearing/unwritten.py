"""Files on their way to the disk: the system begins at once, and we wait for many together.

To wait for each alone has a file system close its journal for each, which takes ten times as long
for thousands of small files; package managers write in the same way.
"""

import os
from contextlib import suppress
from pathlib import Path

from loginfix.clearing.failures import profile_errors
from loginfix.files.durable import flush

# Open files are few on some systems (256 on macOS). Windows removes and renames no open file.
_MOST = 1 if os.name == "nt" else 64


class Unwritten:
    """Open files whose content, mode and time are to be on the disk when ``flush`` returns.

    Each stays open until then: a failure to write it behind our back is told to whoever had it open
    at that time (fsync(2)), and to nobody else for certain.
    """

    def __init__(self) -> None:
        self._files: list[tuple[int, Path]] = []

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
        if len(self._files) >= _MOST:
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
