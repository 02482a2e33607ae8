"""The key of a Chromium browser on Windows: in its ``Local State``, encrypted for the account.

Source: ``components/os_crypt/sync/os_crypt_win.cc``. Since 2024 Chrome also has a key that only
Chrome itself can decrypt (``v20``); that one cannot be had.
"""

import base64
import binascii
import json
import sys
from collections.abc import Iterator
from pathlib import Path

_LOCAL_STATE = "Local State"
_MARK = b"DPAPI"


def keys(profile: Path) -> Iterator[bytes]:
    """The key of the browser that a profile is of, if this account can decrypt it."""
    for directory in (profile.parent, profile):
        sealed = sealed_key(directory / _LOCAL_STATE)
        if sealed is not None and (key := unprotect(sealed)) is not None:
            yield key


def sealed_key(path: Path) -> bytes | None:
    """The encrypted key in a ``Local State``; None where there is none."""
    try:
        text = json.loads(path.read_text("utf-8"))["os_crypt"]["encrypted_key"]
        sealed = base64.b64decode(text)
    except (OSError, ValueError, KeyError, TypeError, binascii.Error):
        return None
    return sealed.removeprefix(_MARK) if sealed.startswith(_MARK) else None


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _Blob(ctypes.Structure):
        """wincrypt.h, ``DATA_BLOB``."""

        _fields_ = (("size", wintypes.DWORD), ("data", ctypes.POINTER(ctypes.c_char)))

    def unprotect(sealed: bytes) -> bytes | None:
        """Decrypt what Windows encrypted for this account."""
        buffer = ctypes.create_string_buffer(sealed, len(sealed))
        given = _Blob(len(sealed), ctypes.cast(buffer, ctypes.POINTER(ctypes.c_char)))
        got = _Blob()
        done = ctypes.windll.crypt32.CryptUnprotectData(
            ctypes.byref(given), None, None, None, None, 0, ctypes.byref(got)
        )
        if not done:
            return None
        try:
            return ctypes.string_at(got.data, got.size)
        finally:
            ctypes.windll.kernel32.LocalFree(got.data)
else:

    def unprotect(sealed: bytes) -> bytes | None:  # noqa: ARG001  only Windows can
        """Nothing: only Windows can."""
        return None
