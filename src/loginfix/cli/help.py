"""Help pages: their texts in the person's language, broken into lines by columns."""

import inspect
from collections.abc import Iterable

import click
from rich.cells import cell_len

from loginfix.reports.wrapping import wrap
from loginfix.words import say

_SPACING = 2
_NARROWEST = 10


def plain(docstring: str) -> str:
    """A docstring as a message: one line for each paragraph, an empty one between."""
    paragraphs = inspect.cleandoc(docstring).split("\n\n")
    return "\n\n".join(" ".join(each.split()) for each in paragraphs)


class Formatter(click.HelpFormatter):
    """Writes help; what stands right of an option or a command is a message, said here."""

    def write_text(self, text: str) -> None:
        """Write paragraphs, with an empty line between them."""
        margin = " " * self.current_indent
        paragraphs = ("\n".join(wrap(each, self.width, margin)) for each in text.split("\n\n"))
        self.write("\n\n".join(paragraphs) + "\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = _SPACING
    ) -> None:
        """Write terms and, right of them, what they mean."""
        rows = list(rows)
        column = min(max(cell_len(term) for term, _ in rows), col_max) + col_spacing
        margin = " " * self.current_indent
        for term, meaning in rows:
            lines = wrap(_said(meaning), max(self.width - column - _SPACING, _NARROWEST))
            if cell_len(term) > column - col_spacing:
                self.write(f"{margin}{term}\n")
            else:
                gap = " " * (column - cell_len(term))
                self.write(f"{margin}{term}{gap}{lines.pop(0) if lines else ''}".rstrip() + "\n")
            for line in lines:
                self.write(f"{margin}{'':{column}}{line}\n")


def _said(meaning: str) -> str:
    """The message, and what click adds in brackets, which it has said itself."""
    text, bracket, extra = meaning.partition("  [")
    return say(text) + bracket + extra
