"""``loginfix config``: what the settings are, and where each comes from."""

import os
from collections.abc import Iterator

import click
from click.core import ParameterSource

from loginfix.cli.language import VARIABLE, asked_for
from loginfix.cli.options import output_options
from loginfix.cli.session import Session, pass_session
from loginfix.cli.settings import SETTINGS, Settings, setting_of, settings_file
from loginfix.cli.verb import Verb
from loginfix.reports.config import Configuration, Effective
from loginfix.words import LANGUAGES, language, say

_SOURCES = {
    ParameterSource.COMMANDLINE: "option",
    ParameterSource.ENVIRONMENT: "environment",
    ParameterSource.DEFAULT_MAP: "file",
}


@click.command(
    cls=Verb,
    examples=(
        "loginfix config",
        "loginfix config clear-cache",
        "loginfix config backups prune --keep 3",
    ),
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[COMMAND [OPTION]...]")
@output_options
@pass_session
@click.pass_context
def config(ctx: click.Context, session: Session, *, command: tuple[str, ...]) -> Configuration:
    """Show the settings and where each comes from.

    From config.toml, which sets defaults for options; from the environment; or
    with a COMMAND, as it would take them, from its own options.
    """
    settings = Settings.read(settings_file())
    if command:
        chosen = _parsed(ctx, command)
        name, values = chosen.command_path.partition(" ")[2], _of_command(chosen)
    else:
        name, values = "", _in_general(settings, session.arguments)
    return Configuration(settings.path, settings.path.exists(), name, tuple(values))


def _in_general(settings: Settings, arguments: tuple[str, ...]) -> Iterator[Effective]:
    for name in SETTINGS:
        if name == "lang" and asked_for(arguments):
            yield Effective(name, language(), "option")
        elif name == "lang" and os.environ.get(VARIABLE) in LANGUAGES:
            yield Effective(name, language(), "environment")
        elif name in settings.values:
            yield Effective(name, settings.values[name], "file")
        else:
            yield Effective(name, language() if name == "lang" else None, "default")


def _parsed(ctx: click.Context, words: tuple[str, ...]) -> click.Context:
    """A command with its options, of which nothing is done."""
    parent, rest = ctx.find_root(), list(words)
    while isinstance(parent.command, click.Group):
        if not rest:
            raise click.UsageError(
                say("{command} has commands of its own: name one.", command=parent.command_path),
                ctx,
            )
        name, command, rest = parent.command.resolve_command(parent, rest)
        assert command is not None  # noqa: S101  it would have said that there is none
        if isinstance(command, click.Group):
            parent = click.Context(command, parent, name)
        else:
            parent = command.make_context(name, rest, parent, resilient_parsing=True)
    return parent


def _of_command(ctx: click.Context) -> Iterator[Effective]:
    """What a command would take, in the order of its help."""
    path = ctx.command_path.partition(" ")[2]
    for param in ctx.command.params:
        # The others are about the run itself, such as --yes, which nothing but the option sets.
        if setting_of(path, param) in SETTINGS and param.name in ctx.params:
            source = ctx.get_parameter_source(param.name)
            yield Effective(
                param.opts[0],
                ctx.params[param.name],
                _SOURCES.get(source, "default") if source else "default",
            )
