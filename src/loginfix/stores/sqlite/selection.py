"""Which rows of a database are the site's, and which go with them.

Every declared table gets a temporary table of the identities of its chosen rows. Choosing repeats
until nothing is added, so declarations may point at each other in any order.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from loginfix.stores.model import Wish
from loginfix.stores.sqlite.binding import Binding, Bound
from loginfix.stores.sqlite.naming import (
    add_functions,
    column_names_site,
    host_sql,
    is_kept_cookie,
    names_site,
    without_site,
)
from loginfix.stores.sqlite.schema import quote
from loginfix.stores.sqlite.spec import Pointer

GOES, STAYS = 0, 1


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen rows, in temporary tables of ``connection``."""

    connection: sqlite3.Connection
    binding: Binding

    def chosen(self, bound: Bound, state: int = GOES) -> str:
        """SQL condition on alias ``t``: this row is among the chosen ones of that state."""
        return _is_chosen(bound, "t", state)

    def rows_chosen(self, bound: Bound, state: int = GOES) -> str:
        """SQL for what stands behind FROM: the chosen rows of that state, as ``t``."""
        return _chosen_rows(bound, "t", state)

    def count(self, bound: Bound, state: int = GOES) -> int:
        """Number of chosen rows of that state."""
        sql = f"SELECT count(*) FROM {_chosen(bound)} WHERE state = ?"
        return int(self.connection.execute(sql, (state,)).fetchone()[0])

    def size(self, bound: Bound) -> int:
        """Bytes of content in the rows that go."""
        sql = f"SELECT coalesce(sum({row_size(bound)}), 0) FROM {self.rows_chosen(bound)}"
        return int(self.connection.execute(sql).fetchone()[0])

    def hosts(self, bound: Bound) -> dict[str, int]:
        """Number of rows that go, by the host they name."""
        sql = (
            f"SELECT {host_sql(bound)}, count(*) FROM {self.rows_chosen(bound)}"
            " GROUP BY 1 ORDER BY 1"
        )
        counted = self.connection.execute(sql)
        return {host or "": count for host, count in counted if host or bound.spec.item}

    def updates(self, bound: Bound) -> list[tuple[str, Mapping[str, str]]]:
        """What rows that stay must lose: a condition on ``t``, and columns with new values."""
        stays = f"NOT {self.chosen(bound)}"
        updates: list[tuple[str, Mapping[str, str]]] = []
        for scrub in bound.spec.scrub:
            # Mostly empty: the comparison saves a call a row.
            is_said = f"t.{quote(scrub.column)} <> ''"
            names = f"{is_said} AND {column_names_site(scrub.form, scrub.column)}"
            updates.append((f"{names} AND {stays}", {scrub.column: scrub.to}))
        for inside in bound.spec.inside:
            left = without_site(inside.form, inside.drop, inside.column)
            is_said = f"t.{quote(inside.column)} IS NOT NULL"
            updates.append((f"{is_said} AND {stays}", {inside.column: left}))
        if bound.spec.kept:
            updates.append((self.chosen(bound, STAYS), bound.spec.kept))
        return updates

    def count_updates(self, bound: Bound) -> int:
        """Number of rows that stay and would change."""
        return sum(
            self.connection.execute(
                f"SELECT count(*) FROM {bound.table.sql} t WHERE {condition} AND {differs(new)}"
            ).fetchone()[0]
            for condition, new in self.updates(bound)
        )

    def rows(self, bound: Bound, state: int = GOES) -> Iterator[tuple[object, ...]]:
        """The chosen rows: identity columns, then all columns."""
        columns = ", ".join(f"t.{c}" for c in (*bound.table.identity, *_quoted(bound)))
        order = ", ".join(f"t.{c}" for c in bound.table.identity)
        sql = f"SELECT {columns} FROM {self.rows_chosen(bound, state)} ORDER BY {order}"
        return iter(self.connection.execute(sql))


