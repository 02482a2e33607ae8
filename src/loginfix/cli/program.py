"""The program: its verbs, and how every run ends: printed once, with its own exit code."""

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from loginfix import __version__
from loginfix.cli.click_words import translate_click
from loginfix.cli.ending import NAME, attempt, show
from loginfix.cli.language import chosen, language_option
from loginfix.cli.options import shared_options
from loginfix.cli.session import Session
from loginfix.cli.settings import configured_language
from loginfix.cli.verb import VerbGroup, show_help
from loginfix.words import say, use

_VERBS = (
    "demo",
    "doctor",
    "browsers",
    "sites",
    "clear-cache",
    "trace",
    "restore",
    "backups",
    "schedule",
    "recover",
    "completion",
    "config",
)


class Program(VerbGroup):
    """The group of all verbs, which renders what a verb returns."""

    def main(self, args: Sequence[str] | None = None, *_: Any, **__: Any) -> NoReturn:
        """Run one command and end the process."""
        arguments = list(sys.argv[1:] if args is None else args)
        _give_streams()
        use(chosen(arguments, os.environ, configured_language()))
        translate_click()
        session = Session(arguments=tuple(arguments))
        # An argument may be wrong before the option is reached.
        session.renderer.as_json = "--json" in arguments
        run = super().main
        outcome = attempt(session, lambda: run(arguments, NAME, standalone_mode=False, obj=session))
        sys.exit(show(session, outcome))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write its own options, the commands, and the options that most of these have."""
        super().format_options(ctx, formatter)
        records = [each.get_help_record(ctx) for each in shared_options()]
        with formatter.section(say("Options that most commands have")):
            formatter.write_dl([each for each in records if each])


def _give_streams() -> None:
    """Let a program without a console, such as ``pythonw.exe``, print into the void."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115  for good


@click.group(
    NAME,
    cls=Program,
    verbs=_VERBS,
    examples=(
        "loginfix browsers",
        "loginfix clear-cache --site amazon --dry-run",
        "loginfix clear-cache --site amazon",
        "loginfix restore",
    ),
    context_settings={
        "auto_envvar_prefix": "LOGINFIX",
        "help_option_names": ["-h", "--help"],
        "max_content_width": 80,
    },
)
@language_option
@click.version_option(__version__, prog_name=NAME)
@click.pass_context
def main(ctx: click.Context) -> Any:
    """Take one site out of every browser on this computer, and put it back.

    For people who cannot log in to a site any more: everything that the
    browsers keep of it goes, every other site stays as it is, and a backup is
    made first. Alone, at a terminal, it leads through all of that.
    """
    session = ctx.find_object(Session)
    if ctx.invoked_subcommand is None and session and session.can_talk():
        from loginfix.cli.guide import guide  # noqa: PLC0415  no verb needs it

        return guide(session)
    return show_help(ctx)
