"""``loginfix clear-cache``: take a site out."""

from pathlib import Path

import click

from loginfix.api import clear as api
from loginfix.api.machine import Machine
from loginfix.api.results import Clearing, DryRun
from loginfix.clearing.selection import Selection
from loginfix.cli.exit_codes import WRITING
from loginfix.cli.options import (
    all_users_option,
    backup_dir_option,
    close_option,
    dry_run_option,
    encrypt_option,
    machine_options,
    output_options,
    yes_option,
)
from loginfix.cli.reporting import Reports, report_options
from loginfix.cli.selection import selection_options
from loginfix.cli.session import Consent, Session, pass_session
from loginfix.cli.verb import Verb
from loginfix.errors import ExitCode
from loginfix.reports import text_clear


@click.command(
    "clear-cache",
    cls=Verb,
    examples=(
        "loginfix clear-cache --site amazon --dry-run",
        "loginfix clear-cache --site amazon --browser chrome --close-browser",
        "loginfix clear-cache --site example.co.jp --only cookies --yes",
    ),
    exit_codes=(
        ExitCode.NOTHING_FOUND,
        ExitCode.PARTIAL,
        ExitCode.BACKUP_FAILED,
        ExitCode.NO_BROWSERS,
        ExitCode.NOT_CONFIRMED,
        ExitCode.REPORT_FAILED,
        *WRITING,
    ),
)
@selection_options
@click.option(
    "--drop-locked-sessions",
    is_flag=True,
    help="Where open tabs are encrypted with a key that cannot be had, remove all open and"
    " recently closed tabs of that profile, with a backup.",
)
@encrypt_option
@dry_run_option
@yes_option
@close_option
@report_options
@click.option("--verbose", "-v", is_flag=True, help="List what is found, one by one.")
@machine_options
@backup_dir_option
@all_users_option
@output_options
@pass_session
def clear_cache(
    session: Session,
    *,
    machine: Machine,
    yes: Consent,
    selection: Selection,
    drop_locked_sessions: bool,
    encrypt_to: tuple[str, ...],
    dry_run: bool,
    close_browser: bool,
    report: tuple[Path, ...],
    redact: bool,
    verbose: bool,
) -> DryRun | Clearing:
    """Take a site out of every browser.

    Shows what it found and asks first. Makes a backup before anything is
    removed. Every other site stays as it is.
    """
    session.renderer.verbose = verbose
    session.reports = Reports.wanted(report, machine, redact=redact)
    if not dry_run:
        selection.request(machine.catalog)  # a wrong name is told before a missing yes
        yes.require()
    found = api.find_selected(
        selection,
        drop_locked_sessions=drop_locked_sessions,
        itemised=verbose or bool(report),
        machine=machine,
        progress=session.progress,
    )
    if dry_run:
        return found
    if any(each.found and (close_browser or not each.running) for each in found.plan.profiles):
        yes.ask(found, text_clear.QUESTION)
    session.journal = machine.directories.journal
    return api.clear(
        found, close_browsers=close_browser, encrypt_to=encrypt_to, progress=session.progress
    )
