"""How a run ends: with what it returned, or with the reason why it returned nothing."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from loginfix.cli.session import Session
from loginfix.errors import ExitCode, LoginfixError, Problem
from loginfix.reports import text_problems
from loginfix.words import say

NAME = "loginfix"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run returned nothing, and its exit code."""

    problem: Problem
    exit_code: ExitCode


def attempt(session: Session, work: Callable[[], Any]) -> Any:
    """What ``work`` returns: a result, or the exit code of what click has printed; or a failure."""
    try:
        return work()
    except (click.Abort, KeyboardInterrupt):
        return Failure(_interruption(session), ExitCode.INTERRUPTED)
    except click.ClickException as error:
        return Failure(_misuse(error), ExitCode.USAGE)
    except LoginfixError as error:
        return Failure(error.as_problem(), error.exit_code)
    except Exception as error:  # noqa: BLE001  the last resort: nobody should see a traceback
        if session.debug:
            traceback.print_exception(error)
        return Failure(_unexpected(error), ExitCode.FAILED)


def show(session: Session, outcome: Any) -> int:
    """Print, and log, what ``attempt`` came to; returns how the process should end."""
    code = _shown(session, outcome)
    if session.log:
        if isinstance(outcome, Failure):
            session.log.failed(outcome.problem)
        elif not isinstance(outcome, int):
            session.log.came_to(outcome)
        session.log.ended(code)
    return code


def _shown(session: Session, outcome: Any) -> int:
    if isinstance(outcome, int):
        return outcome
    if isinstance(outcome, Failure):
        return session.renderer.error(outcome.problem, outcome.exit_code, session.command)
    code = session.renderer.result(outcome, session.command)
    # Only now: whatever becomes of the files, the person has seen what was done.
    written = attempt(session, lambda: session.reports.write(outcome, session.command))
    if isinstance(written, Failure):
        session.renderer.aside(written.problem)
        return written.exit_code
    return code


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
    command = ctx.command_path if ctx else NAME
    return Problem("usage", error.format_message(), say(text_problems.MISUSE_NEXT, command=command))


def _unexpected(error: Exception) -> Problem:
    # Only the kind of error: its text may quote what a browser has stored.
    message = say(text_problems.UNEXPECTED, kind=type(error).__name__)
    return Problem("unexpected", message, say(text_problems.UNEXPECTED_NEXT))
