"""A command for other people, each in a child that is theirs: ``--all-users`` and ``--user``."""

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from loginfix.cli.ending import attempt, show
from loginfix.cli.session import Session
from loginfix.errors import ExitCode, NotConfirmedError, Problem, RefusedError, UsageError
from loginfix.reports import text_problems
from loginfix.reports.envelope import envelope, is_envelope
from loginfix.reports.every_user import EveryUser, UserRun
from loginfix.users.accounts import Account, is_root, named, people
from loginfix.users.audit import audit_log
from loginfix.users.children import Reply, run_as
from loginfix.users.homes import require_own, require_program
from loginfix.words import say

# These name the places of one person.
_OF_ONE = {
    "home": "--home",
    "user_data_dir": "--user-data-dir",
    "profile_dir": "--profile-dir",
    "report": "--report",
    "backup_dir": "--backup-dir",
}
_BETWEEN = "\0"  # the text and the JSON; in neither


def for_each_user(
    ctx: click.Context,
    names: Sequence[str],
    work: Callable[[], Any],
    *,
    everybody: bool,
) -> EveryUser:
    """Let a child of each user do ``work``, which returns a result; one after the other.

    The users are those with ``names``, or ``everybody`` who may have a browser.

    Raises:
        RefusedError: This is not root, or there is no log for auditors.
        UsageError: An option speaks of one person's places, or there is no such user.
        NotConfirmedError: It changes something, and was not confirmed beforehand.
    """
    session = ctx.ensure_object(Session)
    _require(ctx)
    if everybody and names:
        raise UsageError(
            say("--all-users and --user cannot be used together."),
            next_step=say("Leave one of them out."),
        )
    runs = []
    with audit_log(session.arguments) as log:
        for account in named(names) if names else people():
            try:
                run = _run(account, session, work)
            except KeyboardInterrupt:
                log.note(account, exit_code=ExitCode.INTERRUPTED, status="interrupted")
                raise
            log.note(account, exit_code=run.exit_code, status=run.envelope["status"])
            runs.append(run)
    session.command += " --all-users"
    return EveryUser(tuple(runs))


def _require(ctx: click.Context) -> None:
    if sys.platform == "win32":
        raise RefusedError(
            say("Windows has no way to act for other users without their passwords."),
            next_step=say("Let each user run loginfix, or schedule it in each account."),
        )
    if not is_root():
        raise RefusedError(
            say("Only root can act for other users."),
            next_step=say("Run the same command with sudo, or leave --all-users and --user out."),
        )
    for name, option in _OF_ONE.items():
        if ctx.params.get(name):
            raise UsageError(
                say("{option} cannot be used for other users.", option=option),
                next_step=say("Leave it out, or leave --all-users and --user out."),
            )
    consent, dry_run = ctx.params.get("yes"), ctx.params.get("dry_run")
    if consent is not None and not consent.given and not dry_run:
        raise NotConfirmedError(
            say("Nothing was changed: for other users there is no question, so --yes is needed."),
            next_step=say(text_problems.CANNOT_ASK_NEXT),
        )


def _run(account: Account, session: Session, work: Callable[[], Any]) -> UserRun:
    as_json = session.renderer.as_json

    def own() -> Any:
        require_program(account)
        require_own(account)
        return work()

    def child() -> int:
        session.log = None  # root's
        outcome = attempt(session, own)
        if not as_json:
            show(session, outcome)
        sys.stdout.write(_BETWEEN)
        session.renderer.as_json = True
        return show(session, outcome)

    try:
        reply = run_as(account, child)
    except OSError as error:
        return _without_result(account, session, error.strerror or str(error))
    return _read(account, session, reply)


def _read(account: Account, session: Session, reply: Reply) -> UserRun:
    """What a child printed, if it is what loginfix prints."""
    if reply.stopped:
        return _without_result(account, session, say("it took too long, or said too much"))
    text, _, object_ = reply.output.decode("utf-8", "replace").rpartition(_BETWEEN)
    try:
        made = json.loads(object_)
        code = ExitCode(reply.code)
    except (ValueError, RecursionError):
        how = say("it ended with {code}", code=reply.code)
        return _without_result(account, session, how)
    if not is_envelope(made) or made["exit_code"] != code:
        return _without_result(account, session, say("its output was cut or changed"))
    lines = tuple(text.rstrip().split("\n"))
    return UserRun(account.name, account.uid, account.home, code, made, lines)


def _without_result(account: Account, session: Session, why: str) -> UserRun:
    problem = Problem(
        "no-result",
        say("The run for {user} ended without a result: {why}.", user=account.name, why=why),
        say("Run it for this user alone: --user {user}.", user=account.name),
    )
    made = envelope(session.command, ExitCode.FAILED, error=problem)
    lines = (problem.message, problem.next_step)
    return UserRun(account.name, account.uid, account.home, ExitCode.FAILED, made, lines)
