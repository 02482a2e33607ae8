import os
from pathlib import Path

import pytest

from loginfix.browsers.directories import directory_size, is_directory, same_file_key


def test_a_size_counts_every_file_and_follows_no_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "big").write_bytes(b"x" * 10_000)
    inside = tmp_path / "inside"
    (inside / "deep" / "deeper").mkdir(parents=True)
    (inside / "one").write_bytes(b"x" * 10)
    (inside / "deep" / "deeper" / "two").write_bytes(b"x" * 5)
    assert directory_size(inside) == 15
    (inside / "link").symlink_to(outside)
    assert directory_size(inside) == 15 + (inside / "link").lstat().st_size


def test_a_directory_that_is_not_there_has_no_size(tmp_path: Path) -> None:
    assert directory_size(tmp_path / "none") == 0


def test_what_is_not_there_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    for name in ("none", "file", "file/below", "loop", "a\0b"):
        assert not is_directory(tmp_path / name)
    assert is_directory(tmp_path)


def test_what_may_not_be_seen_is_not_taken_for_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(PermissionError):
        is_directory(tmp_path)


def test_two_ways_to_one_directory_have_one_key(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert same_file_key(tmp_path / "link") == same_file_key(tmp_path / "real")
    assert same_file_key(tmp_path) != same_file_key(tmp_path / "real")
