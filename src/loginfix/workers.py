"""Work on many things in several processes at once, where the system has a cheap way to start one.

That is Linux: a fork takes a few milliseconds, has everything in memory already, and ends without
touching what it shares with its parent. Elsewhere, and where there is little to do, the same work
is done here.
"""

import os
import pickle
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_MOST = 4


def spread(work: Callable[[Sequence[T]], R], things: Sequence[T], *, worth: int) -> list[R]:
    """Do ``work`` on all things, in parts; gives what it gives for each part, in their order.

    No process gets fewer than ``worth`` things. The work may read files, and must not write, print
    or change anything here; what it gives must be fit for ``pickle``. Where a process fails for
    whatever reason, its part is done here, so that errors come out as usual.
    """
    count = max(1, min(_processors(), len(things) // worth))
    parts = [
        things[len(things) * at // count : len(things) * (at + 1) // count] for at in range(count)
    ]
    children: list[_Child] = []
    try:
        for part in parts[1:]:
            children.append(_start(work, part))  # noqa: PERF401  each is to be ended, whatever comes
        own = work(parts[0])
        return [own, *(_result(*pair, work) for pair in zip(children, parts[1:], strict=True))]
    finally:
        for child in children:
            child.end()


@dataclass(slots=True)
class _Child:
    pid: int
    pipe: int

    def end(self) -> None:
        os.close(self.pipe)
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)  # has told its result, or nobody wants it any more
        os.waitpid(self.pid, 0)


def _processors() -> int:
    if not sys.platform.startswith("linux"):
        return 1
    return min(len(os.sched_getaffinity(0)), _MOST)


def _start(work: Callable[[Sequence[T]], R], part: Sequence[T]) -> _Child:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return _Child(pid, reading)
    code = 1
    try:
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(work(part), pipe, pickle.HIGHEST_PROTOCOL)
        code = 0
    finally:
        os._exit(code)  # nothing of the parent's may be closed, flushed or cleaned up here


def _result(child: _Child, part: Sequence[T], work: Callable[[Sequence[T]], R]) -> R:
    with os.fdopen(os.dup(child.pipe), "rb") as pipe, suppress(EOFError, pickle.UnpicklingError):
        result: R = pickle.load(pipe)  # noqa: S301  from our own process
        return result
    return work(part)
