"""Which computer this is, in a form that tells nobody else.

The system's own number of a computer is confidential (machine-id(5)): with it, whoever has two
files of two programs knows that they are of one person. So only an HMAC of it leaves this module.
"""

import hashlib
import hmac
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_PURPOSE = b"loginfix backup"
_LINUX = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_MACOS = ("/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice")
_MACOS_ID = re.compile(r'"IOPlatformUUID" = "([^"]+)"')
_WINDOWS = (r"SOFTWARE\Microsoft\Cryptography", "MachineGuid")
_PATIENCE_SECONDS = 5


def machine_id() -> str:
    """The same for every run on this computer and for nothing else; empty where it has no number.

    In hexadecimal: the HMAC-SHA256 of a fixed text, with the system's number of the computer as key
    (as ``sd_id128_get_machine_app_specific`` has it).
    """
    try:
        found = next((number for number in _numbers() if number), "")
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""
    return hmac.new(found.encode(), _PURPOSE, hashlib.sha256).hexdigest() if found else ""


def _numbers() -> Iterator[str]:
    if sys.platform == "darwin":
        told = subprocess.run(  # noqa: S603  a program of the system, by its full path
            _MACOS, capture_output=True, check=True, text=True, timeout=_PATIENCE_SECONDS
        )
        yield from _MACOS_ID.findall(told.stdout)
    elif sys.platform == "win32":
        import winreg  # noqa: PLC0415  only Windows has it

        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _WINDOWS[0]) as key:
            yield str(winreg.QueryValueEx(key, _WINDOWS[1])[0])
    else:
        for path in _LINUX:
            if path.is_file():
                yield path.read_text("ascii").strip()
