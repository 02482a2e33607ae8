"""Private copies for reading: in the system's temporary directory, named after their process.

They hold what the browsers hold. A process that is killed leaves them behind, and its number in the
name lets the next run tell and remove them.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "loginfix"
_NAME = re.compile(rf"{_PREFIX}-(\d+)-\w+")


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a new directory that only its owner can enter, and remove it at the end."""
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}-{os.getpid()}-") as directory:
        yield Path(directory)


def remove_abandoned() -> None:
    """Remove what killed processes of this user have left; what cannot be removed stays."""
    try:
        entries = list(os.scandir(tempfile.gettempdir()))
    except OSError:
        return
    for entry in entries:
        match = _NAME.fullmatch(entry.name)
        if match and _is_own(entry) and not _is_alive(int(match[1])):
            shutil.rmtree(entry.path, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    import psutil  # noqa: PLC0415 - most runs need nothing of it

    return psutil.pid_exists(pid)


def _is_own(entry: os.DirEntry[str]) -> bool:
    try:
        if not entry.is_dir(follow_symlinks=False):
            return False
        # On Windows the directory is the user's own.
        return not hasattr(os, "getuid") or entry.stat(follow_symlinks=False).st_uid == os.getuid()
    except OSError:
        return False  # just removed
