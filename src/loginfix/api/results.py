"""What the verbs that only look come to, and what every result has in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from loginfix.errors import ExitCode, Problem
from loginfix.tracing.model import ProfileTrace, Verdict

if TYPE_CHECKING:  # every verb needs this module, and none all that the results are made of
    from pathlib import Path

    from loginfix.api.machine import Machine
    from loginfix.browsers.in_use import Running
    from loginfix.browsers.model import Profile
    from loginfix.clearing.plan import Plan
    from loginfix.clearing.results import ClearResult
    from loginfix.clearing.selection import Selection
    from loginfix.doctor.diagnosis import Diagnosis
    from loginfix.sites.known_site import KnownSite
    from loginfix.sites.site import Site


class Result(Protocol):
    """What a verb returns: how the process should end, and what was left alone."""

    @property
    def exit_code(self) -> ExitCode:
        """How the process should end."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was left alone or could not be read."""


@dataclass(frozen=True, slots=True)
class ListedProfile:
    """A profile with its size in bytes, caches included, and who has it open."""

    profile: Profile
    size: int
    running: Running | None


@dataclass(frozen=True, slots=True)
class BrowserList:
    """Every profile that was found."""

    profiles: tuple[ListedProfile, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Partial if a browser's own list could not be read."""
        return ExitCode.PARTIAL if self.problems else ExitCode.DONE


@dataclass(frozen=True, slots=True)
class SiteList:
    """The sites known by name."""

    sites: tuple[KnownSite, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Always done: a site file that is not understood is an error."""
        return ExitCode.DONE


@dataclass(frozen=True, slots=True)
class DryRun:
    """What ``clear-cache`` would do: what was ``selection``, on which ``machine``."""

    plan: Plan
    selection: Selection
    machine: Machine

    @property
    def backups(self) -> Path:
        """Where the backup would go."""
        return self.machine.directories.backups

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What would be left alone."""
        return self.plan.all_problems

    @property
    def exit_code(self) -> ExitCode:
        """As the real run, but that a running browser is only noted."""
        if self.problems:
            return ExitCode.PARTIAL
        return ExitCode.NOTHING_FOUND if self.plan.is_empty else ExitCode.DONE


@dataclass(frozen=True, slots=True)
class Clearing:
    """A finished run of ``clear-cache``, and the commands that come next.

    They take it back, look for more, and delete the backup, which is encrypted to ``encrypted_to``.
    """

    result: ClearResult
    restore_command: str
    trace_command: str = "loginfix trace"
    delete_command: str = "loginfix backups delete"
    encrypted_to: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was left alone, running browsers among it."""
        return self.result.problems

    @property
    def exit_code(self) -> ExitCode:
        """That of the run."""
        return self.result.exit_code


@dataclass(frozen=True, slots=True)
class TracedProfile:
    """A profile that was searched, and who had it open meanwhile."""

    trace: ProfileTrace
    running: Running | None


@dataclass(frozen=True, slots=True)
class Tracing:
    """Where profiles name a site."""

    site: Site
    profiles: tuple[TracedProfile, ...]
    other_problems: tuple[Problem, ...] = ()

    @property
    def leftovers(self) -> int:
        """In how many places something of the site is left."""
        return sum(each.trace.count(Verdict.LEFTOVER) for each in self.profiles)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be searched."""
        return (*self.other_problems, *(p for each in self.profiles for p in each.trace.problems))

    @property
    def exit_code(self) -> ExitCode:
        """Leftovers outweigh what could not be searched."""
        if self.leftovers:
            return ExitCode.LEFTOVERS_FOUND
        return ExitCode.PARTIAL if self.problems else ExitCode.DONE


@dataclass(frozen=True, slots=True)
class Consultation:
    """What ``doctor`` found; ``command`` is the next step, where loginfix can do it."""

    diagnosis: Diagnosis
    command: str | None
    problems: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Done if anything was found that may explain it."""
        return ExitCode.DONE if self.diagnosis.findings else ExitCode.NOTHING_FOUND
