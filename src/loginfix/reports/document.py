"""What a report to keep is made of, whatever file it becomes.

A document knows nothing of HTML, Markdown or CSV, and those know nothing of results. Sentences are
in the person's language already; numbers and times are left as they are, because a page sorts by
them and a spreadsheet computes with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

Cell = str | int | datetime | Path | None


class Kind(StrEnum):
    """What the cells of a column are: how they are shown, aligned and sorted."""

    TEXT = "text"
    NAME = "name"
    COUNT = "count"
    SIZE = "size"
    TIME = "time"
    DAY = "day"


class Tone(StrEnum):
    """How good a sentence is as news."""

    PLAIN = "plain"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Column:
    """``key`` is for programs and stays the same in every language; ``title`` is for a person.

    Cells of the kind *name* are taken from browsers and sites, and are kept whole; *text* is ours.
    """

    key: str
    title: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings. One that is ``folded`` is opened by whoever wants to see it."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence or several."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Points:
    """Sentences that each stand for themselves."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A command to copy, and what it does."""

    text: str
    line: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar for each thing, made of one part for each of ``parts``; in bytes."""

    caption: str
    parts: tuple[str, ...]
    bars: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """How many things were last used when."""

    caption: str
    moments: tuple[datetime, ...]


Part = Note | Points | Command | Table | Bars | Timeline


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what is below it."""

    heading: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A report. ``facts`` are the numbers that matter most, with their names.

    ``listing`` has everything in one table, for a spreadsheet.
    """

    title: str
    summary: Note
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    listing: Table


def sections(*those: tuple[str, Sequence[Part | None]]) -> tuple[Section, ...]:
    """The sections that have something in them."""
    made = (
        Section(heading, tuple(part for part in parts if part is not None))
        for heading, parts in those
    )
    return tuple(section for section in made if section.parts)
