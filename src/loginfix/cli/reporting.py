"""``--report`` and ``--redact``: what a command comes to, also as files."""

import getpass
import platform
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from loginfix.api.machine import Machine
from loginfix.api.results import Result
from loginfix.browsers.model import Profile

if TYPE_CHECKING:
    from loginfix.reports.redaction import Redaction

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Reports:
    """The files that were asked for; with a redaction, less is in them."""

    paths: tuple[Path, ...] = ()
    redaction: "Redaction | None" = None

    @classmethod
    def wanted(
        cls,
        paths: tuple[Path, ...],
        machine: Machine,
        *,
        redact: bool,
    ) -> "Reports":
        """The files, of which each can be written.

        Raises:
            UsageError: One cannot.
        """
        if not paths:
            return cls()
        from loginfix.reports.files import check_report  # noqa: PLC0415  few runs write any

        profiles = machine.all_profiles()
        for path in paths:
            check_report(path, profiles)
        return cls(paths, _redaction(machine, profiles) if redact else None)

    def write(self, result: Result, command: str) -> None:
        """Write every file.

        Raises:
            ReportError: One cannot be written.
        """
        if not self.paths:
            return
        from loginfix.reports.files import write_report  # noqa: PLC0415  as above

        for path in self.paths:
            write_report(result, command, path, self.redaction)


def report_options(verb: Callable[..., R]) -> Callable[..., R]:
    """``--report`` and ``--redact``, given to the verb as ``report`` and ``redact``."""
    verb = click.option(
        "--redact",
        is_flag=True,
        help="Leave paths, queries and your name out of reports, so that you can send them.",
    )(verb)
    return click.option(
        "--report",
        type=click.Path(dir_okay=False, path_type=Path),
        multiple=True,
        metavar="FILE",
        help="Write this to a file too: .html, .json, .md, .csv or .txt. Repeatable.",
    )(verb)


def _redaction(machine: Machine, profiles: Iterable[Profile]) -> "Redaction":
    from loginfix.reports.redaction import Redaction  # noqa: PLC0415  as above

    homes = {Path.home(), machine.home.path}
    names = {home.name for home in homes} | {platform.node(), platform.node().partition(".")[0]}
    with suppress(OSError, KeyError):  # an account without an entry has no name
        names.add(getpass.getuser())
    return Redaction(homes, names, profiles)
