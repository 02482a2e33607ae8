"""The one place that prints: results to standard output, everything else to standard error."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from rich.console import Console

from loginfix.api.results import Result
from loginfix.errors import ExitCode, Problem
from loginfix.progress import Progress, silent
from loginfix.reports import text_problems
from loginfix.reports.envelope import envelope, to_json
from loginfix.reports.layout import BLANK, Lines
from loginfix.reports.views import view_of

if TYPE_CHECKING:
    from loginfix.reports.waiting import Waiting


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to ``_while_read``, which does not end the process."""
        raise BrokenPipeError


class Renderer:
    """Prints what one run comes to, as text or as one JSON object."""

    def __init__(self) -> None:
        self.as_json = False
        self.quiet = False
        self.verbose = False
        self.no_color = False
        self._waiting: Waiting | None = None
        for stream in (sys.stdout, sys.stderr):
            # An old Windows console, or the C locale, has no letters for every host name.
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="backslashreplace")

    def result(self, result: Result, command: str) -> ExitCode:
        """Print what a verb returned, and say how the process should end."""
        view, code = view_of(result), result.exit_code
        self._stop_waiting()
        if self.as_json:
            data = view.data(result)
            _write_json(envelope(command, code, data=data, problems=result.problems))
        else:
            if self.verbose:  # first, so that what matters most stands last
                self._print(view.items(result), sys.stdout)
            self._print(view.text(result), sys.stdout)
        return code

    def error(self, error: Problem, exit_code: ExitCode, command: str) -> ExitCode:
        """Print why a verb returned nothing."""
        self._stop_waiting()
        if self.as_json:
            _write_json(envelope(command, exit_code, error=error))
        else:
            self._print(text_problems.error(error), sys.stderr)
        return exit_code

    def aside(self, problem: Problem) -> None:
        """Print what went wrong after the result was printed; as text, since JSON is one object."""
        self._print(text_problems.error(problem), sys.stderr)

    @property
    def progress(self) -> Progress:
        """Show what is being worked on, where a person is watching."""
        if self.quiet or not sys.stderr.isatty():
            return silent
        if self._waiting is None:
            from loginfix.reports.waiting import Waiting  # noqa: PLC0415  most runs show none

            self._waiting = Waiting(self._console(sys.stderr))
        return self._waiting.show

    def summary(self, result: Result) -> None:
        """Print what is about to happen, where it cannot be piped away."""
        self.tell((*view_of(result).text(result), BLANK))

    def tell(self, lines: Lines) -> None:
        """Print a part of a conversation, where it cannot be piped away."""
        self._stop_waiting()
        self._print(lines, sys.stderr)

    def prompt(self, question: str) -> None:
        """Print a question, to be answered on the same line."""
        self._stop_waiting()
        sys.stderr.write(question)
        sys.stderr.flush()

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.stop()

    def _print(self, lines: Lines, stream: TextIO) -> None:
        console = self._console(stream)
        with _while_read(stream):
            for each in lines:
                console.print(each, crop=False)

    def _console(self, stream: TextIO) -> Console:
        # Nothing in a text is markup: a profile may be called "[red]" or ":smile:".
        return _Console(
            file=stream,
            markup=False,
            emoji=False,
            highlight=False,
            no_color=self.no_color or None,  # None: as NO_COLOR says
        )


def _write_json(data: dict[str, object]) -> None:
    with _while_read(sys.stdout):
        sys.stdout.write(to_json(data) + "\n")


@contextmanager
def _while_read(stream: TextIO) -> Iterator[None]:
    """Stop without a word when whoever reads the output has had enough, such as ``head``."""
    try:
        yield
        stream.flush()
    except BrokenPipeError:
        # What is still in the buffer has to go somewhere when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
