"""Starting the real browsers, and waiting for what comes of it."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS = 60.0


@contextmanager
def started(home: Path, *command: object) -> Iterator["subprocess.Popen[str]"]:
    """A program of that home, ended with the block."""
    process = subprocess.Popen(
        [str(part) for part in command],
        env={"HOME": str(home), "PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=SECONDS)


def wait_for(condition: Callable[[], object]) -> None:
    """Ask until it is so; it fails where it does not become so in time."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.1)
