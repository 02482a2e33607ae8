"""Recorded profiles, unpacked once in a process, and the files in them."""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from recorder.recordings import Recording, unpack

_LARGEST = 1 << 16
_MOST = 12


@functools.cache
def recording(name: str) -> Recording:
    """A recorded profile, to be changed only by whoever puts it back."""
    directory = tempfile.mkdtemp(prefix="fuzzing-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return unpack(name, Path(directory) / "home")


def contents(name: str, *patterns: str) -> list[bytes]:
    """What is in the smallest of the files that match."""
    home = recording(name).home
    files = {path for pattern in patterns for path in home.glob(pattern) if path.is_file()}
    ranked = sorted(files, key=lambda path: (path.stat().st_size, path))
    return [data for path in ranked if 0 < len(data := path.read_bytes()) <= _LARGEST][:_MOST]
