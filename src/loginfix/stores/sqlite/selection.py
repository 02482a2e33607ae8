"""Which rows of a database are the site's, and which go with them.

Every declared table gets a temporary table of the identities of its chosen rows. Choosing repeats
until nothing is added, so declarations may point at each other in any order.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from loginfix.formats import protobuf
from loginfix.sites.forms import FORMS, Names
from loginfix.stores.model import Value, Wish
from loginfix.stores.sqlite.binding import Binding, Bound
from loginfix.stores.sqlite.schema import quote
from loginfix.stores.sqlite.spec import Alternative, Drop, Pointer

GOES, STAYS = 0, 1
# Browsers keep no longer URL (url/url_constants.h: 2 MiB); more is a message, not a name.
_LONGEST_NAME = 2 << 20


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen rows, in temporary tables of ``connection``."""

    connection: sqlite3.Connection
    binding: Binding

    def chosen(self, bound: Bound, state: int = GOES) -> str:
        """SQL condition on alias ``t``: this row is among the chosen ones of that state."""
        same = _same(bound, "t", "s")
        return f"EXISTS (SELECT 1 FROM {_chosen(bound)} s WHERE {same} AND s.state = {state})"

    def count(self, bound: Bound, state: int = GOES) -> int:
        """Number of chosen rows of that state."""
        sql = f"SELECT count(*) FROM {_chosen(bound)} WHERE state = ?"
        return int(self.connection.execute(sql, (state,)).fetchone()[0])

    def size(self, bound: Bound) -> int:
        """Bytes of content in the rows that go."""
        going = f"{bound.table.sql} t WHERE {self.chosen(bound)}"
        sql = f"SELECT coalesce(sum({row_size(bound)}), 0) FROM {going}"
        return int(self.connection.execute(sql).fetchone()[0])

    def hosts(self, bound: Bound) -> dict[str, int]:
        """Number of rows that go, by the host they name."""
        sql = (
            f"SELECT {host_sql(bound)}, count(*) FROM {bound.table.sql} t"
            f" WHERE {self.chosen(bound)} GROUP BY 1 ORDER BY 1"
        )
        counted = self.connection.execute(sql)
        return {host or "": count for host, count in counted if host or bound.spec.item}

    def updates(self, bound: Bound) -> list[tuple[str, Mapping[str, str]]]:
        """What rows that stay must lose: a condition on ``t``, and columns with new values."""
        stays = f"NOT {self.chosen(bound)}"
        updates: list[tuple[str, Mapping[str, str]]] = []
        for scrub in bound.spec.scrub:
            column = f"t.{quote(scrub.column)}"
            # Mostly empty: the comparison saves a call a row.
            names_site = f"{column} <> '' AND loginfix_owns('{scrub.form}', {column})"
            updates.append((f"{names_site} AND {stays}", {scrub.column: scrub.to}))
        for inside in bound.spec.inside:
            column = f"t.{quote(inside.column)}"
            left = f"loginfix_without('{inside.form}', '{inside.drop}', {column})"
            updates.append((f"{column} IS NOT NULL AND {stays}", {inside.column: left}))
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
        chosen = f"{bound.table.sql} t WHERE {self.chosen(bound, state)}"
        return iter(self.connection.execute(f"SELECT {columns} FROM {chosen} ORDER BY {order}"))


def select(connection: sqlite3.Connection, binding: Binding, wish: Wish) -> Selection:
    """Choose the rows; the database itself is only read."""
    _add_functions(connection, wish)
    for bound in binding.values():
        keys = ", ".join(f"k{i}" for i in range(len(bound.table.identity)))
        connection.execute(
            f"CREATE TEMP TABLE {_chosen_name(bound)} ({keys}, state, PRIMARY KEY ({keys}))"
            " WITHOUT ROWID"
        )
    # The rows that name the site by themselves never change; only what hangs on them is repeated.
    for bound in binding.values():
        if bound.spec.site and not bound.spec.orphan_of:
            _choose(connection, bound, _names_site(bound, "t"), wish)
    while sum(_choose_dependents(connection, binding, bound, wish) for bound in binding.values()):
        pass
    for bound in binding.values():
        if bound.spec.orphan_of and bound.spec.site:
            _choose(connection, bound, _names_site(bound, "t"), wish, state=STAYS)
    return Selection(connection, binding)


def _choose_dependents(
    connection: sqlite3.Connection, binding: Binding, bound: Bound, wish: Wish
) -> int:
    conditions = [
        _through(pointer, binding[pointer.table])
        for pointer in bound.spec.through
        if pointer.table in binding
    ]
    added = 0
    if conditions:
        added += _choose(connection, bound, " OR ".join(conditions), wish)
    if bound.spec.orphan_of:
        added += _choose(connection, bound, _orphaned(bound, binding), wish)
    return added


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
        condition = f"({condition}) AND NOT loginfix_kept_cookie(t.{quote(spec.cookie_name)})"
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
    return (
        f"t.{quote(pointer.column)} IN (SELECT {wanted} FROM {target.table.sql} p"
        f" JOIN {_chosen(target)} s ON {_same(target, 'p', 's')})"
    )


