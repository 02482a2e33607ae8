"""Taking the chosen rows out of a private copy, handing each to the backup first."""

import sqlite3
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from loginfix.stores.model import BackupSink, Row, Value
from loginfix.stores.sqlite.binding import Bound, parents_first
from loginfix.stores.sqlite.schema import quote
from loginfix.stores.sqlite.selection import STAYS, Selection, differs
from loginfix.stores.sqlite.spec import Derived

ROWID = "rowid"
"""Under this name a saved row of a table without an integer key carries its row number."""


@dataclass(slots=True)
class Changes:
    """How many rows of each table went, came, and have other values now."""

    gone: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)


def take_out(selection: Selection, backup: BackupSink) -> Changes:
    """Delete the chosen rows and mend what they leave behind, in the open transaction."""
    changes = Changes()
    ordered = parents_first(selection.binding)
    for bound in ordered:
        for values in selection.rows(bound):
            backup.row(bound.name, "deleted", as_row(bound, values))
            changes.gone[bound.name] += 1
    for bound in reversed(ordered):
        _mend(selection, bound, backup, changes)
        if changes.gone[bound.name]:
            selection.connection.execute(
                f"DELETE FROM {bound.table.sql} AS t WHERE {selection.chosen(bound)}"
            )
    return changes


def _mend(selection: Selection, bound: Bound, backup: BackupSink, changes: Changes) -> None:
    connection = selection.connection
    for condition, new in selection.updates(bound):
        # One update for both, so that the backup holds each row once, as it was.
        recalc = bound.spec.recalc if new is bound.spec.kept else {}
        _update(connection, bound, condition, {**new, **recalc}, backup, changes)
    if bound.spec.recalc and not bound.spec.kept:
        staying = selection.chosen(bound, STAYS)
        _update(connection, bound, staying, bound.spec.recalc, backup, changes)


def _update(
    connection: sqlite3.Connection,
    bound: Bound,
    condition: str,
    new: Mapping[str, str],
    backup: BackupSink,
    changes: Changes,
) -> None:
    """Set columns in the rows that meet the condition; keep both states of those that change."""
    identity = bound.table.identity
    listed = ", ".join(f"t.{each}" for each in (*identity, *map(quote, bound.table.columns)))
    values = ", ".join(new.values())
    found = connection.execute(
        f"SELECT {listed}, {values} FROM {bound.table.sql} t WHERE ({condition}) AND {differs(new)}"
    ).fetchall()
    where = " AND ".join(f"{each} = ?" for each in identity)
    assign = ", ".join(f"{quote(column)} = ?" for column in new)
    for row in found:
        before, results = row[: -len(new)], row[-len(new) :]
        saved = as_row(bound, before)
        backup.row(bound.name, "updated", saved, {**saved, **dict(zip(new, results, strict=True))})
        connection.execute(
            f"UPDATE {bound.table.sql} SET {assign} WHERE {where}",
            (*results, *before[: len(identity)]),
        )
    changes.changed[bound.name] += len(found)


def derive(
    connection: sqlite3.Connection, derived: Iterable[Derived], tables: Container[str]
) -> Counter[str]:
    """Set what is derived from other rows; returns how many rows of each table changed."""
    changed: Counter[str] = Counter()
    for rule in derived:
        if rule.table in tables:
            column = quote(rule.column)
            cursor = connection.execute(
                f"UPDATE {quote(rule.table)} SET {column} = ({rule.to})"
                f" WHERE ({rule.where}) AND {column} IS NOT ({rule.to})"
            )
            changed[rule.table] += cursor.rowcount
    return changed


def as_row(bound: Bound, values: tuple[object, ...]) -> Row:
    """Name the values of a result with the identity columns first."""
    width = len(bound.table.identity)
    row = dict(zip(bound.table.columns, cast("tuple[Value, ...]", values[width:]), strict=True))
    if bound.table.has_rowid:
        row[ROWID] = cast("Value", values[0])
    return row
