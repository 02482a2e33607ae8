import errno
import os
import stat
from pathlib import Path

import pytest

from loginfix.files.durable import create_private, private_directory, sync_directory, sync_file
from test_vault_writer import needs_posix


@needs_posix
def test_a_new_directory_is_private_from_its_first_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    before = os.umask(0o022)
    try:
        private_directory(tmp_path / "a" / "b")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(OSError, match="exists"):
        private_directory(tmp_path / "a")


def test_creating_never_opens_what_is_there(tmp_path: Path) -> None:
    os.close(create_private(tmp_path / "a"))
    with pytest.raises(FileExistsError):
        create_private(tmp_path / "a")


@needs_posix
@pytest.mark.parametrize("sync", [sync_file, sync_directory])
def test_a_failed_sync_is_not_kept_quiet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sync: object
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    assert callable(sync)
    (tmp_path / "a").touch()
    sync(tmp_path / "a")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        sync(tmp_path / "a")
