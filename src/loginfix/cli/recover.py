"""``loginfix recover``: finish or undo what was interrupted."""

import click

from loginfix.api import restore as api
from loginfix.api.machine import Machine
from loginfix.clearing.recover import RecoverResult
from loginfix.cli.exit_codes import WRITING
from loginfix.cli.options import all_users_option, backup_dir_option, home_option, output_options
from loginfix.cli.session import Session, pass_session
from loginfix.cli.verb import Verb
from loginfix.errors import ExitCode


@click.command(
    cls=Verb,
    examples=("loginfix recover", "loginfix recover --undo"),
    exit_codes=(ExitCode.NOTHING_FOUND, ExitCode.PARTIAL, ExitCode.BACKUP_FAILED, *WRITING),
)
@click.option("--undo", is_flag=True, help="Put everything back instead of finishing.")
@home_option
@backup_dir_option
@all_users_option
@output_options
@pass_session
def recover(session: Session, *, machine: Machine, undo: bool) -> RecoverResult:
    """Finish or undo an interrupted run.

    After a power cut, for example. Every command that writes does this first,
    so it is seldom needed.
    """
    session.journal = machine.directories.journal
    return api.recover(undo=undo, machine=machine, progress=session.progress)
