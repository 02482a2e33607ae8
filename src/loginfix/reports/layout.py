"""The few shapes that text output is made of. Whatever goes into one is made harmless here.

Lines are wrapped where ``wrapping`` allows it: a path or a command stays whole, to be copied.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from loginfix.reports.safe import safe
from loginfix.reports.wrapping import wrap
from loginfix.words import say

Lines = Iterable[RenderableType]
"""What a text report is: one shape after another."""

BLANK = Text("")
INDENT = 2
_NARROWEST = 20

HEADING = "bold"
GOOD = "bold green"
WARNING = "yellow"
BAD = "bold red"
QUIET = "dim"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One or more sentences, indented by a number of columns."""

    text: str
    style: str = ""
    indent: int = 0

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        margin = " " * self.indent
        for part in wrap(safe(self.text), max(options.max_width, _NARROWEST), margin):
            yield Text(part, style=self.style, no_wrap=True, overflow="ignore")


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is never wrapped, such as a command or a path."""

    text: str
    style: str = ""
    indent: int = 0

    def __rich_console__(self, _: Console, __: ConsoleOptions) -> Iterator[RenderableType]:
        # Printed by itself, rich would join a Text with others and forget that it is one line.
        text = " " * self.indent + safe(self.text)
        yield Text(text, style=self.style, no_wrap=True, overflow="ignore")


def fields(pairs: Sequence[tuple[str, str]], *, indent: int = INDENT) -> Lines:
    """Names and values, a pair a line, the values below each other."""
    width = max((cell_len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        yield Line(f"{set_cell_size(name, width)}  {value}", indent=indent)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A text in a table, broken into lines like a paragraph; a word without room is folded."""

    text: str

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        yield Text("\n".join(wrap(self.text, options.max_width, fold=True)))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, Text(self.text))


@dataclass(frozen=True, slots=True)
class Grid:
    """A table without lines; the columns numbered in ``right`` are aligned to the right.

    The headings are messages, said here.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: Sequence[int]

    def __rich_console__(self, _: Console, __: ConsoleOptions) -> Iterator[RenderableType]:
        grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=QUIET)
        for number, heading in enumerate(self.headings):
            # Folding a cell that has no room loses nothing; cutting it would.
            justify: JustifyMethod = "right" if number in self.right else "left"
            grid.add_column(say(heading), justify=justify, overflow="fold")
        for row in self.rows:
            grid.add_row(*(_Cell(safe(cell)) for cell in row))
        yield Padding(grid, (0, 0, 0, INDENT), expand=False)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int]) -> Lines:
    """A ``Grid`` of rows that need not be counted yet."""
    yield Grid(headings, tuple(map(tuple, rows)), right)
