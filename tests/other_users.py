"""A computer with users of its own, for one process: made of mounts that nobody else sees.

Needs root and the right to mount. Nothing outside the mount namespace is changed.
"""

import os
import shlex
import site
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import loginfix

_ACCOUNTS = "root:x:0:0::/root:/bin/sh\n"


def missing_rights() -> str:
    """Why there can be no such computer here; empty if there can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "needs root on Linux"
    tried = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if tried.returncode == 0 else f"needs the right to mount: {tried.stderr.strip()}"


@dataclass
class Computer:
    """``/home`` and ``/var/log`` are directories below ``base``; so is the user database."""

    base: Path
    accounts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for path in (self.homes, self.logs):
            path.mkdir(parents=True)

    @property
    def homes(self) -> Path:
        """What is seen as ``/home``."""
        return self.base / "home"

    @property
    def logs(self) -> Path:
        """What is seen as ``/var/log``."""
        return self.base / "log"

    def add(self, name: str, uid: int, *, login: bool = True) -> Path:
        """Give a new user an account and an empty home, outside seen at the path returned."""
        shell = "/bin/sh" if login else "/usr/sbin/nologin"
        self.accounts.append(f"{name}:x:{uid}:{uid}::/home/{name}:{shell}\n")
        path = self.homes / name
        path.mkdir()
        os.chown(path, uid, uid)
        return path

    def run(
        self, *command: str, environment: Mapping[str, str] | None = None, timeout: float = 60
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command on this computer, as root."""
        passwd = self.base / "passwd"
        passwd.write_text(_ACCOUNTS + "".join(self.accounts))
        steps = [
            f"mount --bind {passwd} /etc/passwd",
            f"mount --bind {self.homes} /home",
            f"mount --bind {self.logs} /var/log",
            *_opened(self.base),
            f"exec {shlex.join(command)}",
        ]
        return subprocess.run(
            ["unshare", "--mount", "sh", "-ec", "\n".join(steps)],
            env={"PATH": os.environ["PATH"], "HOME": "/root", **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    def loginfix(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run loginfix there, as root."""
        return self.run(sys.executable, "-m", "loginfix", *arguments, environment=environment)


def _opened(base: Path) -> Sequence[str]:
    """Mounts that let everybody read this Python and loginfix, at the paths where they are."""
    steps = []
    code = (Path(loginfix.__file__).parent, *map(Path, site.getsitepackages()))
    for number, needed in enumerate((Path(sys.base_prefix), *code)):
        closed = next((p for p in reversed(needed.parents) if not p.stat().st_mode & 0o001), None)
        if closed is None:
            continue
        aside = base / f"aside-{number}"
        aside.mkdir(exist_ok=True)
        steps += [
            f"mount --bind {needed} {aside}",
            f"mount -t tmpfs -o mode=755 tmpfs {closed}",
            f"mkdir -p {needed}",
            f"mount --bind {aside} {needed}",
        ]
    return steps
