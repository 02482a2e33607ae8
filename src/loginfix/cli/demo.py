"""``loginfix demo``: the whole job on recorded profiles."""

import click

from loginfix.cli.options import output_options
from loginfix.cli.session import Session, pass_session
from loginfix.cli.verb import Verb
from loginfix.demo.run import Demo, run_demo
from loginfix.errors import ExitCode


@click.command(
    cls=Verb,
    examples=("loginfix demo",),
    exit_codes=(
        ExitCode.PARTIAL,
        ExitCode.BACKUP_FAILED,
        ExitCode.PROFILE_WRITE_FAILED,
        ExitCode.VERIFICATION_FAILED,
    ),
)
@output_options
@pass_session
def demo(session: Session) -> Demo:
    """Show the whole job without touching your browsers.

    Clears Amazon from recorded profiles of real browsers, looks again, and
    puts everything back. What it works on is deleted at the end.
    """
    return run_demo(progress=session.progress)
