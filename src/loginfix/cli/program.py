"""The program: its verbs, and how every run ends: printed once, with its own exit code."""

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from loginfix import __version__
from loginfix.cli.session import Session
from loginfix.cli.verb import VerbGroup, show_help
from loginfix.errors import ExitCode, LoginfixError, Problem
from loginfix.reports import text_problems
from loginfix.words import say

_NAME = "loginfix"
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
)


class Program(VerbGroup):
    """The group of all verbs, which renders what a verb returns."""

    def main(self, args: Sequence[str] | None = None, *_: Any, **__: Any) -> NoReturn:
        """Run one command and end the process."""
        arguments = list(sys.argv[1:] if args is None else args)
        _give_streams()
        session = Session()
        # An argument may be wrong before the option is reached.
        session.renderer.as_json = "--json" in arguments
        sys.exit(self._run(arguments, session))

    def _run(self, arguments: list[str], session: Session) -> int:
        try:
            outcome = super().main(arguments, _NAME, standalone_mode=False, obj=session)
            if isinstance(outcome, int):  # help or version, which click has printed
                return outcome
            return session.renderer.result(outcome, session.command)
        except (click.Abort, KeyboardInterrupt):
            return _end(session, _interruption(session), ExitCode.INTERRUPTED)
        except click.ClickException as error:
            return _end(session, _misuse(error), ExitCode.USAGE)
        except LoginfixError as error:
            return _end(session, error.as_problem(), error.exit_code)
        except Exception as error:  # noqa: BLE001  the last resort: nobody should see a traceback
            if session.debug:
                traceback.print_exception(error)
            return _end(session, _unexpected(error), ExitCode.FAILED)


def _give_streams() -> None:
    """Let a program without a console, such as ``pythonw.exe``, print into the void."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115  for good


def _end(session: Session, problem: Problem, code: ExitCode) -> int:
    return session.renderer.error(problem, code, session.command)


def _interruption(session: Session) -> Problem:
    if session.unfinished():
        message, next_step = (
            text_problems.INTERRUPTED_UNFINISHED,
            text_problems.INTERRUPTED_UNFINISHED_NEXT,
        )
    else:
        message, next_step = text_problems.INTERRUPTED, text_problems.INTERRUPTED_NEXT
    return Problem("interrupted", say(message), say(next_step))


def _misuse(error: click.ClickException) -> Problem:
    ctx = getattr(error, "ctx", None)
    command = ctx.command_path if ctx else _NAME
    return Problem("usage", error.format_message(), say(text_problems.MISUSE_NEXT, command=command))


def _unexpected(error: Exception) -> Problem:
    # Only the kind of error: its text may quote what a browser has stored.
    message = say(text_problems.UNEXPECTED, kind=type(error).__name__)
    return Problem("unexpected", message, say(text_problems.UNEXPECTED_NEXT))


@click.group(
    _NAME,
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
@click.version_option(__version__, prog_name=_NAME)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Take one site out of every browser on this computer, and put it back.

    For people who cannot log in to a site any more: everything that the
    browsers keep of it goes, every other site stays as it is, and a backup is
    made first.
    """
    show_help(ctx)
