"""The checksum beside a backup, for ``sha256sum -c`` and for every byte that is not content.

One line: the SHA-256 of the whole file in hexadecimal, two spaces, the file's name.
"""

import hashlib
from pathlib import Path

SUFFIX = ".sha256"


def checksum_path(backup: Path) -> Path:
    """Where the checksum of ``backup`` is."""
    return backup.with_name(backup.name + SUFFIX)


def checksum_line(file: Path, name: str) -> bytes:
    """The line for ``file``, once it is called ``name``.

    Raises:
        OSError: It cannot be read.
    """
    with file.open("rb") as content:
        return f"{hashlib.file_digest(content, 'sha256').hexdigest()}  {name}\n".encode()
