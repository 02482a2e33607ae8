"""Running targets, each in a process of its own with a limit on its time and its memory."""

import os
import random
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from fuzzing.model import Target, name_of
from fuzzing.mutation import mutated

SLOWEST_SECONDS = 10
"""Of the processor: another program's work must not look like a hang."""
PATIENCE_SECONDS = 60
"""Of the clock."""
MEMORY_MIB = 1024
"""More than the process has at the start, which is what no input may cost."""

_processes = get_context("fork") if sys.platform != "win32" else get_context()


class TooSlowError(Exception):
    """An input took more than ``SLOWEST_SECONDS``."""


@dataclass(frozen=True)
class Outcome:
    """How many inputs were tried and parsed, and the one that broke a promise, with why."""

    tried: int
    parsed: int
    finding: bytes | None = None
    why: str = ""


def fuzz(target: Target, seconds: float, seed: int) -> Outcome:
    """Try the seeds and then damaged ones, for so long; stop at the first finding."""
    rand = random.Random(seed)  # noqa: S311  to be repeatable
    seeds = [*target.seeds()]
    inputs = [*seeds, *(path.read_bytes() for path in target.kept())]
    end = time.monotonic() + seconds
    tried = parsed = 0
    with _limits():
        while not tried or time.monotonic() < end:
            data = inputs[tried] if tried < len(inputs) else mutated(seeds, rand)
            tried += 1
            try:
                parsed += attempt(target, data)
            except Exception:  # noqa: BLE001  whatever it is, it is what is looked for
                return Outcome(tried, parsed, data, traceback.format_exc())
    return Outcome(tried, parsed)


def attempt(target: Target, data: bytes) -> bool:
    """Whether an input is parsed, not refused.

    Raises:
        TooSlowError: It is neither in time.
        Exception: The input broke a promise.
    """
    signal.setitimer(signal.ITIMER_PROF, SLOWEST_SECONDS)
    try:
        return target.takes(data)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


@contextmanager
def _limits() -> Iterator[None]:
    """Let an input that takes too long or too much end in an exception."""

    def too_slow(_: int, __: FrameType | None) -> None:
        raise TooSlowError(f"more than {SLOWEST_SECONDS} seconds")

    before = signal.signal(signal.SIGPROF, too_slow)
    most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_size_now() + (MEMORY_MIB << 20), most[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, most)
        signal.signal(signal.SIGPROF, before)


def _size_now() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except FileNotFoundError:
        return 4 << 30
    return pages * resource.getpagesize()


def in_child(target: Target, seconds: float, seed: int) -> Outcome:
    """The same in a child, so that not even a crash of the interpreter ends the run."""
    return _child(lambda out: out.send(fuzz(target, seconds, seed)), seconds)


def guided(target: Target, seconds: float, seed: int) -> Outcome:
    """The same, led by what code an input reaches; ``atheris`` must have seen it imported."""
    with TemporaryDirectory(prefix="fuzzing-") as made:
        directory = Path(made)
        corpus, found, log = directory / "corpus", directory / "found", directory / "log"
        for each in (corpus, found):
            each.mkdir()
        seeds = [*target.seeds(), *(path.read_bytes() for path in target.kept())]
        for data in seeds:
            (corpus / name_of(data)).write_bytes(data)
        options = (
            f"-max_total_time={max(1, round(seconds))}",
            f"-timeout={PATIENCE_SECONDS}",
            f"-rss_limit_mb={2 * MEMORY_MIB}",
            f"-max_len={max(4096, *map(len, seeds))}",
            f"-seed={seed + 1}",
            f"-artifact_prefix={found}/",
            "-print_final_stats=1",
        )
        _child(lambda _: _atheris(target, [str(corpus), *options], log, found), seconds)
        text = log.read_text("utf-8", "replace") if log.exists() else ""
        tried = next(
            (
                int(line.split()[-1])
                for line in text.splitlines()
                if line.startswith("stat::number_of_executed_units")
            ),
            0,
        )
        kept = len([*corpus.iterdir()])
        # What is only slow is kept there too: "slow-unit-…" is no finding.
        for artifact in (each for each in found.iterdir() if not each.name.startswith("slow")):
            return Outcome(tried, kept, artifact.read_bytes(), text[-6000:])
        return Outcome(tried, kept, None if tried else b"", "" if tried else text[-6000:])


def _atheris(target: Target, options: list[str], log: Path, found: Path) -> None:
    import atheris  # noqa: PLC0415  not everywhere

    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)

    def one_input(data: bytes) -> None:
        try:
            target.takes(data)
        except Exception:
            (found / name_of(data)).write_bytes(data)
            raise

    atheris.Setup(["fuzzing", *options], one_input)
    atheris.Fuzz()


def _child(work: Callable[["Connection[Outcome, Outcome]"], object], seconds: float) -> Outcome:
    """What a child sends, or that it sent nothing."""
    here, there = _processes.Pipe(duplex=False)
    child = _processes.Process(target=work, args=(there,))
    child.start()
    there.close()
    outcome = Outcome(0, 0, b"", "the process ended or hung without a word")
    if here.poll(seconds + 2 * PATIENCE_SECONDS):
        with suppress(EOFError):
            outcome = here.recv()
    child.join(PATIENCE_SECONDS)
    if child.is_alive():
        child.kill()
        child.join()
    return outcome
