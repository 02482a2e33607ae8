"""The options that say which site and what of it, and where; given as a ``Selection``."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from loginfix.clearing.selection import Selection
from loginfix.cli import completing
from loginfix.cli.options import keep_option, only_option

R = TypeVar("R")


def where_options(verb: Callable[..., R]) -> Callable[..., R]:
    """``--browser`` and ``--profile``, given to the verb as they are."""

    @click.option(
        "--browser",
        multiple=True,
        shell_complete=completing.browsers,
        metavar="NAME",
        help="Only this browser, such as chrome or firefox. Repeatable.",
    )
    @click.option(
        "--profile",
        multiple=True,
        shell_complete=completing.profiles,
        metavar="NAME",
        help="Only this profile, by any of its names (see loginfix browsers). Repeatable.",
    )
    @functools.wraps(verb)
    def with_where(*args: Any, **options: Any) -> R:
        return verb(*args, **options)

    return with_where


def place_options(verb: Callable[..., R]) -> Callable[..., R]:
    """``--site``, its groups, and where to look, given to the verb one by one."""

    @click.option(
        "--site",
        multiple=True,
        shell_complete=completing.sites,
        required=True,
        metavar="NAME",
        help="The site: a name (see loginfix sites) or a domain. Repeatable.",
    )
    @click.option(
        "--group",
        multiple=True,
        shell_complete=completing.groups,
        metavar="NAME",
        help="Take this group of the site too, such as aws. Repeatable.",
    )
    @click.option(
        "--without-group",
        multiple=True,
        shell_complete=completing.groups,
        metavar="NAME",
        help="Leave this group of the site alone. Repeatable.",
    )
    @where_options
    @functools.wraps(verb)
    def with_places(*args: Any, **options: Any) -> R:
        return verb(*args, **options)

    return with_places


def selection_options(verb: Callable[..., R]) -> Callable[..., R]:
    """``--site`` and what narrows it down, given to the verb as ``selection``."""

    @place_options
    @only_option
    @keep_option
    @click.option(
        "--keep-cookie",
        multiple=True,
        metavar="NAME",
        help="Keep the site's cookies of this name, such as one that marks a trusted"
        " device. Repeatable.",
    )
    @functools.wraps(verb)
    def with_selection(*args: Any, **options: Any) -> R:
        return verb(*args, selection=take_selection(options), **options)

    return with_selection


def take_selection(options: dict[str, Any]) -> Selection:
    """Take what ``selection_options`` adds out of the options of a verb, as one thing."""
    return Selection(
        sites=options.pop("site"),
        groups=options.pop("group"),
        without_groups=options.pop("without_group"),
        browsers=options.pop("browser"),
        profiles=options.pop("profile"),
        only=options.pop("only"),
        keep=options.pop("keep"),
        keep_cookies=options.pop("keep_cookie"),
    )
