"""Listing, reading, checking and deleting backups."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from loginfix.api.backup_results import (
    BackedUpProfile,
    BackupCheck,
    BackupChecks,
    BackupDeletion,
    BackupDetails,
    BackupList,
    NewKey,
    Pruning,
)
from loginfix.api.machine import Machine
from loginfix.clearing.journal import needed_backups
from loginfix.clearing.runlock import run_lock
from loginfix.errors import LoginfixError, RefusedError, UsageError
from loginfix.files.durable import create_private, sync_file
from loginfix.progress import Progress, silent
from loginfix.vault.cover import Decrypting, keys_in
from loginfix.vault.directory import Vault
from loginfix.vault.keys import new_identity
from loginfix.vault.model import StoreSummary
from loginfix.vault.reader import Backup
from loginfix.words import say


def backups(*, machine: Machine | None = None) -> BackupList:
    """List the backups, newest first; one that cannot be used is among them, with its problem."""
    machine = machine or Machine()
    vault = Vault(machine.directories.backups)
    return BackupList(vault.directory, vault.backups())


def backup(backup_id: str | None = None, *, machine: Machine | None = None) -> BackupDetails:
    """Say what a backup holds; the beginning of its ID is enough, and None means the latest.

    Raises:
        UsageError: There is no such backup.
        BackupDamagedError: It cannot be read.
    """
    machine = machine or Machine()
    vault = Vault(machine.directories.backups)
    path = vault.path(vault.get(backup_id).id)
    with Backup.open(path) as opened:
        stores: dict[int, list[StoreSummary]] = defaultdict(list)
        for store in opened.stores:
            stores[store.profile].append(store)
        profiles = tuple(
            BackedUpProfile(record, tuple(stores[key])) for key, record in opened.profiles.items()
        )
        return BackupDetails(path, opened.size, opened.manifest, profiles)


def check_backups(
    backup_id: str | None = None,
    *,
    identity: Path | None = None,
    machine: Machine | None = None,
    progress: Progress = silent,
) -> BackupChecks:
    """Read every byte of one backup, or of all, and compare the checksums.

    What is encrypted is compared as it stands; with the secret key in ``identity``, decrypted too.

    Raises:
        UsageError: There is no such backup.
    """
    machine = machine or Machine()
    vault = Vault(machine.directories.backups)
    chosen = [vault.get(backup_id)] if backup_id else vault.backups()
    keys = keys_in(identity)
    return BackupChecks(tuple(_check(vault, each.id, keys, progress) for each in chosen))


def new_key(file: Path) -> NewKey:
    """Make a pair of keys for encrypted backups.

    The secret one is written to ``file``, where nothing may be.

    Raises:
        UsageError: It cannot be written.
    """
    secret, public = new_identity()
    try:
        with open(file, "xb", opener=create_private) as output:
            output.write(f"# public key: {public}\n{secret}\n".encode("ascii"))
        sync_file(file)
    except OSError as error:
        raise UsageError(
            say("{path} could not be written: {why}.", path=file, why=error.strerror or error),
            next_step=say("Name a new file in a directory that is there."),
            path=file,
        ) from error
    return NewKey(file.absolute(), public)


def delete_backup(
    backup_id: str,
    *,
    confirm: Callable[[BackupDeletion], None] | None = None,
    machine: Machine | None = None,
) -> BackupDeletion:
    """Delete a backup; what it holds cannot be put back any more then.

    Args:
        backup_id: the beginning of its ID.
        confirm: shown which backup it is before it goes; stops it by raising.
        machine: None for one's own; whose backup.

    Raises:
        UsageError: There is no such backup.
        BusyError: Another run of loginfix is at work.
        RefusedError: A run that is not finished needs it.
    """
    machine = machine or Machine()
    directories = machine.directories
    vault = Vault(directories.backups)
    chosen = vault.get(backup_id)
    if confirm:
        confirm(BackupDeletion(chosen, done=False))
    with run_lock(directories.data):
        if chosen.id in needed_backups(directories.journal):
            raise RefusedError(
                say("The backup {id} is needed by a run that is not finished.", id=chosen.id),
                next_step=say("Run: loginfix recover"),
                path=vault.path(chosen.id),
            )
        vault.delete(chosen.id)
    return BackupDeletion(chosen, done=True)


def prune_backups(
    *,
    keep: int | None = None,
    days: int | None = None,
    dry_run: bool = False,
    confirm: Callable[[Pruning], None] | None = None,
    machine: Machine | None = None,
) -> Pruning:
    """Delete old backups: those beyond the newest ``keep``, and those older than ``days``.

    Args:
        keep: how many to keep; None means that their number does not matter.
        days: how old one may be; None means that their age does not matter.
        dry_run: only say which would go.
        confirm: shown which would go before they do, if any would; stops it by raising.
        machine: None for one's own; whose backups.

    Raises:
        UsageError: Neither ``keep`` nor ``days`` was given.
        BusyError: Another run of loginfix is at work.
    """
    machine = machine or Machine()
    if keep is None and days is None:
        raise UsageError(
            say("Nothing says which backups are old."),
            next_step=say("Add --keep N, --days N or both."),
        )
    directories = machine.directories
    vault = Vault(directories.backups)
    plan = vault.plan_prune(
        now=datetime.now(UTC),
        keep_count=keep,
        keep_days=days,
        protected=needed_backups(directories.journal),
    )
    planned = Pruning(plan, done=False)
    if dry_run:
        return planned
    if confirm and plan.going:
        confirm(planned)
    with run_lock(directories.data):
        # Another run may have begun and been killed while the question was being answered.
        plan = plan.sparing(needed_backups(directories.journal))
        vault.prune(plan)
        vault.remove_leftovers()
    return Pruning(plan, done=True)


def _check(
    vault: Vault, backup_id: str, keys: Decrypting | None, progress: Progress
) -> BackupCheck:
    path = vault.path(backup_id)
    try:
        with Backup.open(path, keys) as opened:
            return BackupCheck(backup_id, path, warnings=opened.verify(progress))
    except LoginfixError as error:
        return BackupCheck(backup_id, path, failure=error.as_problem())
