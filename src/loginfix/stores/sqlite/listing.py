"""What the chosen rows of a table are called, and when they were last used."""

from loginfix.stores.listing import Listing, known_by
from loginfix.stores.model import Item
from loginfix.stores.sqlite.binding import Bound
from loginfix.stores.sqlite.naming import host_sql
from loginfix.stores.sqlite.schema import quote
from loginfix.stores.sqlite.selection import Selection, row_size
from loginfix.stores.sqlite.spec import Used
from loginfix.stores.times import TIMES


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
    used = _last(spec.used) if spec.used else "NULL"
    read = TIMES[spec.used.form] if spec.used else _never
    rows = selection.connection.execute(
        f"SELECT {name}, {host}, {row_size(bound)}, {used} FROM {selection.rows_chosen(bound)}"
    )
    for text, named, size, when in rows:
        shown = known_by(text) if isinstance(text, str) else ""
        listing.add(Item(shown, named or "", size, read(when)))


def _list_span(selection: Selection, bound: Bound, listing: Listing) -> None:
    if used := bound.spec.used:
        last = _last(used)
        # Zero stands for never.
        limits = selection.connection.execute(
            f"SELECT min({last}), max({last}) FROM {selection.rows_chosen(bound)} WHERE {last} > 0"
        ).fetchone()
        for value in limits:
            listing.note(TIMES[used.form](value))


def _last(used: Used) -> str:
    """SQL for when the row ``t`` was last used."""
    first, *others = (f"coalesce(t.{quote(column)}, 0)" for column in used.columns)
    return f"max({', '.join((first, *others))})" if others else first


def _never(_: object) -> None:
    return None
