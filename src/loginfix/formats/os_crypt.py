"""Chromium's OSCrypt: short values encrypted with a key that the operating system keeps.

Source: ``components/os_crypt/sync/os_crypt_linux.cc``, ``os_crypt_mac.mm``, ``os_crypt_win.cc``. A
value is the name of its key (``v10``, ``v11``, …) and what the cipher gave: AES-128-CBC on Linux
and macOS, AES-256-GCM with nonce and tag around on Windows.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Protocol

from Cryptodome.Cipher import AES
from Cryptodome.Util.Padding import pad, unpad

PREFIX_SIZE = 3
"""Bytes of the name of the key."""

_SALT = b"saltysalt"
_CBC_KEY_SIZE = 16
_CBC_VECTOR = b" " * AES.block_size
_GCM_NONCE_SIZE = 12
_GCM_TAG_SIZE = 16
GCM_OVERHEAD = PREFIX_SIZE + _GCM_NONCE_SIZE + _GCM_TAG_SIZE
"""How many bytes AES-GCM adds to a value."""


class OSCryptError(ValueError):
    """A value that is not encrypted with this key, or is damaged."""


class Cipher(Protocol):
    """A key and how it is used."""

    def decrypt(self, blob: bytes) -> bytes:
        """Give the value.

        Raises:
            OSCryptError: It was not encrypted with this key.
        """

    def encrypt(self, value: bytes) -> bytes:
        """Encrypt a value."""


def derive_key(password: bytes, iterations: int) -> bytes:
    """The key of Linux (1 iteration) and macOS (1003)."""
    return hashlib.pbkdf2_hmac("sha1", password, _SALT, iterations, _CBC_KEY_SIZE)


def cbc_size(size: int) -> int:
    """How many bytes an AES-CBC value of ``size`` bytes has."""
    return PREFIX_SIZE + size + AES.block_size - size % AES.block_size


@dataclass(frozen=True, slots=True)
class CbcCipher:
    """Linux and macOS. Nothing proves that the key is right but what the value then says."""

    prefix: bytes
    key: bytes

    def decrypt(self, blob: bytes) -> bytes:
        """See ``Cipher``."""
        if not blob.startswith(self.prefix):
            raise OSCryptError("it is encrypted with another key")
        try:
            cipher = AES.new(self.key, AES.MODE_CBC, _CBC_VECTOR)
            return bytes(unpad(cipher.decrypt(blob[PREFIX_SIZE:]), AES.block_size))
        except ValueError as error:
            raise OSCryptError("it cannot be decrypted") from error

    def encrypt(self, value: bytes) -> bytes:
        """See ``Cipher``."""
        cipher = AES.new(self.key, AES.MODE_CBC, _CBC_VECTOR)
        return self.prefix + bytes(cipher.encrypt(pad(value, AES.block_size)))


@dataclass(frozen=True, slots=True)
class GcmCipher:
    """Windows."""

    prefix: bytes
    key: bytes

    def decrypt(self, blob: bytes) -> bytes:
        """See ``Cipher``."""
        if not blob.startswith(self.prefix) or len(blob) < GCM_OVERHEAD:
            raise OSCryptError("it is encrypted with another key")
        nonce = blob[PREFIX_SIZE:][:_GCM_NONCE_SIZE]
        content = blob[PREFIX_SIZE + _GCM_NONCE_SIZE : -_GCM_TAG_SIZE]
        try:
            cipher = AES.new(self.key, AES.MODE_GCM, nonce)
            return bytes(cipher.decrypt_and_verify(content, blob[-_GCM_TAG_SIZE:]))
        except ValueError as error:
            raise OSCryptError("it cannot be decrypted") from error

    def encrypt(self, value: bytes) -> bytes:
        """See ``Cipher``."""
        nonce = secrets.token_bytes(_GCM_NONCE_SIZE)
        content, tag = AES.new(self.key, AES.MODE_GCM, nonce).encrypt_and_digest(value)
        return self.prefix + nonce + bytes(content) + bytes(tag)
