"""Cells of a document's tables as a person reads them, as a page sorts them, and as data."""

from datetime import datetime
from pathlib import Path

from loginfix.reports.document import Cell, Kind
from loginfix.reports.safe import safe
from loginfix.reports.sizes import human_date, human_size, human_time

NONE = "–"  # noqa: RUF001  a dash, as it stands in tables where there is nothing

_LONGEST = 1000  # characters; an address can have a million


def shown(cell: Cell, kind: Kind) -> str:
    """The cell for a person, harmless and on one line."""
    match cell:
        case None | "":
            return NONE
        case int() if kind is Kind.SIZE:
            return human_size(cell)
        case int():
            return f"{cell:,}"
        case datetime():
            return human_date(cell) if kind is Kind.DAY else human_time(cell)
        case str() | Path():
            return _shortened(safe(str(cell)))


def sort_key(cell: Cell) -> str:
    """What the cell is sorted by, if not by what it shows; empty for that."""
    match cell:
        case int():
            return str(cell)
        case datetime():
            return str(int(cell.timestamp()))
        case _:
            return ""


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def plain(cell: Cell) -> str:
    """The cell as data: numbers without units, times in ISO 8601 with their zone."""
    match cell:
        case None:
            return ""
        case datetime():
            return cell.isoformat(timespec="seconds")
        case str() | Path():
            return safe(str(cell))
        case int():
            return str(cell)
