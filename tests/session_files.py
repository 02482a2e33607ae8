"""Session files read without the code under test: with other libraries, and as raw text."""

import base64
import hashlib
import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lz4.block
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Commands = list[tuple[int, bytes]]

CHROMIUM_FOLDERS = ("Sessions", "Sessions_Encrypted")
_KEY = hashlib.pbkdf2_hmac("sha1", b"peanuts", b"saltysalt", 1, 16)
_URL = re.compile(rb"[a-z]+://([A-Za-z0-9._-]+)")
_WIDE_URL = re.compile(rb"(?:[a-z]\0)+:\0/\0/\0((?:[A-Za-z0-9._-]\0)+)")


def chromium_files(profile: Path) -> list[Path]:
    return sorted(
        path
        for folder in CHROMIUM_FOLDERS
        if (profile / folder).is_dir()
        for path in (profile / folder).iterdir()
    )


def firefox_files(profile: Path) -> list[Path]:
    folders = (profile, profile / "sessionstore-backups")
    patterns = ("*.jsonlz4*", "*.baklz4")
    return sorted(path for folder in folders for each in patterns for path in folder.glob(each))


def session_files(profile: Path) -> list[Path]:
    return sorted({*chromium_files(profile), *firefox_files(profile)})


def decrypt(blob: bytes) -> bytes:
    assert blob[:3] == b"v10"
    cipher = Cipher(algorithms.AES(_KEY), modes.CBC(b" " * 16)).decryptor()
    padded = cipher.update(blob[3:]) + cipher.finalize()
    return padded[: -padded[-1]]


def commands(data: bytes) -> Commands:
    magic, version = struct.unpack_from("<4si", data)
    assert magic == b"SNSS"
    length = "<I" if version == 5 else "<H"
    found = []
    at = 8
    while at < len(data):
        (size,) = struct.unpack_from(length, data, at)
        at += struct.calcsize(length)
        record = data[at : at + size]
        assert len(record) == size
        content = decrypt(record) if version == 5 else record
        found.append((content[0], content[1:]))
        at += size
    return found


def urls(path: Path) -> Iterator[tuple[int, int, str]]:
    """Tab, index and address of every page that a log of Chromium's tells of."""
    kind = 1 if path.name.startswith("Tabs") else 6
    for number, payload in commands(path.read_bytes()):
        if number == kind:
            tab, index, size = struct.unpack_from("<iii", payload, 4)
            yield tab, index, payload[16 : 16 + size].decode()


def mozlz4(path: Path) -> Any:
    data = path.read_bytes()
    assert data[:8] == b"mozLz40\0"
    (size,) = struct.unpack_from("<I", data, 8)
    return json.loads(lz4.block.decompress(data[12:], uncompressed_size=size))


def hosts_in(path: Path) -> set[str]:
    """The host of every address in a file, decrypted, decompressed and out of base64."""
    if "lz4" in path.name:
        text = json.dumps(mozlz4(path), ensure_ascii=False).encode()
        texts = [text, *_decoded(text)]
    else:
        texts = [payload for _, payload in commands(path.read_bytes())]
    found = {match[1] for text in texts for match in _URL.finditer(text)}
    wide = {match[1] for text in texts for match in _WIDE_URL.finditer(text)}
    return {host.decode() for host in found} | {host.decode("utf-16-le") for host in wide}


def _decoded(text: bytes) -> Iterator[bytes]:
    for match in re.finditer(rb'"([A-Za-z0-9+/]{24,}={0,2})"', text):
        if len(match[1]) % 4 == 0:
            yield base64.b64decode(match[1])