def select(connection: sqlite3.Connection, binding: Binding, wish: Wish) -> Selection:
    """Choose the rows; the database itself is only read."""
    add_functions(connection, wish)
    chosen = dict.fromkeys(binding, 0)
    for bound in binding.values():
        connection.execute(f"CREATE TEMP TABLE {_chosen_name(bound)} {_layout(bound)}")
    # The rows that name the site by themselves never change; only what hangs on them is repeated.
    for bound in binding.values():
        if bound.spec.site and not bound.spec.orphan_of:
            chosen[bound.name] = _choose(connection, bound, names_site(bound), wish)
    _choose_dependents(connection, binding, wish, chosen)
    for bound in binding.values():
        if bound.spec.orphan_of and bound.spec.site:
            _choose(connection, bound, names_site(bound), wish, state=STAYS)
    return Selection(connection, binding)


def _choose_dependents(
    connection: sqlite3.Connection, binding: Binding, wish: Wish, chosen: dict[str, int]
) -> None:
    """Choose what hangs on chosen rows, ``chosen`` of which there are in each table.

    A table is looked at again when more rows were chosen of those that decide about it.
    """
    decisive = {bound.name: _decisive(bound, binding) for bound in binding.values()}
    # Without any chosen row elsewhere, only these may have something to choose.
    alone = {bound.name for bound in binding.values() if bound.spec.orphan_of and bound.spec.site}
    seen: dict[str, list[int] | None] = {
        name: None if name in alone else [0] * len(decisive[name]) for name in binding
    }
    is_new = True
    while is_new:
        is_new = False
        for bound in binding.values():
            now = [chosen[name] for name in decisive[bound.name]]
            if now != seen[bound.name]:
                seen[bound.name] = now
                is_new = True
                for condition in _hangs(bound, binding):
                    chosen[bound.name] += _choose(connection, bound, condition, wish)


def _decisive(bound: Bound, binding: Binding) -> list[str]:
    """The tables whose chosen rows decide about rows of this one."""
    pointed_at = {pointer.table for pointer in bound.spec.through}
    pointing = {referrer.table for referrer in bound.spec.orphan_of}
    return [name for name in binding if name in pointed_at | pointing]


def _hangs(bound: Bound, binding: Binding) -> Iterator[str]:
    """SQL conditions on ``t``: the row hangs on chosen rows of other tables."""
    pointers = [each for each in bound.spec.through if each.table in binding]
    if pointers:
        yield " OR ".join(_through(each, binding[each.table]) for each in pointers)
    if bound.spec.orphan_of:
        yield _orphaned(bound, binding)


def _choose(
    connection: sqlite3.Connection,
    bound: Bound,
    condition: str,
    wish: Wish,
    state: int = GOES,
) -> int:
    """Add the rows that meet the condition to the chosen ones; returns how many were new."""
    spec = bound.spec
    if spec.only_if:
        condition = f"({condition}) AND ({spec.only_if})"
    if spec.cookie_name and wish.keep_cookies:
        condition = f"({condition}) AND NOT {is_kept_cookie(spec.cookie_name)}"
    mark = f"CASE WHEN {spec.keep_if} THEN {STAYS} ELSE {state} END" if spec.keep_if else str(state)
    identity = ", ".join(f"t.{column}" for column in bound.table.identity)
    before = connection.total_changes
    connection.execute(
        f"INSERT OR IGNORE INTO {_chosen(bound)} SELECT {identity}, {mark}"
        f" FROM {bound.table.sql} t WHERE {condition}"
    )
    return connection.total_changes - before


def _through(pointer: Pointer, target: Bound) -> str:
    wanted = pointer.target or quote_id(target)
    if target.table.number and wanted in (
        *target.table.identity,
        quote(target.table.integer_id or ""),
    ):
        # With a condition, SQLite makes a list of them to look up; otherwise it may go through t.
        ids = f"SELECT k0 FROM {_chosen(target)} WHERE state IN ({GOES}, {STAYS})"
    else:
        ids = f"SELECT p.{wanted} FROM {_chosen_rows(target, 'p')}"
    return f"t.{quote(pointer.column)} IN ({ids})"


