"""What the verbs that write come to. Every verb returns one of these; a renderer prints it."""

from dataclasses import dataclass
from pathlib import Path

from loginfix.browsers.model import Profile
from loginfix.clearing.plan import Plan
from loginfix.errors import ExitCode, Problem
from loginfix.stores.model import Finding, Restored
from loginfix.tracing.model import ProfileTrace

LEFT_OVER = "left-over"
"""The code of the problem that a cleared file may still name the site."""


@dataclass(frozen=True, slots=True)
class ClearedProfile:
    """What was removed from one profile, store by store."""

    profile: Profile
    findings: tuple[Finding, ...]

    @property
    def items(self) -> int:
        """How many things a person would count."""
        return sum(each.items for each in self.findings)

    @property
    def size(self) -> int:
        """Bytes of content removed."""
        return sum(each.size for each in self.findings)


@dataclass(frozen=True, slots=True)
class ClearResult:
    """A finished run of ``clear-cache``.

    ``backup_id`` and ``backup_path`` are None when nothing was removed. ``problems`` are what was
    left alone or went otherwise than planned; ``skipped`` are profiles whose browser is running.
    ``traces`` are what an independent search found in each profile afterwards; what may be left in
    a file that was cleared is among the problems.
    """

    plan: Plan
    cleared: tuple[ClearedProfile, ...]
    skipped: tuple[Profile, ...] = ()
    backup_id: str | None = None
    backup_path: Path | None = None
    problems: tuple[Problem, ...] = ()
    traces: tuple[ProfileTrace, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """How the process should end."""
        if self.cleared:
            return ExitCode.PARTIAL if self.problems or self.skipped else ExitCode.DONE
        if self.skipped:
            return ExitCode.BROWSER_RUNNING
        return ExitCode.PARTIAL if self.problems else ExitCode.NOTHING_FOUND


@dataclass(frozen=True, slots=True)
class RestoredStore:
    """What putting one store back came to."""

    title: str
    category: str
    path: Path
    outcome: Restored


@dataclass(frozen=True, slots=True)
class RestoredProfile:
    """What putting one profile back came to, store by store."""

    label: str
    path: Path
    stores: tuple[RestoredStore, ...]


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """A finished run of ``restore``; with ``dry_run`` nothing was written."""

    backup_id: str
    profiles: tuple[RestoredProfile, ...]
    dry_run: bool = False
    skipped: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def changed(self) -> int:
        """Number of rows and files that came back or were combined."""
        return sum(
            each.outcome.restored + each.outcome.merged
            for profile in self.profiles
            for each in profile.stores
        )

    @property
    def exit_code(self) -> ExitCode:
        """How the process should end."""
        if self.skipped and not self.profiles:
            return ExitCode.BROWSER_RUNNING
        if self.problems or self.skipped:
            return ExitCode.PARTIAL
        return ExitCode.DONE if self.changed else ExitCode.NOTHING_FOUND
