"""A result written to a file, in the form that the file's name asks for."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console

from loginfix.api.results import Result
from loginfix.errors import UsageError
from loginfix.reports.envelope import envelope, to_json
from loginfix.reports.views import view_of
from loginfix.words import say

_COLUMNS = 80


def check_report(path: Path) -> None:
    """Refuse before any work is done what could not be written at its end.

    Raises:
        UsageError: The file's form is unknown, or its directory is not there.
    """
    if path.suffix.lower() not in _WRITERS:
        raise UsageError(
            say("A report cannot be written as {name}.", name=path.name),
            next_step=say("Give it a name that ends in {writers}.", writers=" or ".join(_WRITERS)),
            path=path,
        )
    if not path.absolute().parent.is_dir():
        raise UsageError(
            say("There is no folder {parent} for the report.", parent=path.absolute().parent),
            next_step=say("Make the folder, or name another one."),
            path=path,
        )


def write_report(result: Result, command: str, path: Path) -> None:
    """Write a result; a file that is there is replaced.

    Raises:
        UsageError: The file cannot be written.
    """
    text = _WRITERS[path.suffix.lower()](result, command)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            say(
                "The report {path} cannot be written ({reason}).", path=path, reason=error.strerror
            ),
            next_step=say("Name another place for it."),
            path=path,
        ) from error


def _json(result: Result, command: str) -> str:
    data = view_of(result).data(result)
    return to_json(envelope(command, result.exit_code, data=data, problems=result.problems)) + "\n"


def _text(result: Result, _: str) -> str:
    out = io.StringIO()
    console = Console(file=out, width=_COLUMNS, markup=False, emoji=False, highlight=False)
    for each in view_of(result).text(result):
        console.print(each, crop=False)
    return out.getvalue()


_WRITERS: Mapping[str, Callable[[Result, str], str]] = {".json": _json, ".txt": _text}
