"""Reading a file of which nobody knows how large it is."""

import os
from typing import BinaryIO


def read_up_to(file: BinaryIO, limit: int) -> bytes:
    """At most ``limit`` bytes of an open file.

    Asked for so many, Python would reserve memory for all of them before it reads the first.
    """
    return file.read(min(limit, os.fstat(file.fileno()).st_size + 1))
