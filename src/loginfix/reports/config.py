"""What the settings are and where each comes from; in both forms."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from loginfix.errors import ExitCode, Problem
from loginfix.reports.layout import BLANK, HEADING, QUIET, Line, Lines, Paragraph, table
from loginfix.words import message, say

_NO_FILE = message("There is no such file; write one to set defaults of your own.")
_HEADINGS = (message("Setting"), message("Value"), message("From"))
_SOURCES = {
    "option": message("option"),
    "environment": message("environment"),
    "file": message("file"),
    "default": message("default"),
}
_COMMAND = message("For the options of one command: loginfix config COMMAND")
_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Effective:
    """One setting or option: its value, None if it has none, and where that comes from.

    ``source`` is ``option``, ``environment``, ``file`` or ``default``.
    """

    name: str
    value: Any
    source: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """The file with the settings, and what is in effect: in general, or for one ``command``."""

    path: Path
    exists: bool
    command: str
    values: tuple[Effective, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Always done: a file that is not understood is an error."""
        return ExitCode.DONE


def config_text(it: Configuration) -> Lines:
    """The file, then a row for each setting."""
    yield Line(str(it.path), HEADING)
    if not it.exists:
        yield Paragraph(say(_NO_FILE), QUIET)
    yield BLANK
    yield from _table(it)
    if not it.command:
        yield BLANK
        yield Paragraph(say(_COMMAND), QUIET)


def _table(it: Configuration) -> Iterator[RenderableType]:
    rows = [(each.name, _shown(each.value), say(_SOURCES[each.source])) for each in it.values]
    yield from table([say(each) for each in _HEADINGS], rows, right=())


def config_data(it: Configuration) -> dict[str, Any]:
    """The data of ``config``."""
    return {
        "path": str(it.path),
        "exists": it.exists,
        "command": it.command,
        "values": [
            {"name": each.name, "value": _plain(each.value), "source": each.source}
            for each in it.values
        ],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple | set | frozenset):
        return sorted(map(str, value)) if isinstance(value, set | frozenset) else list(value)
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _shown(value: Any) -> str:
    plain = _plain(value)
    match plain:
        case None | []:
            return _NOTHING
        case bool():
            return str(plain).lower()
        case list():
            return ", ".join(map(str, plain))
    return str(plain)
