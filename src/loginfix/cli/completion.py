"""``loginfix completion``: teach a shell to complete."""

import click
from click.shell_completion import get_completion_class

from loginfix.cli.ending import NAME
from loginfix.cli.options import output_options
from loginfix.cli.verb import Verb
from loginfix.reports.completion import CompletionScript

SHELLS = ("bash", "zsh", "fish", "powershell")


@click.command(cls=Verb, examples=("loginfix completion bash", "loginfix completion powershell"))
@click.argument("shell", type=click.Choice(SHELLS))
@output_options
@click.pass_context
def completion(ctx: click.Context, *, shell: str) -> CompletionScript:
    """Print the script for completion with Tab.

    For bash, put this into ~/.bashrc: eval "$(loginfix completion bash)"
    """
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101  click has all of SHELLS
    teacher = kind(ctx.find_root().command, {}, NAME, f"_{NAME.upper()}_COMPLETE")
    # Not ``source``: it looks for bash on this computer, and complains.
    return CompletionScript(shell, teacher.source_template % teacher.source_vars())
