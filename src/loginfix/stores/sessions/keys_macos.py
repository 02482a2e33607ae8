"""The password of a Chromium browser in macOS' keychain.

Source: ``components/os_crypt/sync/keychain_password_mac.mm``. The system asks the person whether
loginfix may have it, so only that of the profile's own browser is asked for.
"""

import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

# What a user data directory has in its path, and what its entry is called.
_ENTRIES = (
    ("Google/Chrome", "Chrome Safe Storage"),
    ("Chromium", "Chromium Safe Storage"),
    ("BraveSoftware", "Brave Safe Storage"),
    ("Microsoft Edge", "Microsoft Edge Safe Storage"),
    ("Vivaldi", "Vivaldi Safe Storage"),
    ("com.operasoftware.", "Opera Safe Storage"),
    ("Arc", "Arc Safe Storage"),
)
_TOOL = "/usr/bin/security"
_SECONDS = 120


def secrets(profile: Path) -> Iterator[bytes]:
    """The password of the browser that a profile is of, if the person lets us have it."""
    for part, entry in _ENTRIES:
        if f"Application Support/{part}" in profile.as_posix():
            yield from _read(entry)
            return


@cache
def _read(entry: str) -> tuple[bytes, ...]:
    try:
        done = subprocess.run(  # noqa: S603  a tool of the system, fixed words
            [_TOOL, "find-generic-password", "-w", "-s", entry],
            capture_output=True,
            check=True,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return (done.stdout.removesuffix(b"\n"),)
