"""Runs that are killed: after ``recover``, the profile is exactly as before or exactly as after."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from loginfix.formats import mozlz4
from oracle import digests
from recorder.recordings import unpack

VAULT = ".local/share/loginfix"
OWNERLESS = re.compile(rb"moz-nullprincipal:\{[0-9a-f-]+\}")
# The system calls that change what is on the disk.
CALLS = (
    *("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "rmdir", "mkdir"),
    *("mkdirat", "fsync", "fdatasync", "pwrite64", "ftruncate", "utimensat"),
)
POINTS_PER_CALL = 3
ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}

State = dict[str, tuple[str, int, int]]
pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")


@dataclass(frozen=True)
class Job:
    """A command on a home in a known state, the two states that may result, and its calls."""

    home: Path
    arguments: tuple[str, ...]
    before: State
    after: State
    calls: Counter[str]

    def points(self) -> list[tuple[str, int]]:
        """Which call to kill, and the how-manieth: the first, the last, some in between."""
        return [
            (call, number)
            for call, count in sorted(self.calls.items())
            for number in sorted({1, count, *range(1, count, max(1, count // POINTS_PER_CALL))})
        ]


def state_of(home: Path) -> State:
    """Every file; without what is another in every run: the time of a database that is written
    anew, and the number of an owner that Firefox gives to what has none."""
    anew = {path.parent.relative_to(home).as_posix() for path in home.rglob("CURRENT")}
    state = {}
    for path, (content, mode, mtime) in digests(home).items():
        if path.startswith(VAULT):
            continue
        if path.endswith((".jsonlz4", ".baklz4")):
            text = OWNERLESS.sub(b"", mozlz4.decode((home / path).read_bytes()))
            same = hashlib.sha256(text).hexdigest()
        else:
            same = content
        state[path] = (same, mode, 0 if path.rpartition("/")[0] in anew else mtime)
    return state


def run(home: Path, *arguments: str, through: tuple[str, ...] = ()) -> int:
    program = (sys.executable, "-m", "loginfix", *arguments, "--home", str(home))
    done = subprocess.run(
        (*through, *program), capture_output=True, check=False, timeout=120, env=ENVIRONMENT
    )
    return done.returncode


def job(home: Path, *arguments: str) -> Job:
    done = shutil.copytree(home, home.with_name("done"), symlinks=True)
    log = home.with_name("strace.log")
    trace = ("strace", "-f", "-qq", "-o", str(log), "-e", f"trace={','.join(CALLS)}")
    assert run(done, *arguments, through=trace) == 0
    called = re.findall(r"^\d+ +(\w+)\(", log.read_text("utf-8", "replace"), re.MULTILINE)
    return Job(home, arguments, state_of(home), state_of(done), Counter(called))


def clearing(directory: Path) -> Job:
    home = unpack("firefox-esr-140", directory / "home").home
    return job(home, "clear-cache", "--site", "amazon", "--yes")


def restoring(directory: Path) -> Job:
    home = unpack("chromium-150", directory / "home").home
    assert run(home, "clear-cache", "--site", "amazon", "--yes") == 0
    return job(home, "restore", "--yes")


@pytest.mark.parametrize("make", [clearing, restoring])
def test_killed_at_any_write_it_is_before_or_after_once_recovered(
    make: Callable[[Path], Job], tmp_path: Path
) -> None:
    work = make(tmp_path)
    assert work.before != work.after
    outcomes: Counter[str] = Counter()
    for call, number in work.points():
        home = shutil.copytree(work.home, tmp_path / f"{call}-{number}", symlinks=True)
        inject = f"inject={call}:signal=KILL:when={number}"
        trace = ("strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}", "-e", inject)
        ended = run(home, *work.arguments, through=trace)
        assert ended in (-signal.SIGKILL, 128 + signal.SIGKILL), (call, number, ended)
        recovered = run(home, "recover")
        assert recovered in (0, 3), (call, number, recovered)
        state = state_of(home)
        assert state in (work.before, work.after), (call, number)
        outcomes["after" if state == work.after else "before"] += 1
        if state != work.before or work.arguments[0] == "restore":
            assert run(home, "backups", "verify") == 0, (call, number)
        else:
            assert not list((home / VAULT / "backups").glob("*.loginfix")), (call, number)
        assert not [p for p in home.rglob("*") if p.name.startswith(".loginfix-")], (call, number)
        assert not list(home.rglob("SingletonLock"))
        shutil.rmtree(home)
    assert set(outcomes) == {"before", "after"}


def test_ctrl_c_leaves_everything_as_it_was(tmp_path: Path) -> None:
    work = clearing(tmp_path)
    inject = f"inject=fsync:signal=INT:when={max(1, work.calls['fsync'] // 2)}"
    trace = ("strace", "-f", "-qq", "-o", os.devnull, "-e", "trace=fsync", "-e", inject)
    assert run(work.home, *work.arguments, through=trace) == 130
    assert state_of(work.home) == work.before
    assert run(work.home, "recover") == 3
