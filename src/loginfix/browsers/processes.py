"""Living processes: whose they are, what they are called, which files they have open."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil


def living(pid: int) -> psutil.Process | None:
    """The process ``pid``, unless it is gone or only waits to be reaped."""
    try:
        process = psutil.Process(pid)
    except (psutil.Error, ValueError):
        return None
    try:
        return None if process.status() == psutil.STATUS_ZOMBIE else process
    except psutil.AccessDenied:
        return process
    except psutil.Error:
        return None


def is_called(process: psutil.Process, names: Iterable[str]) -> bool:
    """Whether the process, its executable or its first argument has one of ``names``."""
    return not _called(process).isdisjoint(name.casefold() for name in names)


def is_loginfix(process: psutil.Process) -> bool:
    """Whether the process can be a run of this program: itself, or any Python."""
    return any(name.startswith(("loginfix", "python")) for name in _called(process))


def name_of(process: psutil.Process) -> str | None:
    """The process's name, if it may be known."""
    try:
        return process.name()
    except psutil.Error:
        return None


def owned_with(process: psutil.Process, path: Path) -> bool:
    """Whether the process runs as the owner of ``path``; on Windows, as whoever asks."""
    try:
        if sys.platform == "win32":
            return bool(process.username() == psutil.Process().username())
        else:  # noqa: RET505  type checkers follow this form on every platform
            return process.uids().real == path.stat().st_uid
    except (psutil.Error, OSError):
        return False


def named(names: Iterable[str], owner_of: Path) -> Iterator[psutil.Process]:
    """The living processes with one of ``names`` that run as the owner of ``owner_of``."""
    wanted = tuple(names)
    for process in _living():
        if is_called(process, wanted) and owned_with(process, owner_of):
            yield process


def any_of(names: Iterable[str], owner_of: Path) -> Iterator[psutil.Process]:
    """Those, and whatever else can be a run of this program."""
    yield from named(names, owner_of)
    for process in _living():
        if is_loginfix(process) and process.pid != os.getpid():
            yield process


def with_open(path: Path, candidates: Iterable[psutil.Process]) -> psutil.Process | None:
    """The first of ``candidates`` that has the file ``path`` open."""
    wanted = os.path.normcase(os.path.realpath(path))
    for process in candidates:
        try:
            files = {os.path.normcase(file.path) for file in process.open_files()}
        except psutil.Error:
            continue
        if wanted in files:
            return process
    return None


def _living() -> Iterator[psutil.Process]:
    for pid in psutil.pids():
        if process := living(pid):
            yield process


def _called(process: psutil.Process) -> set[str]:
    """Every name a process goes by; main threads rename themselves, wrappers keep theirs."""
    names = set()
    for ask in (process.name, process.exe, lambda: (process.cmdline() or [""])[0]):
        try:
            names.add(Path(ask()).name.casefold())
        except (psutil.Error, OSError):
            continue
    return names
