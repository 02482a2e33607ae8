"""A document as Markdown, for a ticket or a wiki.

Whatever is taken from browsers and sites is escaped, so that it stays text there: a page may have
the title ``![](https://…)``.
"""

import re
from collections.abc import Iterable, Iterator

from loginfix.reports.document import (
    Bars,
    Command,
    Document,
    Kind,
    Note,
    Part,
    Points,
    Table,
    Timeline,
)
from loginfix.reports.page.figures import buckets, segments
from loginfix.reports.safe import safe
from loginfix.reports.shown import shown
from loginfix.words import say

MOST_ROWS = 200
"""Of one table: what is longer belongs into a spreadsheet."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!~&@:])")
_NUMBERS = (Kind.COUNT, Kind.SIZE)


def to_markdown(document: Document, *, made: str) -> str:
    """The whole document; ``made`` says when and by what."""
    return "\n".join((*_lines(document), "---", "", _escaped(made), ""))


def _lines(document: Document) -> Iterator[str]:
    yield from (f"# {_escaped(document.title)}", "")
    yield from (_escaped(document.summary.text), "")
    yield from (f"- {_escaped(name)}: **{_escaped(value)}**" for name, value in document.facts)
    yield ""
    for section in document.sections:
        yield from (f"## {_escaped(section.heading)}", "")
        for part in section.parts:
            yield from _part(part)


def _part(part: Part) -> Iterator[str]:
    match part:
        case Note():
            yield from (_escaped(part.text), "")
        case Points():
            yield from (f"- {_escaped(text)}" for text in part.texts)
            yield ""
        case Command():
            # Indented code can hold any number of back quotes.
            yield from (_escaped(part.text), "", f"    {safe(part.line)}", "")
        case Table():
            yield from _table(part)
        case Bars():
            yield from (f"{_escaped(part.caption)}:", "")
            for bar in segments(part):
                yield f"- {_escaped(bar.label)}: {bar.total} ({_escaped(bar.text)})"
            yield ""
        case Timeline():
            yield from (f"{_escaped(part.caption)}:", "")
            yield from (f"- {_escaped(each.text)}" for each in buckets(part) if each.count)
            yield ""


def _table(part: Table) -> Iterator[str]:
    yield from (f"**{_escaped(part.caption)}**", "")
    yield _row(_escaped(column.title) for column in part.columns)
    yield _row("---:" if column.kind in _NUMBERS else "---" for column in part.columns)
    for row in part.rows[:MOST_ROWS]:
        cells = zip(row, part.columns, strict=True)
        yield _row(_escaped(shown(cell, column.kind)) for cell, column in cells)
    yield ""
    if len(part.rows) > MOST_ROWS:
        more = say(
            "The first {shown} of {all} rows; a report as .csv or .json has all.",
            shown=f"{MOST_ROWS:,}",
            all=f"{len(part.rows):,}",
        )
        yield from (_escaped(more), "")


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", safe(text))
