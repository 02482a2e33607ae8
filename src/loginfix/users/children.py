"""One child a user: it becomes that user, works, and hands its output back through a pipe.

What comes back is the output of a process that a stranger may have influenced: it is limited in
size and time here, and judged by whoever reads it.
"""

import os
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from loginfix.users.accounts import Account
from loginfix.users.become import become

_MOST_BYTES = 64 << 20
_MOST_SECONDS = 3600.0
_CHUNK = 1 << 16
_MOST_DESCRIPTORS = 1 << 16


@dataclass(frozen=True, slots=True)
class Reply:
    """What a child printed, and how it ended: an exit code, or a negative signal.

    ``stopped`` says that it was ended from here: it took too long or printed too much.
    """

    code: int
    output: bytes
    stopped: bool = False


def run_as(
    account: Account,
    work: Callable[[], int],
    *,
    seconds: float = _MOST_SECONDS,
    most_bytes: int = _MOST_BYTES,
) -> Reply:
    """Let a child become that user and work; what it prints is its reply.

    ``work`` gives the exit code. A child that cannot become the user ends without a word. Ctrl-C
    reaches the child, which puts everything back, before it is raised here.

    Raises:
        OSError: There can be no child.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _child(account, work, writing)
    os.close(writing)
    try:
        return _reply(child, reading, time.monotonic() + seconds, most_bytes)
    finally:
        os.close(reading)


def _child(account: Account, work: Callable[[], int], writing: int) -> None:
    code = 1
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for source, target in ((nothing, 0), (writing, 1), (nothing, 2)):
            os.dup2(source, target)
        # Root's files, such as the log for auditors, are none of the user's business.
        os.closerange(3, _MOST_DESCRIPTORS)
        become(account)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stdout = sys.stderr = open(  # noqa: SIM115
            1, "w", encoding="utf-8", errors="backslashreplace", closefd=False
        )
        code = work()
        sys.stdout.flush()
    finally:
        os._exit(code)


def _reply(child: int, reading: int, deadline: float, most_bytes: int) -> Reply:
    output, stopped, interrupted = bytearray(), False, False
    while True:
        try:
            left = deadline - time.monotonic()
            ready, _, _ = select.select([reading], [], [], max(left, 0))
            chunk = os.read(reading, _CHUNK) if ready else b""
        except KeyboardInterrupt:
            interrupted = True
            _signal(child, signal.SIGINT)
            continue
        output += chunk
        stopped = not ready or len(output) > most_bytes
        if stopped:
            _signal(child, signal.SIGKILL)
        if stopped or not chunk:
            break
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if interrupted:
        raise KeyboardInterrupt
    return Reply(code, bytes(output), stopped)


def _signal(child: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(child, number)
