"""``loginfix browsers``: what is there."""

import click

from loginfix.browsers.directories import directory_size
from loginfix.browsers.model import Profile
from loginfix.browsers.running import running_state
from loginfix.cli.machine import Machine
from loginfix.cli.options import all_users_option, machine_options, output_options
from loginfix.cli.session import Session, pass_session
from loginfix.cli.verb import Verb
from loginfix.errors import ExitCode, LoginfixError, Problem
from loginfix.progress import counted
from loginfix.reports.results import BrowserList, ListedProfile
from loginfix.words import say


@click.command(
    cls=Verb,
    examples=("loginfix browsers", "loginfix browsers --profile-dir ~/old-profile"),
    exit_codes=(ExitCode.PARTIAL, ExitCode.NO_BROWSERS, ExitCode.PROFILE_UNREADABLE),
)
@machine_options
@all_users_option
@output_options
@pass_session
def browsers(session: Session, *, machine: Machine) -> BrowserList:
    """List every profile of every browser.

    Where it is, where its cache is, its size, and if it is open now.
    """
    found = machine.profiles()
    problems = list(found.problems)
    profiles = counted(
        session.progress, say("Measuring the profiles"), found.profiles, len(found.profiles)
    )
    listed = tuple(_look_at(profile, problems) for profile in profiles)
    return BrowserList(listed, tuple(problems))


def _look_at(profile: Profile, problems: list[Problem]) -> ListedProfile:
    size = directory_size(profile.path)
    if not profile.cache_path.is_relative_to(profile.path):
        size += directory_size(profile.cache_path)
    try:
        running = running_state(profile)
    except LoginfixError as error:
        problems.append(error.as_problem())
        running = None
    return ListedProfile(profile, size, running)
