"""Real schedulers of this test's own: a systemd user manager and a cron daemon in namespaces.

Neither touches the machine's: mounts, processes and control groups are private, and everything in
them ends with the context. Needs root, as mounting does.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

_SYSTEMD = "/lib/systemd/systemd"
_UNSHARE = ("unshare", "--mount", "--pid", "--cgroup", "--fork", "--kill-child", "--mount-proc")
# The manager wants a machine that was booted with systemd, and control groups below its own.
_START_SYSTEMD = """
set -e
mount -t tmpfs none /run/systemd
mkdir /run/systemd/system
mount -t cgroup2 none /sys/fs/cgroup
echo mounted
"$0" --user --log-target=console &
wait
"""
_START_CRON = """
set -e
mount -t tmpfs none /run
mount -t tmpfs none /var/spool/cron
mkdir -m 1730 /var/spool/cron/crontabs
chgrp crontab /var/spool/cron/crontabs
mount -t tmpfs none /etc/cron.d
echo mounted
cron -f &
wait
"""
_POOR = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


@dataclass
class Machine:
    """A place to run commands in, with a scheduler running."""

    home: Path
    through: Sequence[str] = ()
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command there."""
        return subprocess.run(
            [*self.through, *command],
            input=stdin,
            env={**_POOR, **self.environment},
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
            timeout=60,
        )

    def loginfix(self, *arguments: str) -> str:
        """Run the program there; it has to succeed."""
        done = self.run(sys.executable, "-m", "loginfix", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def systemd_manager(directory: Path) -> Iterator[Machine]:
    """A user manager of its own, with its own home and runtime directory."""
    _need("unshare", "nsenter", "systemctl", "systemd-analyze", _SYSTEMD)
    home, runtime = directory / "home of the manager", directory / "run"
    home.mkdir()
    runtime.mkdir(mode=0o700)
    environment = {"HOME": str(home), "XDG_RUNTIME_DIR": str(runtime)}
    command = [*_UNSHARE, "sh", "-c", _START_SYSTEMD, _SYSTEMD]
    with _started(command, environment, directory) as through:
        machine = Machine(home, through, environment)
        wait_until(lambda: machine.run("systemctl", "--user", "show-environment").returncode == 0)
        yield machine


@contextmanager
def cron_daemon(directory: Path) -> Iterator[Machine]:
    """A cron daemon of its own, with its own crontabs."""
    _need("unshare", "nsenter", "cron", "crontab")
    with _started([*_UNSHARE, "sh", "-c", _START_CRON], {"HOME": "/root"}, directory) as through:
        yield Machine(Path("/root"), through, {"HOME": "/root"})


@contextmanager
def _started(
    command: Sequence[str], environment: dict[str, str], directory: Path
) -> Iterator[Sequence[str]]:
    """Start a script in its namespaces; gives the command that enters them."""
    with (
        (directory / "scheduler.log").open("wb") as log,
        subprocess.Popen(
            command,
            env={**_POOR, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        ) as process,
    ):
        try:
            outer = psutil.Process(process.pid)
            wait_until(lambda: b"mounted" in Path(log.name).read_bytes())
            (shell,) = outer.children()
            yield ("nsenter", f"--target={shell.pid}", "--mount", "--pid", "--cgroup")
        finally:
            process.kill()  # and, by --kill-child, everything in the namespace


def _need(*programs: str) -> None:
    missing = [each for each in programs if shutil.which(each, path=_sbin()) is None]
    if missing:
        pytest.skip(f"no real scheduler here: looked for {', '.join(missing)}")
    if os.geteuid() != 0:
        pytest.skip("a scheduler in a namespace of its own needs root")
    if subprocess.run([*_UNSHARE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine, perhaps a container, lets nobody have namespaces")


def _sbin() -> str:
    return os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


def wait_until(happened: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something to come to pass."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.05)
