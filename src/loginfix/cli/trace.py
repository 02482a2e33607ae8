"""``loginfix trace``: prove what is left of a site, and where."""

from pathlib import Path

import click

from loginfix.api import trace as api
from loginfix.api.machine import Machine
from loginfix.api.results import Tracing
from loginfix.cli.options import all_users_option, machine_options, output_options
from loginfix.cli.reporting import Reports, report_options
from loginfix.cli.selection import place_options
from loginfix.cli.session import Session, pass_session
from loginfix.cli.verb import Verb
from loginfix.errors import ExitCode


@click.command(
    cls=Verb,
    examples=(
        "loginfix trace --site amazon",
        "loginfix trace --site example.co.jp --browser firefox --json",
    ),
    exit_codes=(
        ExitCode.PARTIAL,
        ExitCode.NO_BROWSERS,
        ExitCode.PROFILE_UNREADABLE,
        ExitCode.LEFTOVERS_FOUND,
        ExitCode.REPORT_FAILED,
    ),
)
@place_options
@report_options
@machine_options
@all_users_option
@output_options
@pass_session
def trace(
    session: Session,
    *,
    machine: Machine,
    site: tuple[str, ...],
    group: tuple[str, ...],
    without_group: tuple[str, ...],
    browser: tuple[str, ...],
    profile: tuple[str, ...],
    report: tuple[Path, ...],
    redact: bool,
) -> Tracing:
    """Search every byte of the browsers for a site.

    In every way in which browsers write its name: also reversed, hashed or
    compressed. Says of each place whether it is yours (a bookmark), another
    site's that mentions it, or left over. Changes nothing.
    """
    session.reports = Reports.wanted(report, machine, redact=redact)
    return api.trace(
        *site,
        groups=group,
        without_groups=without_group,
        browsers=browser,
        profiles=profile,
        machine=machine,
        progress=session.progress,
    )
