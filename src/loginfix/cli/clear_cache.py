"""``loginfix clear-cache``: take a site out."""

from collections.abc import Sequence
from dataclasses import replace

import click

from loginfix.clearing.clear import clear
from loginfix.clearing.plan import Request, make_plan
from loginfix.cli.closing import close_all, with_reasons
from loginfix.cli.exit_codes import WRITING
from loginfix.cli.machine import Machine
from loginfix.cli.options import (
    close_option,
    dry_run_option,
    keep_option,
    known_categories,
    machine_options,
    only_option,
    output_options,
    yes_option,
)
from loginfix.cli.session import Consent, Session, pass_session
from loginfix.cli.verb import Verb
from loginfix.errors import ExitCode, UsageError
from loginfix.reports import text_clear
from loginfix.reports.results import Clearing, DryRun
from loginfix.sites.catalog import Catalog, load_catalog
from loginfix.sites.site import Site, combine
from loginfix.stores.model import Category


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
@click.option(
    "--site",
    multiple=True,
    required=True,
    metavar="NAME",
    help="The site: a name (see loginfix sites) or a domain. Repeatable.",
)
@click.option(
    "--group",
    multiple=True,
    metavar="NAME",
    help="Clear this group of the site too, such as aws. Repeatable.",
)
@click.option(
    "--without-group",
    multiple=True,
    metavar="NAME",
    help="Leave this group of the site alone. Repeatable.",
)
@click.option(
    "--browser",
    multiple=True,
    metavar="NAME",
    help="Only this browser, such as chrome or firefox. Repeatable.",
)
@click.option(
    "--profile",
    multiple=True,
    metavar="NAME",
    help="Only this profile, by any of its names (see loginfix browsers). Repeatable.",
)
@only_option
@keep_option
@click.option(
    "--keep-cookie",
    multiple=True,
    metavar="NAME",
    help="Keep the site's cookies of this name, such as one that marks a trusted"
    " device. Repeatable.",
)
@dry_run_option
@yes_option
@close_option
@machine_options
@output_options
@pass_session
def clear_cache(
    session: Session,
    *,
    machine: Machine,
    yes: Consent,
    site: tuple[str, ...],
    group: tuple[str, ...],
    without_group: tuple[str, ...],
    browser: tuple[str, ...],
    profile: tuple[str, ...],
    only: frozenset[Category],
    keep: frozenset[Category],
    keep_cookie: tuple[str, ...],
    dry_run: bool,
    close_browser: bool,
) -> DryRun | Clearing:
    """Take a site out of every browser.

    Shows what it found and asks first. Makes a backup before anything is
    removed. Every other site stays as it is.
    """
    directories = machine.directories
    catalog = load_catalog(directories.config / "sites")
    wanted = _site(catalog, site, group, without_group)
    request = Request(wanted, _categories(only, keep), frozenset(keep_cookie))
    if not dry_run:
        yes.require()
    found = machine.profiles(browser, profile)
    plan = make_plan(request, found.profiles, problems=found.problems, progress=session.progress)
    preview = DryRun(plan, directories.backups)
    if dry_run:
        return preview
    if any(each.found and (close_browser or not each.running) for each in plan.profiles):
        yes.ask(preview, text_clear.QUESTION)
    in_question = [each.profile for each in plan.profiles if each.found]
    still_open = close_all(in_question, session, asked=close_browser)
    session.journal = directories.journal
    result = clear(plan, directories, progress=session.progress)
    result = replace(result, problems=with_reasons(result.problems, still_open))
    return Clearing(result, machine.command("restore", result.backup_id or ""))


def _site(
    catalog: Catalog, names: Sequence[str], groups: Sequence[str], without_groups: Sequence[str]
) -> Site:
    """All sites as one; with several, a group goes to those that have it."""
    if len(names) == 1:
        return catalog.resolve(names[0], groups=groups, without_groups=without_groups)
    chosen = {name: _groups(catalog.resolve(name)) for name in names}
    known = frozenset[str]().union(*chosen.values())
    # The first site says of a group that none has that there is no such group.
    catalog.resolve(names[0], groups={*groups, *without_groups} - known)
    return combine(
        [
            catalog.resolve(
                name,
                groups=own.intersection(groups),
                without_groups=own.intersection(without_groups),
            )
            for name, own in chosen.items()
        ]
    )


def _groups(site: Site) -> frozenset[str]:
    return frozenset((*site.selected_groups, *site.excluded_groups))


def _categories(only: frozenset[Category], keep: frozenset[Category]) -> frozenset[Category]:
    chosen = (only or known_categories()) - keep
    if not chosen:
        raise UsageError(
            "With these --only and --keep, there is nothing left to clear.",
            next_step="Leave out one of them.",
        )
    return chosen
