"""Disks of a test's own, and commands on the homes that lie on them; for root on Linux."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from oracle import digests

DATA = ".local/share/loginfix"
CLEAR = ("clear-cache", "--site", "amazon", "--yes")
ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


@contextmanager
def mounted(where: Path, *options: str) -> Iterator[None]:
    """A file system at a directory, for as long as the block lasts."""
    where.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", *options, str(where)], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(where)], check=True, capture_output=True)


def profile_of(home: Path) -> dict[str, tuple[str, int, int]]:
    """Every file of a home but loginfix's own: content, mode, time."""
    return {path: facts for path, facts in digests(home).items() if not path.startswith(DATA)}


def told(home: Path, *arguments: str, **environment: str) -> tuple[int, dict[str, Any]]:
    """Run a command on a home; its exit code and its JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "loginfix", *arguments, "--json", "--home", str(home)],
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    decoded: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, decoded
