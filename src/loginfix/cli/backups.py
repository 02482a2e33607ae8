"""``loginfix backups``: what there is to go back to."""

from pathlib import Path

import click

from loginfix.api import backups as api
from loginfix.api.backup_results import (
    BackupChecks,
    BackupDeletion,
    BackupDetails,
    BackupList,
    NewKey,
    Pruning,
)
from loginfix.api.machine import Machine
from loginfix.cli import completing
from loginfix.cli.options import (
    backup_dir_option,
    dry_run_option,
    home_option,
    identity_option,
    output_options,
    yes_option,
)
from loginfix.cli.session import Consent, Session, pass_session
from loginfix.cli.verb import Verb, VerbGroup, show_help
from loginfix.errors import ExitCode
from loginfix.reports import text_backups

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
@backup_dir_option
@output_options
def list_(*, machine: Machine) -> BackupList:
    """List the backups, newest first."""
    return api.backups(machine=machine)


@backups.command(
    cls=Verb,
    examples=(f"loginfix backups show {_EXAMPLE_ID}",),
    exit_codes=(ExitCode.BACKUP_DAMAGED, ExitCode.REFUSED),
)
@click.argument("backup_id", metavar="ID", shell_complete=completing.backups)
@home_option
@backup_dir_option
@output_options
def show(*, machine: Machine, backup_id: str) -> BackupDetails:
    """Show what a backup holds.

    The beginning of its ID is enough.
    """
    return api.backup(backup_id, machine=machine)


@backups.command(
    cls=Verb,
    examples=("loginfix backups verify", f"loginfix backups verify {_EXAMPLE_ID}"),
    exit_codes=(ExitCode.NOTHING_FOUND, ExitCode.PARTIAL, ExitCode.BACKUP_DAMAGED),
)
@click.argument("backup_id", metavar="[ID]", required=False, shell_complete=completing.backups)
@identity_option
@home_option
@backup_dir_option
@output_options
@pass_session
def verify(
    session: Session, *, machine: Machine, backup_id: str | None, identity: Path | None
) -> BackupChecks:
    """Check that backups are intact.

    Reads every byte of one backup, or of all, and compares the checksums. What is
    encrypted is compared as it stands; with the secret key, decrypted too.
    """
    return api.check_backups(
        backup_id, identity=identity, machine=machine, progress=session.progress
    )


@backups.command(cls=Verb, examples=("loginfix backups key /media/stick/loginfix-key.txt",))
@click.argument("file", type=click.Path(path_type=Path))
@output_options
def key(*, file: Path) -> NewKey:
    """Make a pair of keys for encrypted backups.

    Writes the secret key to FILE, where nothing may be, and shows the public key
    for --encrypt-to. Whoever has FILE can read the backups; without it, nobody can.
    """
    return api.new_key(file)


@backups.command(
    cls=Verb,
    examples=(f"loginfix backups delete {_EXAMPLE_ID}",),
    exit_codes=(
        ExitCode.NOT_CONFIRMED,
        ExitCode.BUSY,
        ExitCode.REFUSED,
    ),
)
@click.argument("backup_id", metavar="ID", shell_complete=completing.backups)
@yes_option
@home_option
@backup_dir_option
@output_options
def delete(*, machine: Machine, yes: Consent, backup_id: str) -> BackupDeletion:
    """Delete a backup.

    What it holds cannot be put back any more then. The beginning of its ID is
    enough.
    """
    return api.delete_backup(
        backup_id, confirm=yes.asking(text_backups.QUESTION_DELETE), machine=machine
    )


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
@backup_dir_option
@output_options
def prune(
    *, machine: Machine, yes: Consent, keep: int | None, days: int | None, dry_run: bool
) -> Pruning:
    """Delete old backups.

    By their number with --keep, by their age with --days, or by both: a backup
    goes if either says so.
    """
    return api.prune_backups(
        keep=keep,
        days=days,
        dry_run=dry_run,
        confirm=yes.asking(text_backups.QUESTION_PRUNE),
        machine=machine,
    )
