"""``loginfix backups``: what there is to go back to."""

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import click

from loginfix.clearing.journal import needed_backups
from loginfix.clearing.runlock import run_lock
from loginfix.cli.machine import Machine
from loginfix.cli.options import (
    dry_run_option,
    home_option,
    identity_option,
    output_options,
    yes_option,
)
from loginfix.cli.session import Consent, Session, pass_session
from loginfix.cli.verb import Verb, VerbGroup, show_help
from loginfix.errors import ExitCode, LoginfixError, RefusedError, UsageError
from loginfix.files.durable import create_private, sync_file
from loginfix.progress import Progress
from loginfix.reports import text_backups
from loginfix.reports.results import (
    BackedUpProfile,
    BackupCheck,
    BackupChecks,
    BackupDeletion,
    BackupDetails,
    BackupList,
    NewKey,
    Pruning,
)
from loginfix.vault.cover import Decrypting, keys_in, new_identity
from loginfix.vault.directory import Vault
from loginfix.vault.model import StoreSummary
from loginfix.vault.reader import Backup
from loginfix.words import say

_EXAMPLE_ID = "20261124-035030-amazon"


@click.group(
    cls=VerbGroup,
    examples=("loginfix backups list", "loginfix backups verify"),
)
@click.pass_context
def backups(ctx: click.Context) -> None:
    """List, check and delete backups."""
    show_help(ctx)


@backups.command(
    "list", cls=Verb, examples=("loginfix backups list",), exit_codes=(ExitCode.PARTIAL,)
)
@home_option
@output_options
def list_(*, machine: Machine) -> BackupList:
    """List the backups, newest first."""
    vault = Vault(machine.directories.backups)
    return BackupList(vault.directory, vault.backups())


@backups.command(
    cls=Verb,
    examples=(f"loginfix backups show {_EXAMPLE_ID}",),
    exit_codes=(ExitCode.BACKUP_DAMAGED, ExitCode.REFUSED),
)
@click.argument("backup_id", metavar="ID")
@home_option
@output_options
def show(*, machine: Machine, backup_id: str) -> BackupDetails:
    """Show what a backup holds.

    The beginning of its ID is enough.
    """
    vault = Vault(machine.directories.backups)
    path = vault.path(vault.get(backup_id).id)
    with Backup.open(path) as backup:
        stores: dict[int, list[StoreSummary]] = defaultdict(list)
        for store in backup.stores:
            stores[store.profile].append(store)
        profiles = tuple(
            BackedUpProfile(record, tuple(stores[key])) for key, record in backup.profiles.items()
        )
        return BackupDetails(path, backup.size, backup.manifest, profiles)


@backups.command(
    cls=Verb,
    examples=("loginfix backups verify", f"loginfix backups verify {_EXAMPLE_ID}"),
    exit_codes=(ExitCode.NOTHING_FOUND, ExitCode.PARTIAL, ExitCode.BACKUP_DAMAGED),
)
@click.argument("backup_id", metavar="[ID]", required=False)
@identity_option
@home_option
@output_options
@pass_session
def verify(
    session: Session, *, machine: Machine, backup_id: str | None, identity: Path | None
) -> BackupChecks:
    """Check that backups are intact.

    Reads every byte of one backup, or of all, and compares the checksums. What is
    encrypted is compared as it stands; with the secret key, decrypted too.
    """
    vault = Vault(machine.directories.backups)
    chosen = [vault.get(backup_id)] if backup_id else vault.backups()
    keys = keys_in(identity)
    return BackupChecks(tuple(_check(vault, each.id, keys, session.progress) for each in chosen))


@backups.command(cls=Verb, examples=("loginfix backups key /media/stick/loginfix-key.txt",))
@click.argument("file", type=click.Path(path_type=Path))
@output_options
def key(*, file: Path) -> NewKey:
    """Make a pair of keys for encrypted backups.

    Writes the secret key to FILE, where nothing may be, and shows the public key
    for --encrypt-to. Whoever has FILE can read the backups; without it, nobody can.
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


@backups.command(
    cls=Verb,
    examples=(f"loginfix backups delete {_EXAMPLE_ID}",),
    exit_codes=(
        ExitCode.NOT_CONFIRMED,
        ExitCode.BUSY,
        ExitCode.REFUSED,
    ),
)
@click.argument("backup_id", metavar="ID")
@yes_option
@home_option
@output_options
def delete(*, machine: Machine, yes: Consent, backup_id: str) -> BackupDeletion:
    """Delete a backup.

    What it holds cannot be put back any more then. The beginning of its ID is
    enough.
    """
    yes.require()
    directories = machine.directories
    vault = Vault(directories.backups)
    backup = vault.get(backup_id)
    yes.ask(BackupDeletion(backup, done=False), text_backups.QUESTION_DELETE)
    with run_lock(directories.data):
        if backup.id in needed_backups(directories.journal):
            raise RefusedError(
                say("The backup {id} is needed by a run that is not finished.", id=backup.id),
                next_step=say("Run: loginfix recover"),
                path=vault.path(backup.id),
            )
        vault.delete(backup.id)
    return BackupDeletion(backup, done=True)


@backups.command(
    cls=Verb,
    examples=(
        "loginfix backups prune --keep 10 --dry-run",
        "loginfix backups prune --days 90 --yes",
    ),
    exit_codes=(ExitCode.NOT_CONFIRMED, ExitCode.BUSY),
)
@click.option(
    "--keep",
    type=click.IntRange(min=0),
    metavar="N",
    help="Keep the newest N backups.",
)
@click.option(
    "--days",
    type=click.IntRange(min=0),
    metavar="N",
    help="Delete backups that are older than N days.",
)
@dry_run_option
@yes_option
@home_option
@output_options
def prune(
    *, machine: Machine, yes: Consent, keep: int | None, days: int | None, dry_run: bool
) -> Pruning:
    """Delete old backups.

    By their number with --keep, by their age with --days, or by both: a backup
    goes if either says so.
    """
    if keep is None and days is None:
        raise UsageError(
            say("Nothing says which backups are old."),
            next_step=say("Add --keep N, --days N or both."),
        )
    if not dry_run:
        yes.require()
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
    if plan.going:
        yes.ask(planned, text_backups.QUESTION_PRUNE)
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
        with Backup.open(path, keys) as backup:
            return BackupCheck(backup_id, path, warnings=backup.verify(progress))
    except LoginfixError as error:
        return BackupCheck(backup_id, path, failure=error.as_problem())
