"""The keys with which a browser may have encrypted its session files on this machine.

They are those of cookies and saved passwords, and are used for nothing but the session files. What
is asked for may be locked or refused; then there is no key, and nothing is ever prompted for on
Linux. macOS asks the person itself.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from loginfix.formats.os_crypt import CbcCipher, Cipher, GcmCipher, derive_key
from loginfix.stores.sessions import keys_linux, keys_macos, keys_windows

# os_crypt_linux.cc: without a keyring (--password-store=basic) everybody has this password.
_BASIC_PASSWORD = b"peanuts"
_LINUX_ITERATIONS = 1
_MACOS_ITERATIONS = 1003


def ciphers(prefix: bytes, profile: Path) -> Iterator[Cipher]:
    """Ciphers to try for values with a key of this name, the likeliest first."""
    match sys.platform, prefix:
        case "linux", b"v10":
            yield CbcCipher(prefix, derive_key(_BASIC_PASSWORD, _LINUX_ITERATIONS))
        case "linux", b"v11":
            for secret in keys_linux.secrets():
                yield CbcCipher(prefix, derive_key(secret, _LINUX_ITERATIONS))
        case "darwin", b"v10":
            for secret in keys_macos.secrets(profile):
                yield CbcCipher(prefix, derive_key(secret, _MACOS_ITERATIONS))
        case "win32", b"v10":
            for key in keys_windows.keys(profile):
                yield GcmCipher(prefix, key)
