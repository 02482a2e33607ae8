"""``loginfix clear-cache``: take a site out."""

from dataclasses import replace

import click

from loginfix.clearing.plan import make_plan
from loginfix.clearing.selection import Selection
from loginfix.cli.closing import close_all, with_reasons
from loginfix.cli.exit_codes import WRITING
from loginfix.cli.machine import Machine
from loginfix.cli.options import (
    all_users_option,
    close_option,
    dry_run_option,
    encrypt_option,
    machine_options,
    output_options,
    yes_option,
)
from loginfix.cli.selection import selection_options
from loginfix.cli.session import Consent, Session, pass_session
from loginfix.cli.verb import Verb
from loginfix.errors import ExitCode
from loginfix.reports import text_clear
from loginfix.reports.results import Clearing, DryRun
from loginfix.sites.catalog import load_catalog


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
@machine_options
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
) -> DryRun | Clearing:
    """Take a site out of every browser.

    Shows what it found and asks first. Makes a backup before anything is
    removed. Every other site stays as it is.
    """
    directories = machine.directories
    request = replace(
        selection.request(load_catalog(directories.config / "sites")),
        drop_locked_sessions=drop_locked_sessions,
    )
    if not dry_run:
        yes.require()
    found = machine.profiles(selection.browsers, selection.profiles)
    plan = make_plan(request, found.profiles, problems=found.problems, progress=session.progress)
    preview = DryRun(plan, directories.backups)
    if dry_run:
        return preview
    if any(each.found and (close_browser or not each.running) for each in plan.profiles):
        yes.ask(preview, text_clear.QUESTION)
    in_question = [each.profile for each in plan.profiles if each.found]
    still_open = close_all(in_question, session, asked=close_browser)
    session.journal = directories.journal
    from loginfix.clearing.clear import clear  # noqa: PLC0415  a dry run needs nothing of it

    result = clear(plan, directories, encrypt_to=encrypt_to, progress=session.progress)
    result = replace(result, problems=with_reasons(result.problems, still_open))
    named = [word for name in selection.sites for word in ("--site", name)]
    return Clearing(
        result,
        machine.command("restore", result.backup_id or ""),
        machine.command("trace", *named),
        machine.command("backups", "delete", result.backup_id or ""),
        encrypt_to,
    )
