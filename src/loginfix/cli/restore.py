"""``loginfix restore``: put back what a run removed."""

from pathlib import Path

import click

from loginfix.api import restore as api
from loginfix.api.machine import Machine
from loginfix.clearing.results import RestoreResult
from loginfix.cli import completing
from loginfix.cli.exit_codes import WRITING
from loginfix.cli.options import (
    backup_dir_option,
    close_option,
    dry_run_option,
    identity_option,
    machine_options,
    only_option,
    output_options,
    user_option,
    yes_option,
)
from loginfix.cli.reporting import Reports, report_options
from loginfix.cli.session import Consent, Session, pass_session
from loginfix.cli.verb import Verb
from loginfix.errors import ExitCode
from loginfix.reports import text_restore
from loginfix.stores.model import Category


@click.command(
    cls=Verb,
    examples=(
        "loginfix restore",
        "loginfix restore 20261124-035030-amazon --dry-run",
        "loginfix restore --only cookies --yes",
        "loginfix restore --identity key.txt",
    ),
    exit_codes=(
        ExitCode.NOTHING_FOUND,
        ExitCode.PARTIAL,
        ExitCode.BACKUP_DAMAGED,
        ExitCode.NOT_CONFIRMED,
        ExitCode.REPORT_FAILED,
        *WRITING,
    ),
)
@click.argument("backup_id", metavar="[ID]", required=False, shell_complete=completing.backups)
@only_option
@click.option(
    "--overwrite",
    is_flag=True,
    help="Where both sides have the same thing, take the backup's.",
)
@identity_option
@click.option(
    "--from-elsewhere",
    is_flag=True,
    help="Also take a backup that another user or another computer made.",
)
@dry_run_option
@yes_option
@close_option
@report_options
@machine_options
@backup_dir_option
@user_option
@output_options
@pass_session
def restore(
    session: Session,
    *,
    machine: Machine,
    yes: Consent,
    backup_id: str | None,
    only: frozenset[Category],
    overwrite: bool,
    identity: Path | None,
    from_elsewhere: bool,
    dry_run: bool,
    close_browser: bool,
    report: tuple[Path, ...],
    redact: bool,
) -> RestoreResult:
    """Put back what was removed.

    From the latest backup, or the one with this ID; the beginning of an ID is
    enough. What has appeared in the browsers since then stays.
    """
    if not dry_run:
        yes.require()
    session.reports = Reports.wanted(report, machine, redact=redact)
    session.journal = machine.directories.journal
    return api.restore(
        backup_id,
        only=only,
        overwrite=overwrite,
        identity=identity,
        from_elsewhere=from_elsewhere,
        dry_run=dry_run,
        close_browsers=close_browser,
        confirm=yes.asking(text_restore.QUESTION),
        machine=machine,
        progress=session.progress,
    )
