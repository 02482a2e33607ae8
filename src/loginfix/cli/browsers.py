"""``loginfix browsers``: what is there."""

import click

from loginfix.api.installed import installed_browsers
from loginfix.api.machine import Machine
from loginfix.api.results import BrowserList
from loginfix.cli.options import all_users_option, machine_options, output_options
from loginfix.cli.session import Session, pass_session
from loginfix.cli.verb import Verb
from loginfix.errors import ExitCode


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
    return installed_browsers(machine=machine, progress=session.progress)
