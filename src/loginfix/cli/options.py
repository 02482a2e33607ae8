"""Options that several verbs share, each defined once."""

import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from loginfix.api.machine import Machine
from loginfix.clearing.selection import categories_named
from loginfix.cli import completing
from loginfix.cli.language import language_option
from loginfix.cli.session import Consent, Session
from loginfix.cli.settings import LOG_LEVELS, from_the_file
from loginfix.stores.model import CATEGORIES
from loginfix.words import message, say

R = TypeVar("R")
_DIRECTORY = click.Path(exists=True, file_okay=False, readable=False, path_type=Path)


class _CategoryOption(click.Option):
    """An option whose help lists the categories; they are looked up only where it is shown."""

    @property
    def help(self) -> str:
        """What the option is for."""
        *others, last = sorted(CATEGORIES)
        return say(
            "{what}: {others} or {last}. Repeatable.",
            what=say(self._what),
            others=", ".join(others),
            last=last,
        )

    @help.setter  # noqa: A003  click calls it so
    def help(self, what: str) -> None:
        self._what = what


def category_option(name: str, what: str) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """An option that takes categories, given to the verb as a set."""
    return click.option(
        name,
        multiple=True,
        metavar="CATEGORY",
        shell_complete=completing.categories,
        callback=lambda _ctx, _param, names: categories_named(names),
        help=what,
        cls=_CategoryOption,
    )


def home_option(verb: Callable[..., R]) -> Callable[..., R]:
    """``--home``, given to the verb as ``machine``."""

    @click.option(
        "--home",
        type=_DIRECTORY,
        metavar="DIR",
        help="Work on another home directory. Its backups are below it too.",
    )
    @functools.wraps(verb)
    def with_machine(*args: Any, home: Path | None, **options: Any) -> R:
        return verb(*args, machine=Machine(home and home.absolute()), **options)

    return with_machine


def machine_options(verb: Callable[..., R]) -> Callable[..., R]:
    """``--home``, ``--user-data-dir`` and ``--profile-dir``, given to the verb as ``machine``."""

    @click.option(
        "--user-data-dir",
        type=_DIRECTORY,
        multiple=True,
        metavar="PATH",
        help="Look only here: a folder of profiles in an unusual place. Repeatable.",
    )
    @click.option(
        "--profile-dir",
        type=_DIRECTORY,
        multiple=True,
        metavar="PATH",
        help="Look only here: one profile in an unusual place. Repeatable.",
    )
    @home_option
    @functools.wraps(verb)
    def with_directories(
        *args: Any,
        machine: Machine,
        user_data_dir: tuple[Path, ...],
        profile_dir: tuple[Path, ...],
        **options: Any,
    ) -> R:
        given = tuple(path.absolute() for path in (*user_data_dir, *profile_dir))
        return verb(*args, machine=Machine(machine.other_home, given), **options)

    return with_directories


def backup_dir_option(verb: Callable[..., R]) -> Callable[..., R]:
    """``--backup-dir``, put into the ``machine`` that options above this one have made."""

    @click.option(
        "--backup-dir",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Keep the backups in this folder.",
    )
    @functools.wraps(verb)
    def with_backups(*args: Any, machine: Machine, backup_dir: Path | None, **options: Any) -> R:
        ctx = click.get_current_context()
        if machine.other_home and from_the_file(ctx, "backup_dir"):
            backup_dir = None  # a setting of one's own says nothing of another home
        chosen = replace(machine, backup_dir=backup_dir and backup_dir.absolute())
        return verb(*args, machine=chosen, **options)

    return with_backups


def yes_option(verb: Callable[..., R]) -> Callable[..., R]:
    """``--yes``, given to the verb as a ``Consent``."""
    return click.option(
        "--yes",
        "-y",
        is_flag=True,
        callback=lambda ctx, _, given: Consent(ctx.find_object(Session), given=given),
        help="Do it without asking.",
    )(verb)


def dry_run_option(verb: Callable[..., R]) -> Callable[..., R]:
    """``--dry-run``."""
    return click.option(
        "--dry-run", is_flag=True, help="Only show what would happen; change nothing."
    )(verb)


only_option = category_option("--only", message("Only this kind of data"))
keep_option = category_option("--keep", message("Leave this kind of data alone"))


