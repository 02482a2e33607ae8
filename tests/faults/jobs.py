"""What is to be interrupted: a command on a home in a known state, and where it may lead."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from faults.calls import Point, Side
from faults.processes import KILL, Server, Watched
from faults.profiles import make_home
from faults.states import State, profile_state

CLEAR = ("clear-cache", "--site", "amazon", "--yes")
RESTORE = ("restore", "--yes")
PRUNE = ("backups", "prune", "--keep", "1", "--yes")
RECOVER = ("recover",)
UNDO = ("recover", "--undo")


@dataclass(frozen=True)
class Job:
    """``arguments`` run on a copy of ``home``, whose profile is in the state ``before``.

    If there is a job to come ``first``, it is killed there at its point. Whenever a profile is
    ``cleared``, restoring must lead to ``restored``. ``goal``, ``points`` and ``most`` are seen
    when nothing fails: the state at the end, the calls, and how many of each any process makes.
    """

    name: str
    profile: str
    home: Path
    arguments: tuple[str, ...]
    before: State
    after: State
    cleared: State
    restored: State
    first: "tuple[Job, Point] | None" = None
    goal: State = field(default_factory=dict)
    points: tuple[Point, ...] = ()
    most: Mapping[str, int] = field(default_factory=dict)

    @property
    def work(self) -> Path:
        """Where its copies are made: always at the same place, as records hold paths."""
        return self.home.parent


@contextmanager
def fresh_homes(job: Job) -> Iterator[Callable[[], Path]]:
    """Give a function that makes a home to work on; the one before it goes.

    A home in which something was killed is made anew each time: a copy of it would not do, as its
    files would be other ones.
    """
    if job.first is None:
        yield lambda: copy(job.home, job.work / "home")
        return
    first, point = job.first
    with (
        fresh_homes(first) as fresh,
        Watched(first.work, first.home, KILL, first.most) as killer,
    ):

        def killed() -> Path:
            home = fresh()
            if killer.strike(home, *first.arguments, point=point).struck is None:
                raise ValueError(f"{first.name} was not killed at {point}")
            return home

        yield killed


def copy(home: Path, to: Path) -> Path:
    """Copy a home with all its times; what was there goes."""
    shutil.rmtree(to, ignore_errors=True)
    return shutil.copytree(home, to, symlinks=True)


def make_jobs(profile: str, work: Path) -> Iterator[Job]:
    """The jobs on one profile, in a directory of their own; see ``CONTRIBUTING.md``."""
    work.mkdir(parents=True)
    original = make_home(profile, work / "original")
    with Server(work, original) as server:
        before, cleared_home = profile_state(original), work / "cleared"
        cleared = _after(server, original, CLEAR, cleared_home)
        restored = _after(server, cleared_home, RESTORE, work / "restored")
        cleared_again = _after(server, work / "restored", CLEAR, work / "twice")
        restored_again = _after(server, work / "twice", RESTORE, work / "unused")
        if _after(server, original, CLEAR, work / "unused") != cleared:
            raise ValueError("clearing is not the same each time, so nothing can be compared")
    job = Job("clear-cache", profile, original, CLEAR, before, cleared, cleared, restored)
    yield (clear := _watched(job))
    job = Job("restore", profile, cleared_home, RESTORE, cleared, restored, cleared, restored)
    yield (restore := _watched(job))
    again, back = cleared_again, restored_again
    yield _watched(Job("backups prune", profile, work / "twice", PRUNE, again, again, again, back))
    for first in (clear, restore):
        for words, arguments, choose in (
            ("recover, staged", RECOVER, _half_staged),
            ("recover", RECOVER, _half_done),
            ("recover --undo", UNDO, _half_done),
        ):
            name = f"{first.name}, {words}"
            yield _watched(
                replace(first, name=name, arguments=arguments, first=(first, choose(first)))
            )


def _half_staged(job: Job) -> Point:
    """In the middle of what comes before the first change to the profile."""
    return job.points[job.points.index(_renames(job)[0]) // 2]


def _half_done(job: Job) -> Point:
    """In the middle of the changes to the profile."""
    renames = _renames(job)
    return renames[len(renames) // 2]


def _renames(job: Job) -> list[Point]:
    return [
        each
        for each in job.points
        if each.side is Side.PROFILE and each.call in ("renameat", "renameat2")
    ]


def _watched(job: Job) -> Job:
    with fresh_homes(job) as fresh, Watched(job.work, job.home) as server:
        home = fresh()
        ended, points, most = server.watch(home, *job.arguments)
        goal = profile_state(home)
    if ended.code != 0 or goal not in (job.before, job.after):
        raise ValueError(f"{job.name} fails without a fault: {ended.text}")
    return replace(job, goal=goal, points=tuple(points), most=most)


def _after(server: Server, home: Path, arguments: tuple[str, ...], to: Path) -> State:
    """Run a command on a copy of ``home``, keep the copy as ``to``, and tell its state."""
    work = copy(home, to.with_name("home"))
    ended = server.run(work, *arguments)
    if ended.code != 0:
        raise ValueError(f"{arguments} fails without a fault: {ended.text}")
    copy(work, to)
    return profile_state(work)
