"""Copies are whole, whatever the system can do of them."""

import errno
import os
from pathlib import Path

import pytest

from loginfix.files.copying import copy_content, copy_file
from loginfix.files.exact import copy_exactly

CONTENT = os.urandom(300_000)
real = getattr(os, "copy_file_range", None)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(CONTENT)
    return path


def copied(source: Path) -> bytes:
    target = source.with_name("target")
    target.write_bytes(b"x" * 400_000)
    copy_file(source, target)
    return target.read_bytes()


def test_a_copy_is_the_same(source: Path) -> None:
    assert copied(source) == CONTENT
    source.write_bytes(b"")
    assert copied(source) == b""


def test_where_the_system_cannot_it_is_read_and_written(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "copy_file_range", raising=False)
    assert copied(source) == CONTENT


@pytest.mark.skipif(real is None, reason="this system has no copy_file_range")
@pytest.mark.parametrize("code", [errno.EXDEV, errno.EOPNOTSUPP, 0])
@pytest.mark.parametrize("before", [0, 1, 4097])
def test_where_it_stops_in_the_middle_the_rest_is_read_and_written(
    source: Path, monkeypatch: pytest.MonkeyPatch, code: int, before: int
) -> None:
    assert real is not None
    left = [before]

    def stops(original: int, copy: int, count: int, start: int) -> int:
        if left[0]:
            done: int = real(original, copy, min(count, left[0]), start)
            left[0] -= done
            return done
        if code:
            raise OSError(code, os.strerror(code))
        return 0

    monkeypatch.setattr(os, "copy_file_range", stops)
    assert copied(source) == CONTENT


def test_what_was_read_or_written_before_is_not_copied_again(source: Path) -> None:
    with source.open("rb") as original, source.with_name("target").open("w+b") as copy:
        copy.write(original.read(10)[::-1])
        assert copy_content(original, copy) == len(CONTENT) - 10
        copy.write(b"end")
        copy.seek(0)
        assert copy.read() == CONTENT[9::-1] + CONTENT[10:] + b"end"
        assert original.read() == b""


@pytest.mark.skipif(real is None, reason="this system has no copy_file_range")
def test_a_disk_that_takes_less_than_it_says_is_noticed(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert real is not None
    lies = [1]

    def lying(original: int, copy: int, count: int, start: int) -> int:
        done: int = lies.pop() if lies else real(original, copy, count, start)
        return done

    monkeypatch.setattr(os, "copy_file_range", lying)
    with source.open("rb") as original, pytest.raises(OSError, match="Input/output error"):
        copy_exactly(original, source.with_name("target"))


@pytest.mark.skipif(real is None, reason="this system has no copy_file_range")
def test_a_disk_that_is_full_is_told(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "copy_file_range", full)
    with pytest.raises(OSError, match="space"):
        copied(source)
