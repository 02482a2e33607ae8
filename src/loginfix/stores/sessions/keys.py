"""The keys with which a browser may have encrypted its session files on this machine."""

import sys
from collections.abc import Iterator

from loginfix.formats.os_crypt import CbcCipher, Cipher, derive_key

# os_crypt_linux.cc: without a keyring (--password-store=basic) everybody has this password.
_BASIC_PASSWORD = b"peanuts"
_LINUX_ITERATIONS = 1


def ciphers(prefix: bytes) -> Iterator[Cipher]:
    """Ciphers to try for values of a key's name, the likeliest first; none where not known."""
    if sys.platform.startswith("linux") and prefix == b"v10":
        yield CbcCipher(prefix, derive_key(_BASIC_PASSWORD, _LINUX_ITERATIONS))
