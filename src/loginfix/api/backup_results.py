"""What the verbs about backups come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loginfix.errors import ExitCode, Problem

if TYPE_CHECKING:  # as in ``results``
    from pathlib import Path

    from loginfix.vault.model import BackupSummary, Manifest, ProfileRecord, StoreSummary
    from loginfix.vault.retention import PrunePlan


@dataclass(frozen=True, slots=True)
class BackupList:
    """The backups in a directory, newest first."""

    directory: Path
    backups: tuple[BackupSummary, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Those that cannot be used."""
        return tuple(each.problem for each in self.backups if each.problem)

    @property
    def exit_code(self) -> ExitCode:
        """Partial if a backup cannot be used."""
        return ExitCode.PARTIAL if self.problems else ExitCode.DONE


@dataclass(frozen=True, slots=True)
class BackedUpProfile:
    """What a backup holds of one profile."""

    record: ProfileRecord
    stores: tuple[StoreSummary, ...]


@dataclass(frozen=True, slots=True)
class BackupDetails:
    """What one backup holds; ``size`` is that of its file in bytes."""

    path: Path
    size: int
    manifest: Manifest
    profiles: tuple[BackedUpProfile, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Always done: a backup that cannot be read is an error."""
        return ExitCode.DONE


@dataclass(frozen=True, slots=True)
class BackupCheck:
    """What checking one backup came to: a failure, or warnings, or neither."""

    id: str
    path: Path
    failure: Problem | None = None
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class BackupChecks:
    """Every byte of some backups, read and compared with its checksum."""

    checks: tuple[BackupCheck, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Failures first."""
        failures = [each.failure for each in self.checks if each.failure]
        return (*failures, *(warning for each in self.checks for warning in each.warnings))

    @property
    def exit_code(self) -> ExitCode:
        """Damaged if any is."""
        if any(each.failure for each in self.checks):
            return ExitCode.BACKUP_DAMAGED
        if self.problems:
            return ExitCode.PARTIAL
        return ExitCode.DONE if self.checks else ExitCode.NOTHING_FOUND


@dataclass(frozen=True, slots=True)
class NewKey:
    """A pair of keys: the file with the secret one, and the public one."""

    file: Path
    public: str
    problems: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Always done: a file that cannot be written is an error."""
        return ExitCode.DONE


@dataclass(frozen=True, slots=True)
class BackupDeletion:
    """One backup; deleted if ``done``, else about to be."""

    backup: BackupSummary
    done: bool
    problems: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Always done: what cannot be deleted is an error."""
        return ExitCode.DONE


@dataclass(frozen=True, slots=True)
class Pruning:
    """Which backups have had their time; deleted if ``done``, else about to be."""

    plan: PrunePlan
    done: bool
    problems: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Always done: nothing to prune is fine, and what cannot be deleted is an error."""
        return ExitCode.DONE
