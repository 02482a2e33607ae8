"""What the chosen rows of a table are called, and when they were last used."""

from loginfix.stores.listing import Listing, known_by
from loginfix.stores.model import Item
from loginfix.stores.sqlite.binding import Bound
from loginfix.stores.sqlite.schema import quote
from loginfix.stores.sqlite.selection import Selection, host_sql, row_size
from loginfix.stores.times import TIMES, latest


def list_rows(selection: Selection, bound: Bound, listing: Listing, *, itemised: bool) -> None:
    """Add the rows that go to the listing; without ``itemised`` only from when to when."""
    if itemised:
        _list_all(selection, bound, listing)
    else:
        _list_span(selection, bound, listing)


def _list_all(selection: Selection, bound: Bound, listing: Listing) -> None:
    spec = bound.spec
    name = f"t.{quote(spec.shown)}" if spec.shown else "NULL"
    host = host_sql(bound) if spec.site else "NULL"
    columns = ", ".join(
        (name, host, row_size(bound), *(f"t.{quote(moment.column)}" for moment in spec.used))
    )
    rows = selection.connection.execute(
        f"SELECT {columns} FROM {bound.table.sql} t WHERE {selection.chosen(bound)}"
    )
    for text, named, size, *times in rows:
        used = None
        for moment, value in zip(spec.used, times, strict=True):
            used = latest(used, TIMES[moment.form](value))
        shown = known_by(text) if isinstance(text, str) else ""
        listing.add(Item(shown, named or "", size, used))


def _list_span(selection: Selection, bound: Bound, listing: Listing) -> None:
    for moment in bound.spec.used:
        column = f"t.{quote(moment.column)}"
        # Zero stands for never.
        limits = selection.connection.execute(
            f"SELECT min({column}), max({column}) FROM {bound.table.sql} t"
            f" WHERE {selection.chosen(bound)} AND {column} > 0"
        ).fetchone()
        for value in limits:
            listing.note(TIMES[moment.form](value))
