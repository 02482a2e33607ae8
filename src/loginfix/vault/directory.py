"""The directory of all backups: listing, choosing, deleting, and what is left over."""

import os
import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

from loginfix.errors import BackupDamagedError
from loginfix.files.durable import sync_directory
from loginfix.vault.checksum import SUFFIX as CHECKSUM_SUFFIX
from loginfix.vault.checksum import checksum_path
from loginfix.vault.errors import (
    BackupNotDeletedError,
    BackupTooNewError,
    UnknownBackupError,
    unreadable,
)
from loginfix.vault.model import BackupSummary
from loginfix.vault.reader import Backup
from loginfix.vault.retention import PrunePlan, plan_prune
from loginfix.vault.writer import PART_SUFFIX, SUFFIX
from loginfix.words import message, say

_STAMP = "%Y%m%d-%H%M%S"
_STAMP_LENGTH = len("20261124-035030")
_LONGEST_NAME = 40
_RECENT = 5


class Vault:
    """The backups in ``directory``, which need not exist yet."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def new_id(self, now: datetime, sites: Sequence[str]) -> str:
        """Give an unused id, such as ``20261124-035030-amazon``.

        It starts with the time in UTC, so that ids sort by age also when clocks are changed.
        """
        names = re.sub(r"[^a-z0-9.]+", "-", "-".join(sites).lower())[:_LONGEST_NAME].strip("-.")
        base = "-".join(filter(None, (now.astimezone(UTC).strftime(_STAMP), names)))
        new, number = base, 1
        while any(
            os.path.lexists(f"{self.path(new)}{suffix}")
            for suffix in ("", PART_SUFFIX, CHECKSUM_SUFFIX)
        ):
            number += 1
            new = f"{base}-{number}"
        return new

    def path(self, backup_id: str) -> Path:
        """Where the backup with this id is, or would be."""
        return self.directory / (backup_id + SUFFIX)

    def backups(self) -> tuple[BackupSummary, ...]:
        """List the backups, newest first; one that cannot be used is listed with its problem.

        Only their manifests are read: ``Backup.verify`` finds damage elsewhere.

        Raises:
            BackupUnreadableError: The directory cannot be listed.
        """
        found = [_summary(path) for path in self._entries() if path.name.endswith(SUFFIX)]
        return tuple(sorted(found, key=lambda each: (each.created, each.id), reverse=True))

    def ids(self) -> tuple[str, ...]:
        """Give the ids, newest first by what they say; no backup is opened.

        Raises:
            BackupUnreadableError: The directory cannot be listed.
        """
        names = (path.name for path in self._entries())
        return tuple(
            sorted((n.removesuffix(SUFFIX) for n in names if n.endswith(SUFFIX)), reverse=True)
        )

    def get(self, chosen: str | None = None) -> BackupSummary:
        """Give the backup with this id, or whose id alone starts so; without one, the latest.

        Raises:
            UnknownBackupError: There is none, or more than one.
            BackupUnreadableError: The directory cannot be listed.
        """
        backups = self.backups()
        if not backups:
            raise UnknownBackupError(
                say("There are no backups in {directory}.", directory=self.directory),
                next_step=say("Clearing a site makes one: loginfix clear-cache --site NAME."),
                path=self.directory,
            )
        if chosen is None:
            return backups[0]
        matches = [each for each in backups if each.id == chosen] or [
            each for each in backups if chosen and each.id.startswith(chosen)
        ]
        if len(matches) == 1:
            return matches[0]
        what = (
            message("More than one backup starts with {chosen!r} in {directory}.")
            if matches
            else message("There is no backup {chosen!r} in {directory}.")
        )
        recent = ", ".join(each.id for each in (matches or backups)[:_RECENT])
        raise UnknownBackupError(
            say(what, chosen=chosen, directory=self.directory),
            next_step=say("Take one of these: {recent}.", recent=recent),
        )

    def delete(self, chosen: str) -> None:
        """Delete a backup and the checksum beside it.

        Raises:
            UnknownBackupError: There is none with this id, or more than one.
            BackupNotDeletedError: It cannot be deleted.
        """
        path = self.path(self.get(chosen).id)
        self._unlink(path, checksum_path(path))

    def drop(self, backup_id: str) -> None:
        """Delete the backup with exactly this id, if it is there.

        Raises:
            BackupNotDeletedError: It cannot be deleted.
        """
        path = self.path(backup_id)
        self._unlink(*(each for each in (path, checksum_path(path)) if os.path.lexists(each)))

    def plan_prune(
        self,
        *,
        now: datetime,
        keep_count: int | None,
        keep_days: int | None,
        protected: Collection[str],
    ) -> PrunePlan:
        """Say what pruning would delete and why the rest stays; see ``retention.plan_prune``."""
        return plan_prune(
            self.backups(),
            now=now,
            keep_count=keep_count,
            keep_days=keep_days,
            protected=protected,
        )

    def prune(self, plan: PrunePlan) -> None:
        """Delete what goes by ``plan``.

        Raises:
            BackupNotDeletedError: One cannot be deleted; those after it are still there.
        """
        for verdict in plan.going:
            path = self.path(verdict.backup.id)
            self._unlink(path, checksum_path(path))

    def leftovers(self) -> tuple[Path, ...]:
        """What killed runs left: unfinished backups, and checksums whose backup is not there.

        Unless no other run is at work, some of it may be that run's. Where something else than a
        directory has this name, there is nothing; whoever is about to write finds out.

        Raises:
            BackupUnreadableError: The directory cannot be listed.
        """
        entries = self._entries() if self.directory.is_dir() else []
        names = {path.name for path in entries}
        return tuple(
            path
            for path in entries
            if path.name.endswith(SUFFIX + PART_SUFFIX)
            or (
                path.name.endswith(SUFFIX + CHECKSUM_SUFFIX)
                and path.name.removesuffix(CHECKSUM_SUFFIX) not in names
            )
        )

    def remove_leftovers(self) -> None:
        """Delete the ``leftovers``; only while no other run can be at work.

        Raises:
            BackupNotDeletedError: One cannot be deleted.
        """
        self._unlink(*self.leftovers())

    def _entries(self) -> list[Path]:
        try:
            return sorted(self.directory.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise unreadable(self.directory, error) from error

    def _unlink(self, *paths: Path) -> None:
        for path in paths:
            try:
                path.unlink(missing_ok=True)
                sync_directory(self.directory)
            except OSError as error:
                raise BackupNotDeletedError(
                    say(
                        "{path} could not be deleted: {reason}.",
                        path=path,
                        reason=error.strerror or error,
                    ),
                    next_step=say("Check that it belongs to you, then try again."),
                    path=path,
                ) from error


def _summary(path: Path) -> BackupSummary:
    name = path.name.removesuffix(SUFFIX)
    try:
        with Backup.open(path) as backup:
            return BackupSummary(name, backup.manifest.created, backup.size, backup.manifest)
    except (BackupDamagedError, BackupTooNewError) as error:
        info = path.lstat()
        created = _stamp(name) or datetime.fromtimestamp(info.st_mtime, UTC)
        return BackupSummary(name, created, info.st_size, problem=error.as_problem())


def _stamp(backup_id: str) -> datetime | None:
    try:
        return datetime.strptime(backup_id[:_STAMP_LENGTH], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
