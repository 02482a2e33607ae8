"""Unpacking a recording gives back content, modes and exact times, and nothing outside."""

import io
import tarfile
from pathlib import Path

import pytest

from loginfix.demo.recordings import recording, unpack


def test_times_are_exact_to_the_nanosecond(tmp_path: Path) -> None:
    archive = recording("chromium-156")
    unpack(archive, tmp_path)
    with tarfile.open(archive) as packed:
        members = packed.getmembers()
        for member in members:
            status = (tmp_path / member.name).stat()
            seconds, _, fraction = member.pax_headers["mtime"].partition(".")
            assert status.st_mtime_ns == int(seconds + fraction.ljust(9, "0")), member.name
            assert status.st_mode & 0o777 == member.mode
            assert member.isdir() or status.st_size == member.size
    assert any(member.mtime % 1 for member in members)


@pytest.mark.parametrize("name", ["../outside", "/outside", "inside/../../outside"])
def test_a_path_that_leads_out_is_refused(name: str, tmp_path: Path) -> None:
    archive = _archive(tmp_path, tarfile.TarInfo(name))
    with pytest.raises(ValueError, match="not a file of a recording"):
        unpack(archive, tmp_path / "home")
    assert not (tmp_path / "outside").exists()


def test_a_link_is_refused(tmp_path: Path) -> None:
    link = tarfile.TarInfo("link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with pytest.raises(ValueError, match="not a file of a recording"):
        unpack(_archive(tmp_path, link), tmp_path / "home")


def _archive(directory: Path, member: tarfile.TarInfo) -> Path:
    path = directory / "bad.tar.xz"
    with tarfile.open(path, "w:xz") as packed:
        packed.addfile(member, io.BytesIO())
    return path
