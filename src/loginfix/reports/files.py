"""A result written to a file, in the form that the file's name asks for."""

import io
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from loginfix import __version__
from loginfix.api.results import Result
from loginfix.browsers.model import Profile
from loginfix.errors import ReportError, UsageError
from loginfix.reports.envelope import envelope, to_json
from loginfix.reports.redaction import Redaction
from loginfix.reports.sizes import human_time
from loginfix.reports.views import view_of
from loginfix.words import say

_COLUMNS = 80

Less = Callable[[Any], Any]
"""Takes out of a document, data or text what is not for everybody."""


def check_report(path: Path, profiles: Iterable[Profile] = ()) -> None:
    """Refuse before any work is done what could not be written at its end.

    Raises:
        UsageError: The file's form is unknown, its directory is not there or cannot be written to,
            or it would lie among the files of a browser.
    """
    if path.suffix.lower() not in _WRITERS:
        raise UsageError(
            say("A report cannot be written as {name}.", name=path.name),
            next_step=say("Give it a name that ends in {writers}.", writers=" or ".join(_WRITERS)),
            path=path,
        )
    directory = path.absolute().parent
    if not directory.is_dir():
        raise UsageError(
            say("There is no folder {parent} for the report.", parent=directory),
            next_step=say("Make the folder, or name another one."),
            path=path,
        )
    _check_outside(path, profiles)
    try:
        if path.exists() and not path.is_file():
            raise FileExistsError(0, say("something that is no file is there"))
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        message, next_step = _cannot(path, error)
        raise UsageError(message, next_step=next_step, path=path) from error


def write_report(
    result: Result, command: str, path: Path, redaction: Redaction | None = None
) -> None:
    """Write a result whole or not at all, for its owner only; a file that is there is replaced.

    Raises:
        ReportError: The file cannot be written.
    """
    less: Less = redaction.apply if redaction else lambda shown: shown
    content = _WRITERS[path.suffix.lower()](result, command, less).encode("utf-8")
    try:
        descriptor, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=".loginfix-report-")
        written = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            written.replace(path)
        finally:
            written.unlink(missing_ok=True)
    except OSError as error:
        message, next_step = _cannot(path, error)
        raise ReportError(message, next_step=next_step, path=path) from error


def _cannot(path: Path, error: OSError) -> tuple[str, str]:
    return (
        say("The report {path} cannot be written ({reason}).", path=path, reason=error.strerror),
        say("Name another place for it."),
    )


def _check_outside(path: Path, profiles: Iterable[Profile]) -> None:
    real = path.absolute().parent.resolve() / path.name
    for profile in profiles:
        for directory in (profile.user_data, profile.path, profile.cache_path):
            if real.is_relative_to(directory.resolve()):
                raise UsageError(
                    say(
                        "{path} is among the files of {profile}.", path=path, profile=profile.label
                    ),
                    next_step=say("Name another place for it."),
                    path=path,
                )


def _json(result: Result, command: str, less: Less) -> str:
    data = view_of(result).data(result)
    whole = envelope(command, result.exit_code, data=data, problems=result.problems)
    return to_json(less(whole)) + "\n"


def _text(result: Result, _: str, less: Less) -> str:
    out = io.StringIO()
    console = Console(file=out, width=_COLUMNS, markup=False, emoji=False, highlight=False)
    for each in view_of(result).text(result):
        console.print(less(each), crop=False)
    return out.getvalue()


def _html(result: Result, _: str, less: Less) -> str:
    # The template engine is only for those who want a page.
    from loginfix.reports.page import to_html  # noqa: PLC0415

    return to_html(less(view_of(result).document(result)), made=_made())


def _markdown(result: Result, _: str, less: Less) -> str:
    from loginfix.reports.markdown import to_markdown  # noqa: PLC0415  as above

    return to_markdown(less(view_of(result).document(result)), made=_made())


def _csv(result: Result, _: str, less: Less) -> str:
    from loginfix.reports.spreadsheet import to_csv  # noqa: PLC0415  as above

    return to_csv(less(view_of(result).document(result)).listing)


def _made() -> str:
    now = human_time(datetime.now(UTC))
    return say("Made by loginfix {version}, {time}.", version=__version__, time=now)


_WRITERS: Mapping[str, Callable[[Result, str, Less], str]] = {
    ".html": _html,
    ".json": _json,
    ".md": _markdown,
    ".csv": _csv,
    ".txt": _text,
}