def _orphaned(bound: Bound, binding: Binding) -> str:
    """Nothing that stays points at the row; and something that goes does, or it names the site."""
    lost, used = [], []
    for referrer in bound.spec.orphan_of:
        source = binding[referrer.table]
        column = f"r.{quote(referrer.column)}"
        same = _same(source, "r", "s")
        goes = f"EXISTS (SELECT 1 FROM {_chosen(source)} s WHERE {same} AND s.state = {GOES})"
        own = f"t.{quote(referrer.own) if referrer.own else quote_id(bound)}"
        lost.append(f"{own} IN (SELECT {column} FROM {source.table.sql} r WHERE {goes})")
        # A set that is made once: few such columns have an index to look each row up in.
        staying = f"SELECT {column} FROM {source.table.sql} r"
        staying += f" WHERE {column} IS NOT NULL AND NOT {goes}"
        used.append(f"coalesce({own} IN ({staying}), 0)")
    candidate = " OR ".join(lost) or "0"
    if bound.spec.orphan_if:
        candidate = f"({candidate}) AND ({bound.spec.orphan_if})"
    if bound.spec.site:
        candidate = f"({candidate}) OR {_names_site(bound, 't')}"
    return f"({candidate}) AND NOT ({' OR '.join(used)})"


def _names_site(bound: Bound, alias: str) -> str:
    calls = [f"loginfix_owns({_arguments(each, alias)})" for each in bound.spec.site]
    return f"({' OR '.join(calls)})"


def host_sql(bound: Bound) -> str:
    """SQL for the host that the row ``t`` names, NULL where it names none."""
    calls = ", ".join(f"loginfix_host({_arguments(each, 't')})" for each in bound.spec.site)
    return f"coalesce({calls}, NULL)"


def row_size(bound: Bound) -> str:
    """SQL for the bytes of content in the row ``t``."""
    return " + ".join(
        f"coalesce(length(CAST(t.{quote(c)} AS BLOB)), 0)" for c in bound.table.columns
    )


def _arguments(alternative: Alternative, alias: str) -> str:
    return ", ".join(f"'{form}', {alias}.{quote(column)}" for column, form in alternative)


def _chosen_name(bound: Bound) -> str:
    return quote(f"chosen_{bound.name}")


def _chosen(bound: Bound) -> str:
    return f"temp.{_chosen_name(bound)}"


def _same(bound: Bound, row: str, chosen: str) -> str:
    # Without the plus sign, the column's type would have to be given to what is in the chosen
    # table, whose key could then not be used: every row would be compared with every other.
    return " AND ".join(
        f"{chosen}.k{i} = +{row}.{column}" for i, column in enumerate(bound.table.identity)
    )


def _quoted(bound: Bound) -> tuple[str, ...]:
    return tuple(quote(column) for column in bound.table.columns)


def differs(new: Mapping[str, str]) -> str:
    """SQL condition on ``t``: one of the columns has another value than the new one."""
    return "(" + " OR ".join(f"t.{quote(column)} IS NOT {sql}" for column, sql in new.items()) + ")"


def quote_id(bound: Bound) -> str:
    """The column that other tables point at, for SQL."""
    return quote(bound.id) if bound.id in bound.table.columns else bound.id


def names_of(arguments: tuple[object, ...]) -> Names:
    """Bring together what several columns say: form, value, form, value, …."""
    host = partition = frame = None
    for form, value in zip(arguments[::2], arguments[1::2], strict=True):
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        if not isinstance(text, str):
            continue
        names = FORMS[str(form)](text)
        host = host or names.host
        partition = partition or names.partition
        frame = frame or names.frame
    return Names(host, partition, frame)


def _add_functions(connection: sqlite3.Connection, wish: Wish) -> None:
    def owns(*arguments: object) -> bool:
        return wish.site.owns(names_of(arguments))

    def host(*arguments: object) -> str | None:
        names = names_of(arguments)
        return names.host if wish.site.owns(names) else None

    def without(form: str, drop: Drop, message: Value) -> Value:
        if not isinstance(message, bytes):
            return message

        def goes(text: bytes) -> bool:
            if len(text) > _LONGEST_NAME:
                return False
            return wish.site.owns(FORMS[form](text.decode("utf-8", "replace")))

        return protobuf.without(message, goes, drop=drop)

    def kept_cookie(name: object) -> bool:
        return name in wish.keep_cookies

    connection.create_function("loginfix_owns", -1, owns, deterministic=True)
    connection.create_function("loginfix_host", -1, host, deterministic=True)
    connection.create_function("loginfix_without", 3, without, deterministic=True)
    connection.create_function("loginfix_kept_cookie", 1, kept_cookie, deterministic=True)


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
