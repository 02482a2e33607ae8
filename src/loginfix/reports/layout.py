"""The few shapes that text output is made of. Whatever goes into one is made harmless here.

Lines are wrapped at spaces only: a path or a command stays whole, to be copied.
"""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from loginfix.reports.safe import safe

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
        for part in textwrap.wrap(
            safe(self.text),
            width=max(options.max_width, _NARROWEST),
            initial_indent=margin,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        ):
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
    width = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        yield Line(f"{name:{width}}  {value}", indent=indent)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int]) -> Lines:
    """A table without lines; the columns numbered in ``right`` are aligned to the right."""
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=QUIET)
    for number, heading in enumerate(headings):
        # Folding a cell that has no room loses nothing; cutting it would.
        justify: JustifyMethod = "right" if number in right else "left"
        grid.add_column(heading, justify=justify, overflow="fold")
    for row in rows:
        grid.add_row(*(Text(safe(cell)) for cell in row))
    yield Padding(grid, (0, 0, 0, INDENT), expand=False)
