"""One fault at every point of a job, and the figures of it all."""

import os
import random
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from faults.calls import CHANGING
from faults.jobs import Job, fresh_homes
from faults.judging import Outcome, Verdict, judge
from faults.processes import KILL, Server, Watched

_NAMES = ("rename", "renameat", "renameat2", "link", "linkat")
# Failing for good, this one would also keep a command from saying how it ended.
_FOR_GOOD = tuple(call for call in CHANGING if call != "write")
_CONTENT = ("write", "pwrite64", "sendfile", "copy_file_range")

# What strace injects, and into which calls; into all where none are named.
FAULTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "killed": (KILL, ()),
    "disk full": ("error=ENOSPC", ()),
    "disk broken": ("error=EIO", ()),
    "disk full for good": ("error=ENOSPC+", _FOR_GOOD),
    "disk broken for good": ("error=EIO+", _FOR_GOOD),
    "forbidden": ("error=EACCES", ()),
    "another disk": ("error=EXDEV", _NAMES),
    "short write": ("retval=1", _CONTENT),
}


@dataclass(frozen=True)
class Swept:
    """The verdicts on one job under one fault."""

    job: Job
    fault: str
    verdicts: tuple[Verdict, ...]

    @property
    def outcomes(self) -> Counter[Outcome]:
        """How often it came to what."""
        return Counter(verdict.outcome for verdict in self.verdicts)

    @property
    def failures(self) -> list[str]:
        """What must not be, in words."""
        bad = (Outcome.MIXED, Outcome.LOST, Outcome.UNFIRED)
        return [
            f"{self.job.name} · {self.job.profile} · {self.fault} · {verdict.point}: {what}"
            for verdict in self.verdicts
            for what in (*verdict.wrong, *([verdict.outcome] if verdict.outcome in bad else []))
        ]


def sweep(job: Job, fault: str, at_most: int | None = None) -> Swept:
    """Run the job with the fault at each of its points, or at so many of them by chance."""
    injected, calls = FAULTS[fault]
    points = [point for point in job.points if not calls or point.call in calls]
    if at_most is not None and at_most < len(points):
        chance = random.Random(f"{job.profile} {job.name} {fault}")  # noqa: S311  the same ones again
        points = chance.sample(points, at_most)
    if not points:
        return Swept(job, fault, ())
    with (
        fresh_homes(job) as fresh,
        Watched(job.work, job.home, injected, job.most) as struck,
        Server(job.work, job.home) as server,
    ):
        verdicts = []
        for point in points:
            home = fresh()
            ended = struck.strike(home, *job.arguments, point=point)
            verdicts.append(judge(job, home, point, ended, server, for_good=injected.endswith("+")))
    return Swept(job, fault, tuple(verdicts))


def place_for_homes() -> Path:
    """Where to make homes: in memory if possible; a killed process loses nothing there either."""
    memory = Path("/dev/shm")  # noqa: S108  below it, everybody makes a directory of their own
    return memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
