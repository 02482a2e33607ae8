"""Running whole processes: how long, how much of a processor, and how much memory."""

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

# Without this, Python would compile the program anew in each run, as no installed one does.
_ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


Words = list[str | Path]
"""A program and its arguments."""


@dataclass(frozen=True)
class Command:
    """``words`` are run; ``before`` is done first, and not measured.

    Any of ``codes`` is success.
    """

    words: Words
    before: Callable[[], object] = lambda: None
    codes: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Measured:
    """The median of some runs in seconds, of the clock and of all processors; most memory in bytes.

    ``seconds`` are those of each run.
    """

    seconds: tuple[float, ...]
    processor: float
    peak: int

    @property
    def time(self) -> float:
        """The median by the clock."""
        return median(self.seconds)


def measure(commands: Mapping[str, Command], runs: int) -> dict[str, Measured]:
    """Run commands in turns, so that whatever else the machine does meets all of them.

    Each runs once before, unmeasured, so that all read from memory.
    """
    for command in commands.values():
        _run(command)
    found = [{name: _run(command) for name, command in commands.items()} for _ in range(runs)]
    return {
        name: Measured(
            tuple(run[name][0] for run in found),
            median(run[name][1] for run in found),
            max(run[name][2] for run in found),
        )
        for name in commands
    }


def _run(command: Command) -> tuple[float, float, int]:
    command.before()
    started = perf_counter()
    process = subprocess.Popen(
        command.words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_ENVIRONMENT,
    )
    _, status, used = os.wait4(process.pid, 0)
    seconds = perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in command.codes:
        raise RuntimeError(f"{command.words} ended with {process.returncode}")
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024
