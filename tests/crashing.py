"""Helpers for tests of crashes: what a tree is, and dying just before the nth change to a disk."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

KILLED = 77

# Everything that this code changes a disk with, as Python calls it.
CHANGES = ("mkdir", "rmdir", "unlink", "link", "replace", "rename", "utime", "fsync", "fchmod")

Snapshot = dict[str, tuple[Any, ...]]


def snapshot(root: Path, *, times_of_directories: bool = False) -> Snapshot:
    """Names, modes, contents and times of everything below ``root``."""
    found: Snapshot = {}
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        mode = stat.S_IMODE(status.st_mode)
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = ("link", str(path.readlink()))
        elif path.is_dir():
            found[name] = ("directory", mode, status.st_mtime_ns if times_of_directories else 0)
        else:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            found[name] = ("file", mode, status.st_mtime_ns, content)
    return found


@contextmanager
def intercepted(before: Callable[[str, tuple[Any, ...], dict[str, Any]], None]) -> Iterator[None]:
    """Call ``before`` with name and arguments of every change to a disk; nothing is flushed."""

    def wrapping(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if name != "open" or args[1] & os.O_CREAT:
                before(name, args, kwargs)
            return None if name == "fsync" else real(*args, **kwargs)

        return wrapper

    with ExitStack() as stack:
        for name in (*CHANGES, "open"):
            stack.enter_context(mock.patch.object(os, name, wrapping(name, getattr(os, name))))
        yield


def killed_at(number: int, work: Callable[[], object]) -> bool:
    """Do ``work`` in a child that dies before its change with this number; whether it died."""
    child = os.fork()
    if child == 0:
        count = 0

        def die(*_: object) -> None:
            nonlocal count
            count += 1
            if count == number:
                os._exit(KILLED)

        code = 1
        try:
            with intercepted(die):
                work()
            code = 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED), "the work failed on its own"
    return code == KILLED


def failing(
    name: str, number: int, code: int
) -> Callable[[str, tuple[Any, ...], dict[str, Any]], None]:
    """For ``intercepted``: the nth call of a function *below a pinned directory* fails."""
    count = 0

    def fail(called: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        nonlocal count
        pinned = any(key.endswith("dir_fd") and kwargs[key] is not None for key in kwargs)
        if called == name and (pinned or name == "fsync"):
            count += 1
            if count == number:
                raise OSError(code, os.strerror(code), *args[:1])

    return fail


class Flushing:
    """For ``intercepted``: what was not yet flushed whenever the journal moved on."""

    def __init__(self, journal: Path) -> None:
        self.unflushed_names: list[set[str]] = []
        self.flushed_files: set[int] = set()
        self._journal = journal
        self._changed: set[str] = set()

    def __call__(self, called: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if called == "fsync":
            self._changed.discard(_path_of(args[0]))
            self.flushed_files.add(os.fstat(args[0]).st_ino)
        if called in {"replace", "unlink"} and Path(args[-1]).parent == self._journal:
            if called == "replace":
                assert Path(args[0]).stat().st_ino in self.flushed_files
            if called == "replace" or not str(args[0]).endswith(".tmp"):
                self.unflushed_names.append(set(self._changed))
                self._changed.add(str(self._journal))
        for key, value in kwargs.items():
            if key.endswith("dir_fd") and value is not None and called not in {"open", "utime"}:
                self._changed.add(_path_of(value))


def _path_of(descriptor: int) -> str:
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())
