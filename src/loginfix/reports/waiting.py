"""What a person sees while waiting: what is being worked on, how far it is, how long it may take.

One line on standard error, only where that is a terminal, and erased as soon as there is something
to say. A terminal that cannot erase gets a line for each step.
"""

import time
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.table import Column
from rich.text import Text

from loginfix.progress import Doing
from loginfix.reports.layout import QUIET, Paragraph
from loginfix.reports.safe import safe
from loginfix.words import say

_BAR = 16  # columns
_SECONDS_BETWEEN_LOOKS = 0.05


class Waiting:
    """The line, for one run."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._line: Progress | None = None
        self._sentence = ""
        self._looked = 0.0

    def show(self, doing: Doing) -> None:
        """Show what is being worked on now."""
        if doing.sentence != self._sentence:
            self._begin(doing)
        elif self._line and time.monotonic() - self._looked >= _SECONDS_BETWEEN_LOOKS:
            self._looked = time.monotonic()
            self._line.update(self._line.task_ids[0], completed=doing.done)

    def stop(self) -> None:
        """Erase the line."""
        if self._line is not None:
            self._line.stop()
        self._line = None
        self._sentence = ""

    def _begin(self, doing: Doing) -> None:
        """Begin a new step; the time that the one before took says nothing about it."""
        self._sentence = doing.sentence
        if self._console.is_dumb_terminal:
            self._console.print(Paragraph(doing.sentence, QUIET))
            return
        first = self._line is None
        if self._line is None:
            self._line = _line(self._console)
        for task in self._line.task_ids:
            self._line.remove_task(task)
        self._line.add_task(safe(doing.sentence), completed=doing.done, total=doing.total or None)
        if first:
            self._line.start()
        else:
            self._line.refresh()


class _HowFar(ProgressColumn):
    """How many of how many, and the time left; where there is nothing to count, the time so far."""

    max_refresh = 0.5  # seconds: times that change more often cannot be read

    def render(self, task: Task) -> Text:
        """Say it in words."""
        if task.total is None:
            return Text(_clock(task.elapsed or 0), QUIET)
        far = say("{done} of {total}", done=f"{task.completed:,.0f}", total=f"{task.total:,.0f}")
        if task.time_remaining:
            far += ", " + say("{time} left", time=_clock(task.time_remaining))
        return Text(far, QUIET)


def _line(console: Console) -> Progress:
    sentence = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    return Progress(
        SpinnerColumn("line", style=QUIET),
        TextColumn("{task.description}", style=QUIET, markup=False, table_column=sentence),
        BarColumn(_BAR),
        _HowFar(Column(no_wrap=True)),
        console=console,
        transient=True,
        expand=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )


def _clock(seconds: float) -> str:
    """A time as minutes and seconds, with hours before them if there are any."""
    return str(timedelta(seconds=int(seconds))).removeprefix("0:")
