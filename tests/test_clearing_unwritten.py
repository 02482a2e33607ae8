"""Staged files are waited for many at a time, and every one of them."""

import errno
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from crashing import Flushing, intercepted
from loginfix.clearing import unwritten as module
from loginfix.clearing.transaction import Transaction
from loginfix.clearing.unwritten import Unwritten
from loginfix.errors import ProfileWriteError

resource = pytest.importorskip("resource")

MANY = 150
AT_ONCE = 64

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (4 * AT_ONCE, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    tmp_path.joinpath("root").mkdir()
    return tmp_path / "root"


def stage(journal: Path, root: Path) -> tuple[Transaction, list[Path]]:
    """Record many new files."""
    transaction = Transaction.begin(journal, "run-1", purpose="restore", details={})
    staged = [transaction.scratch(root) / f"staged-{number}" for number in range(MANY)]
    for number, path in enumerate(staged):
        path.write_text(str(number))
        transaction.create(root, f"new/{number}" if number % 2 else str(number), path)
    return transaction, staged


def open_files(root: Path) -> int:
    """How many files below ``root`` this process has open."""
    found = 0
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208  one of them is this listing's
        path = Path("/proc/self/fd", name)
        found += path.is_symlink() and path.readlink().is_relative_to(root) and path.is_file()
    return found


def test_each_of_many_is_flushed_before_the_plan_is_decided(tmp_path: Path, root: Path) -> None:
    flushing = Flushing(tmp_path / "journal")
    with intercepted(flushing):
        transaction, staged = stage(tmp_path / "journal", root)
        assert 0 < open_files(root) <= AT_ONCE
        transaction.prepare(backup="")
    assert {path.stat().st_ino for path in staged} <= flushing.flushed_files
    assert open_files(root) == 0
    needed = {each.parents for each in transaction._operations if each.path.startswith("new/")}
    assert needed == {("new",)}
    transaction.commit()
    transaction.finish()
    assert (root / "7").exists() is False
    assert (root / "new/7").read_text() == "7"
    assert (root / "8").read_text() == "8"


def test_a_failure_names_the_file_and_no_other_is_waited_for(tmp_path: Path, root: Path) -> None:
    transaction, _ = stage(tmp_path / "journal", root)
    waiting = open_files(root)
    calls = 0

    def broken(name: str, *_: object) -> None:
        nonlocal calls
        if name == "fsync":
            calls += 1
            if calls == 2:
                raise OSError(errno.EIO, os.strerror(errno.EIO))

    with intercepted(broken), pytest.raises(ProfileWriteError, match="Input/output") as caught:
        transaction.prepare(backup="")
    assert caught.value.path == root / "new" / str(MANY - waiting + 1)
    assert calls == 2
    assert open_files(root) == 0
    transaction.abandon()
    assert list(root.iterdir()) == []


def test_what_is_thrown_away_is_not_waited_for(tmp_path: Path, root: Path) -> None:
    transaction, staged = stage(tmp_path / "journal", root)
    inodes = {path.stat().st_ino for path in staged}
    flushing = Flushing(tmp_path / "journal")
    with intercepted(flushing):
        transaction.abandon()
    assert flushing.flushed_files.isdisjoint(inodes)
    assert open_files(root) == 0


def test_a_system_that_takes_no_advice_still_flushes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    flushed: list[int] = []
    monkeypatch.setattr(os, "posix_fadvise", refused)
    monkeypatch.setattr(os, "fsync", flushed.append)
    descriptor = os.open(tmp_path / "file", os.O_CREAT | os.O_RDWR)
    unwritten = Unwritten()
    unwritten.add(descriptor, tmp_path / "file")
    unwritten.flush()
    unwritten.flush()
    assert flushed == [descriptor]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Unwritten:
    """So many files that threads help."""
    monkeypatch.setattr(module, "_WORTH", 5)
    unwritten = Unwritten()
    for number in range(AT_ONCE - 1):
        path = tmp_path / str(number)
        unwritten.add(os.open(path, os.O_CREAT | os.O_RDWR), path)
    return unwritten


def test_several_are_waited_for_at_a_time_and_each_once(
    files: Unwritten, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []
    threads = set[int]()
    together = threading.Barrier(3, timeout=20)

    def fsync(descriptor: int) -> None:
        os.fstat(descriptor)
        flushed.append(descriptor)
        if threading.get_ident() not in threads and len(threads) < 3:
            threads.add(threading.get_ident())
            together.wait()

    monkeypatch.setattr(os, "fsync", fsync)
    wanted = [descriptor for descriptor, _ in files._files]
    files.flush()
    assert Counter(flushed) == Counter(wanted)
    assert len(threads) == 3
    assert threading.active_count() == 1


def test_where_there_are_no_threads_each_is_waited_for_all_the_same(
    files: Unwritten, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    flushed: list[int] = []
    monkeypatch.setattr(threading.Thread, "start", refused)
    monkeypatch.setattr(os, "fsync", flushed.append)
    wanted = [descriptor for descriptor, _ in files._files]
    files.flush()
    assert flushed == wanted


@pytest.mark.parametrize("where", ["helper", "main"])
@pytest.mark.parametrize("error", [OSError(errno.EIO, os.strerror(errno.EIO)), MemoryError()])
def test_a_failure_in_any_thread_is_told_and_ends_the_waiting(
    files: Unwritten,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    error: Exception,
) -> None:
    flushed: list[int] = []
    failed: list[int] = []

    def fsync(descriptor: int) -> None:
        flushed.append(descriptor)
        here = "main" if threading.current_thread() is threading.main_thread() else "helper"
        if here == where and not failed:
            failed.append(descriptor)
            raise error
        time.sleep(0.2 if failed else 0.01)  # lets the others have a turn

    paths = dict(files._files)
    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises((ProfileWriteError, MemoryError)) as caught:
        files.flush()
    if isinstance(caught.value, ProfileWriteError):
        assert caught.value.path == paths[failed[0]]
    assert len(flushed) == len(set(flushed)) <= 2 * (module._HELPERS + 1)
    assert threading.active_count() == 1
    assert open_files(tmp_path) == 0
    files.flush()
    assert len(flushed) == len(set(flushed))
