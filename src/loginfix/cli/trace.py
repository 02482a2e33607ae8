"""``loginfix trace``: prove what is left of a site, and where."""

import click

from loginfix.browsers.in_use import Running
from loginfix.browsers.model import Profile
from loginfix.browsers.running import running_state
from loginfix.clearing.selection import Selection
from loginfix.cli.machine import Machine
from loginfix.cli.options import all_users_option, machine_options, output_options
from loginfix.cli.selection import place_options
from loginfix.cli.session import Session, pass_session
from loginfix.cli.verb import Verb
from loginfix.errors import ExitCode, LoginfixError, Problem, ProfileUnreadableError
from loginfix.reports.results import TracedProfile, Tracing
from loginfix.sites.catalog import load_catalog
from loginfix.tracing.search import trace_profile


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
    ),
)
@place_options
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
) -> Tracing:
    """Search every byte of the browsers for a site.

    In every way in which browsers write its name: also reversed, hashed or
    compressed. Says of each place whether it is yours (a bookmark), another
    site's that mentions it, or left over. Changes nothing.
    """
    selection = Selection(site, group, without_group, browser, profile)
    wanted = selection.request(load_catalog(machine.directories.config / "sites")).site
    found = machine.profiles(browser, profile)
    traced, problems = [], list(found.problems)
    shared = set()
    for each in found.profiles:
        try:
            result = trace_profile(
                each,
                wanted,
                with_shared=each.user_data not in shared,
                progress=session.progress,
            )
        except ProfileUnreadableError as error:
            problems.append(error.as_problem())
            continue
        shared.add(each.user_data)
        traced.append(TracedProfile(result, _running(each, problems)))
    if not traced:
        first = problems[0]
        raise ProfileUnreadableError(first.message, next_step=first.next_step, path=first.path)
    return Tracing(wanted, tuple(traced), tuple(problems))


def _running(profile: Profile, problems: list[Problem]) -> Running | None:
    try:
        return running_state(profile)
    except LoginfixError as error:
        problems.append(error.as_problem())
        return None