def _orphaned(bound: Bound, binding: Binding) -> str:
    """Nothing that stays points at the row; and something that goes does, or it names the site."""
    lost, used = [], []
    for referrer in bound.spec.orphan_of:
        source = binding[referrer.table]
        own = f"t.{quote(referrer.own) if referrer.own else quote_id(bound)}"
        column = f"r.{quote(referrer.column)}"
        lost.append(f"{own} IN (SELECT {column} FROM {_chosen_rows(source, 'r', GOES)})")
        used.append((own, column, source))
    candidate = " OR ".join(lost) or "0"
    if bound.spec.orphan_if:
        candidate = f"({candidate}) AND ({bound.spec.orphan_if})"
    if bound.spec.site:
        candidate = f"({candidate}) OR {names_site(bound)}"
    # Sets that are made once: few such columns have an index to look each row up in.
    staying = [
        f"coalesce({own} IN (SELECT {column} FROM {bound.table.sql} t"
        f" JOIN {source.table.sql} r ON {own} = {column}"
        f" WHERE ({candidate}) AND NOT {_is_chosen(source, 'r', GOES)}), 0)"
        for own, column, source in used
    ]
    return f"({candidate}) AND NOT ({' OR '.join(staying)})"


def row_size(bound: Bound) -> str:
    """SQL for the bytes of content in the row ``t``."""
    return " + ".join(
        f"coalesce(length(CAST(t.{quote(c)} AS BLOB)), 0)" for c in bound.table.columns
    )


def _layout(bound: Bound) -> str:
    """The columns of the temporary table, in which a row of ``bound`` is found by its identity."""
    if bound.table.number:
        return "(k0 INTEGER PRIMARY KEY, state)"
    keys = ", ".join(f"k{i}" for i in range(len(bound.table.identity)))
    return f"({keys}, state, PRIMARY KEY ({keys})) WITHOUT ROWID"


def _chosen_name(bound: Bound) -> str:
    return quote(f"chosen_{bound.name}")


def _chosen(bound: Bound) -> str:
    return f"temp.{_chosen_name(bound)}"


def _is_chosen(bound: Bound, alias: str, state: int) -> str:
    """SQL condition: the row ``alias`` is among the chosen ones of that state."""
    if number := bound.table.number:
        return f"{alias}.{number} IN (SELECT k0 FROM {_chosen(bound)} WHERE state = {state})"
    # Without the plus sign, the column's type would have to be given to what is in the chosen
    # table, whose key could then not be used: every row would be compared with every other.
    same = " AND ".join(f"s.k{i} = +{alias}.{c}" for i, c in enumerate(bound.table.identity))
    return f"EXISTS (SELECT 1 FROM {_chosen(bound)} s WHERE {same} AND s.state = {state})"


def _chosen_rows(bound: Bound, alias: str, state: int | None = None) -> str:
    """SQL for what stands behind FROM: the chosen rows, each looked up by its identity."""
    same = [f"s.k{i} = {alias}.{column}" for i, column in enumerate(bound.table.identity)]
    if state is not None:
        same.append(f"s.state = {state}")
    # A cross join keeps this order.
    joined = f"{_chosen(bound)} s CROSS JOIN {bound.table.sql} {alias}"
    return f"{joined} ON {' AND '.join(same)}"


def _quoted(bound: Bound) -> tuple[str, ...]:
    return tuple(quote(column) for column in bound.table.columns)


def differs(new: Mapping[str, str]) -> str:
    """SQL condition on ``t``: one of the columns has another value than the new one."""
    return "(" + " OR ".join(f"t.{quote(column)} IS NOT {sql}" for column, sql in new.items()) + ")"


def quote_id(bound: Bound) -> str:
    """The column that other tables point at, for SQL."""
    return quote(bound.id) if bound.id in bound.table.columns else bound.id


def mentions(
    connection: sqlite3.Connection, tables: Mapping[str, tuple[str, ...]], texts: list[str]
) -> list[str]:
    """Names of the tables in which a value contains one of the texts."""
    found = []
    for table, columns in tables.items():
        condition = " OR ".join(
            f"instr(CAST({quote(column)} AS BLOB), CAST(? AS BLOB))"
            for column in columns
            for _ in texts
        )
        sql = f"SELECT EXISTS (SELECT 1 FROM {quote(table)} WHERE {condition})"
        if condition and connection.execute(sql, texts * len(columns)).fetchone()[0]:
            found.append(table)
    return found