def close_option(verb: Callable[..., R]) -> Callable[..., R]:
    """``--close-browser``."""
    return click.option(
        "--close-browser",
        is_flag=True,
        help="Ask running browsers to close, and wait for them.",
    )(verb)


def encrypt_option(verb: Callable[..., R]) -> Callable[..., R]:
    """``--encrypt-to``, given to the verb as a tuple of public keys that are ones."""

    def checked(_: click.Context, __: click.Parameter, keys: tuple[str, ...]) -> tuple[str, ...]:
        if not keys:
            return ()
        from loginfix.vault.cover import covering  # noqa: PLC0415  few backups are encrypted

        return covering(keys).recipients

    return click.option(
        "--encrypt-to",
        multiple=True,
        metavar="KEY",
        callback=checked,
        help="Encrypt the backup to this public key (age1...), so that only its secret key can"
        " read it. Repeatable.",
    )(verb)


def identity_option(verb: Callable[..., R]) -> Callable[..., R]:
    """``--identity``."""
    return click.option(
        "--identity",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="The file with the secret key, for a backup that is encrypted.",
    )(verb)


def all_users_option(verb: Callable[..., R]) -> Callable[..., R]:
    """``--all-users`` and ``--user``; ``Verb`` takes them, the verb itself never sees them."""
    return click.option(
        "--all-users",
        is_flag=True,
        help="As root: for everybody who may log in here, each with only their own rights.",
    )(user_option(verb))


def user_option(verb: Callable[..., R]) -> Callable[..., R]:
    """``--user`` alone, where doing it for everybody would make no sense."""
    return click.option(
        "--user",
        multiple=True,
        metavar="NAME",
        help="As root: for this user, with only their rights. Repeatable.",
    )(verb)


def output_options(verb: Callable[..., R]) -> Callable[..., R]:
    """How a run is shown; the session has what is chosen."""
    verb = _log_options(language_option(verb))
    for names, what, note in (
        (("--debug",), message("Show the details of an unexpected error."), _note_debug),
        (("--no-color",), message("Use no colours, as with NO_COLOR=1."), _note_no_color),
        (("--quiet", "-q"), message("Show no progress."), _note_quiet),
        (("--json",), message("Print one JSON object, for programs."), _note_json),
    ):
        option = click.option(
            *names, is_flag=True, expose_value=False, is_eager=True, callback=note, help=what
        )
        verb = option(verb)
    return verb


def _log_options(verb: Callable[..., R]) -> Callable[..., R]:
    verb = click.option(
        "--log-level",
        type=click.Choice(LOG_LEVELS),
        metavar="LEVEL",
        expose_value=False,
        callback=_note_log_level,
        help="Keep a log from this level on: debug, info, warning or error.",
    )(verb)
    return click.option(
        "--log-file",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        expose_value=False,
        callback=_note_log_file,
        help="Keep a log of what is done in this file.",
    )(verb)


def _note_log_level(ctx: click.Context, _: click.Parameter, level: str | None) -> None:
    ctx.ensure_object(Session).log_level = level


def _note_log_file(ctx: click.Context, _: click.Parameter, path: Path | None) -> None:
    ctx.ensure_object(Session).log_file = path


def shared_options() -> list[click.Parameter]:
    """The options that most verbs have, which the help of the whole program explains."""

    @all_users_option
    @machine_options
    @output_options
    def verb() -> None: ...

    return click.command(verb).params


def _note_json(ctx: click.Context, _: click.Parameter, chosen: bool) -> None:  # noqa: FBT001  click's order
    session = ctx.ensure_object(Session)
    session.renderer.as_json = session.renderer.as_json or chosen


def _note_quiet(ctx: click.Context, _: click.Parameter, chosen: bool) -> None:  # noqa: FBT001  click's order
    session = ctx.ensure_object(Session)
    session.renderer.quiet = session.renderer.quiet or chosen


def _note_no_color(ctx: click.Context, _: click.Parameter, chosen: bool) -> None:  # noqa: FBT001  click's order
    session = ctx.ensure_object(Session)
    session.renderer.no_color = session.renderer.no_color or chosen


def _note_debug(ctx: click.Context, _: click.Parameter, chosen: bool) -> None:  # noqa: FBT001  click's order
    session = ctx.ensure_object(Session)
    session.debug = session.debug or chosen
