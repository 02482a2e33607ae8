"""Install everything that the tests need and run every check; needs only Python 3.11+ and git.

    python3 tools/check.py [--strict] [pytest arguments ...]

Makes a virtual environment in ``.venv`` and installs the project and its development tools into
it, from wheels only. On Debian and its relatives, as root, it installs the real browsers,
schedulers and shells too; the tests that drive them are skipped where there are none. With
``--strict`` (or ``CI=true``) such a skipped test is a failure.
"""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
BINARIES = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
# certutil, of libnss3-tools, makes Chromium trust the certificates of the tests' fake web; a
# desktop's keyring keeps the key of encrypted tabs.
DEBIAN_PACKAGES = (
    *("chromium", "firefox-esr", "libnss3-tools", "strace", "cron", "systemd"),
    *("gnome-keyring", "dbus"),
    *("zsh", "fish"),
)
PROGRAMS = (
    *("chromium", "firefox-esr", "certutil", "strace", "crontab", "systemd-analyze"),
    *("gnome-keyring-daemon", "dbus-run-session"),
    *("zsh", "fish"),
)


def main() -> int:
    """Run everything; the exit code is that of the first check that fails."""
    if sys.version_info < (3, 11):
        print("Python 3.11 or newer is needed; this is", sys.version.split()[0])
        return 1
    arguments = [each for each in sys.argv[1:] if each != "--strict"]
    strict = "--strict" in sys.argv or os.environ.get("CI") == "true"
    install_browsers()
    make_environment()
    checks = (
        ("ruff", "check"),
        ("ruff", "format", "--check"),
        ("mypy",),
        ("pytest", *(["--no-live-skips"] if strict else []), *arguments),
    )
    for program, *options in checks:
        command = [str(BINARIES / program), *options]
        print("$", program, *options, flush=True)
        code = subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603  our own tools
        if code:
            return code
    return 0


def install_browsers() -> None:
    """Install Debian's browsers, schedulers and shells where possible, if they are missing."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    apt = shutil.which("apt-get")
    if not missing or apt is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        if missing:
            print("Not here, so the tests that need them are skipped:", ", ".join(missing))
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for options in (["update"], ["install", "--no-install-recommends", *DEBIAN_PACKAGES]):
        subprocess.run([apt, "-qq", "-y", *options], check=True, env=environment)  # noqa: S603


def make_environment() -> None:
    """Make the virtual environment, if need be, and bring what is in it up to date."""
    if not (BINARIES / f"python{'.exe' if os.name == 'nt' else ''}").exists():
        venv.create(ENVIRONMENT, with_pip=True)
    pip = [str(BINARIES / "python"), "-m", "pip", "install", "--quiet"]
    for packages in (
        ["--upgrade", "pip"],
        ["--only-binary", ":all:", "--group", "dev", "--editable", "."],
    ):
        subprocess.run([*pip, *packages], cwd=ROOT, check=True)  # noqa: S603  our own pip


if __name__ == "__main__":
    sys.exit(main())
