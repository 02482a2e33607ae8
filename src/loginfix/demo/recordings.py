"""Recorded profiles: home directories as real browsers left them, packed with exact times."""

import os
import shutil
import tarfile
from decimal import Decimal
from pathlib import Path, PurePosixPath

from loginfix.data import recordings_root

SUFFIX = ".tar.xz"


def recording(name: str) -> Path:
    """The archive of a recording that comes with the program."""
    return recordings_root() / f"{name}{SUFFIX}"


def unpack(archive: Path, into: Path) -> None:
    """Unpack a recording into a directory, which becomes a home directory.

    Times are restored to the nanosecond, those of directories too: Chromium's simple cache trusts
    its index only while the cache directory's time is the one it noted, in microseconds
    (net/disk_cache/simple/simple_index_file.cc). Only plain files and directories are unpacked.

    Raises:
        ValueError: The archive holds anything else, or a path that leads out of it.
    """
    into.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "r:xz") as packed:
        members = packed.getmembers()
        for member in members:
            path = PurePosixPath(member.name)
            if path.is_absolute() or ".." in path.parts or not (member.isreg() or member.isdir()):
                raise ValueError(f"{archive}: {member.name!r} is not a file of a recording")
            _extract(packed, member, into / path)
    for member in reversed(members):  # what is in a directory before the directory
        path_on_disk = into / member.name
        path_on_disk.chmod(member.mode)
        time_ns = int(Decimal(member.pax_headers["mtime"]) * 10**9)
        os.utime(path_on_disk, ns=(time_ns, time_ns))


def _extract(packed: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    source = packed.extractfile(member)
    if source is not None:
        with source, target.open("wb") as file:
            shutil.copyfileobj(source, file)
