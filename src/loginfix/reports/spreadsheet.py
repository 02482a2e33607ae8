"""A document's listing as CSV, which no spreadsheet takes for a program.

A cell that begins like a formula is one for Excel and its relatives, and what a site calls its
cookies is the site's choice (OWASP, "CSV Injection"). Such text gets an apostrophe in front.
"""

import csv
import io

from loginfix.reports.document import Cell, Table
from loginfix.reports.shown import plain

_BEGINNINGS = tuple("=+-@\t\r\n＝＋－＠|%")  # noqa: RUF001  wide ones count as well in Japanese Excel
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


def to_csv(table: Table) -> str:
    """The table under the columns' keys; with the mark by which Excel knows UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(column.key for column in table.columns)
    for row in table.rows:
        writer.writerow(map(_cell, row))
    return _MARK + out.getvalue()


def _cell(cell: Cell) -> str:
    text = plain(cell)
    is_ours = not isinstance(cell, str)
    return f"'{text}" if not is_ours and text.lstrip().startswith(_BEGINNINGS) else text
