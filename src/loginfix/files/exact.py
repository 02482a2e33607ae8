"""Files that hold all that was written into them; a disk may take less than it says."""

import errno
import os
from pathlib import Path
from typing import BinaryIO

from loginfix.files.copying import copy_content
from loginfix.files.durable import create_private


def write_exactly(path: Path, content: bytes) -> None:
    """Write a file, and see that it has the size it should have.

    Raises:
        OSError: It cannot be written, or is shorter.
    """
    path.write_bytes(content)
    require_size(path, len(content))


def copy_exactly(source: BinaryIO, path: Path) -> None:
    """Copy what is left of ``source`` into a new private file, and see that all of it is there.

    Raises:
        OSError: It cannot be written, or is shorter.
    """
    with open(path, "xb", opener=create_private) as copy:
        size = copy_content(source, copy)
    require_size(path, size)


def require_size(path: Path, size: int) -> None:
    """See that a file has so many bytes.

    Raises:
        OSError: It has not.
    """
    if path.stat().st_size != size:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
