"""``loginfix doctor``: look first."""

from pathlib import Path

import click

from loginfix.api.diagnose import diagnose
from loginfix.api.machine import Machine
from loginfix.api.results import Consultation
from loginfix.cli import completing
from loginfix.cli.options import all_users_option, machine_options, output_options
from loginfix.cli.reporting import Reports, report_options
from loginfix.cli.selection import where_options
from loginfix.cli.session import Session, pass_session
from loginfix.cli.verb import Verb
from loginfix.errors import ExitCode


@click.command(
    cls=Verb,
    examples=("loginfix doctor --site amazon", "loginfix doctor --site amazon --browser firefox"),
    exit_codes=(
        ExitCode.NOTHING_FOUND,
        ExitCode.NO_BROWSERS,
        ExitCode.PROFILE_UNREADABLE,
        ExitCode.REPORT_FAILED,
    ),
)
@click.option(
    "--site",
    required=True,
    shell_complete=completing.sites,
    metavar="NAME",
    help="The site you cannot log in to: a name (see loginfix sites) or a domain.",
)
@where_options
@report_options
@machine_options
@all_users_option
@output_options
@pass_session
def doctor(
    session: Session,
    *,
    machine: Machine,
    site: str,
    browser: tuple[str, ...],
    profile: tuple[str, ...],
    report: tuple[Path, ...],
    redact: bool,
) -> Consultation:
    """Find out why you cannot log in.

    Looks at the browsers and at this computer, says what it found and what to
    do next. Changes nothing and connects to nothing.
    """
    session.reports = Reports.wanted(report, machine, redact=redact)
    return diagnose(
        site, browsers=browser, profiles=profile, machine=machine, progress=session.progress
    )
