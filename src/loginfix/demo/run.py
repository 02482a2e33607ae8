"""Dry run, clear, verification, restore: on copies of recorded profiles that are then deleted."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from loginfix.browsers.brands import load_brands
from loginfix.browsers.installed import find_profiles
from loginfix.browsers.model import Platform
from loginfix.browsers.places import Home
from loginfix.clearing.clear import clear
from loginfix.clearing.plan import Plan, Request, make_plan
from loginfix.clearing.restore import restore
from loginfix.clearing.results import ClearResult, RestoreResult
from loginfix.demo.recordings import recording, unpack
from loginfix.directories import Directories
from loginfix.errors import ExitCode, Problem
from loginfix.progress import Progress, counted, silent
from loginfix.sites.catalog import load_catalog
from loginfix.words import say

RECORDINGS = ("chromium-156", "firefox-esr-153")
SITE = "amazon"


@dataclass(frozen=True, slots=True)
class Demo:
    """What each step of the demonstration came to.

    ``before`` is the dry run, ``after`` a dry run after clearing, ``again`` one after restoring.
    """

    before: Plan
    cleared: ClearResult
    after: Plan
    restored: RestoreResult
    again: Plan

    @property
    def is_cleared(self) -> bool:
        """Whether nothing of the site was left after clearing."""
        return bool(self.cleared.cleared) and self.after.is_empty

    @property
    def is_restored(self) -> bool:
        """Whether every store holds again exactly what it held."""
        return _held(self.before) == _held(self.again)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was left alone on the way."""
        return tuple(dict.fromkeys((*self.cleared.problems, *self.restored.problems)))

    @property
    def exit_code(self) -> ExitCode:
        """Done only if every step held what it promises."""
        if not (self.is_cleared and self.is_restored):
            return ExitCode.VERIFICATION_FAILED
        return ExitCode.PARTIAL if self.problems else ExitCode.DONE


def run_demo(progress: Progress = silent) -> Demo:
    """Clear a site from recorded profiles and put it back; nothing of this machine is touched.

    Raises:
        LoginfixError: A step failed.
    """
    with tempfile.TemporaryDirectory(prefix="loginfix-demo-") as directory:
        home = Path(directory)
        doing = say("Unpacking recorded profiles")
        for name in counted(progress, doing, RECORDINGS, len(RECORDINGS)):
            unpack(recording(name), home)
        # The recordings are of Linux, whatever this machine is.
        found = find_profiles(Home.at(home, Platform.LINUX), load_brands())
        directories = Directories.at(home)
        request = Request(load_catalog().resolve(SITE))
        before = make_plan(request, found.profiles, progress=progress)
        cleared = clear(before, directories, progress=progress)
        after = make_plan(request, found.profiles, progress=progress)
        restored = restore(None, directories, found.profiles, progress=progress)
        again = make_plan(request, found.profiles, progress=progress)
    return Demo(before, cleared, after, restored, again)


def _held(plan: Plan) -> dict[Path, tuple[int, dict[str, int]]]:
    return {
        finding.path: (finding.items, dict(finding.hosts))
        for profile in plan.profiles
        for finding in profile.findings
    }
