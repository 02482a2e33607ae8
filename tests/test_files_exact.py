"""A disk that takes less than it says is noticed, by whoever writes."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from loginfix.files.durable import write_private_file
from loginfix.files.exact import copy_exactly, write_exactly

CONTENT = b"0123456789" * 1000


def by_copying(path: Path) -> None:
    copy_exactly(io.BytesIO(CONTENT), path)


def by_writing(path: Path) -> None:
    write_exactly(path, CONTENT)


def by_replacing(path: Path) -> None:
    write_private_file(path, CONTENT)


WRITERS = (by_copying, by_writing, by_replacing)


@pytest.mark.parametrize("write", WRITERS)
def test_all_is_written(write: Callable[[Path], None], tmp_path: Path) -> None:
    write(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT


@pytest.mark.parametrize("write", WRITERS)
def test_what_the_disk_did_not_take_is_told(
    write: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that somebody cuts short stands for such a disk: its size is not what was written."""
    real_stat, real_fstat = Path.stat, os.fstat

    def cut(status: os.stat_result) -> os.stat_result:
        values = list(status)
        values[6] = min(status.st_size, len(CONTENT) - 1)
        return os.stat_result(values)

    monkeypatch.setattr(Path, "stat", lambda path, **options: cut(real_stat(path, **options)))
    monkeypatch.setattr(os, "fstat", lambda descriptor: cut(real_fstat(descriptor)))
    with pytest.raises(OSError, match="Input/output error"):
        write(tmp_path / "file")
