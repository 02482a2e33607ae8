"""Proof by content that an edited database differs from the original in the counted rows only."""

import sqlite3
from pathlib import Path

from loginfix.errors import VerificationError
from loginfix.stores.sqlite.edit import Changes
from loginfix.stores.sqlite.schema import Table, quote, read_schema
from loginfix.words import say

# Where SQLite remembers the highest number of a table with AUTOINCREMENT.
_SEQUENCE = "sqlite_sequence"


def prove(connection: sqlite3.Connection, before: Path, changes: Changes) -> None:
    """Compare every row of every table with the database ``before``.

    A row is the same when its identity and every value and type in it are. What is not the same
    must be exactly what ``changes`` counts; the schema and the numbers kept in the file's header
    must not differ at all.

    Raises:
        VerificationError: Something else changed, or SQLite's own checks find a fault.
    """
    connection.execute("ATTACH ? AS was", (before.as_uri() + "?mode=ro&immutable=1",))
    try:
        _prove_schema(connection, before)
        for table in read_schema(connection, "was").values():
            if table.name == _SEQUENCE:
                _prove_sequence(connection, before, changes)
            else:
                _prove_table(connection, before, table, changes)
        _prove_sound(connection, before)
    finally:
        connection.execute("DETACH was")


def _prove_schema(connection: sqlite3.Connection, path: Path) -> None:
    main, was = (
        connection.execute(
            f"SELECT type, name, tbl_name, sql FROM {database}.sqlite_master ORDER BY 1, 2"
        ).fetchall()
        for database in ("main", "was")
    )
    if main != was:
        raise _failed(path, say("its tables are not the same"))
    for pragma in ("user_version", "application_id", "encoding", "page_size", "auto_vacuum"):
        now, then = (
            connection.execute(f"PRAGMA {database}.{pragma}").fetchone()
            for database in ("main", "was")
        )
        if now != then:
            raise _failed(path, say("its {pragma} is not the same", pragma=pragma))


def _prove_table(
    connection: sqlite3.Connection, path: Path, table: Table, changes: Changes
) -> None:
    def count(sql: str) -> int:
        return int(connection.execute(f"SELECT count(*) FROM {sql}").fetchone()[0])

    before, after = count(f"was.{table.sql}"), count(f"main.{table.sql}")
    columns = map(quote, table.columns)
    equal = [f"n.{c} IS o.{c} AND typeof(n.{c}) = typeof(o.{c})" for c in columns]
    same_row = " AND ".join(f"n.{c} = o.{c}" for c in table.identity)
    pairs = f"main.{table.sql} n JOIN was.{table.sql} o ON {same_row}"
    same = count(f"{pairs} WHERE {' AND '.join(equal)}")
    gone, added, changed = (
        counter[table.name] for counter in (changes.gone, changes.added, changes.changed)
    )
    if after != before - gone + added or same != after - added - changed:
        raise _failed(
            path,
            say(
                "table {name} had {before} rows and has {after}, {same} of them untouched;"
                " expected {gone} to go, {added} to come and {changed} to change",
                name=table.name,
                before=before,
                after=after,
                same=same,
                gone=gone,
                added=added,
                changed=changed,
            ),
        )


def _prove_sequence(connection: sqlite3.Connection, path: Path, changes: Changes) -> None:
    """The highest numbers ever given only grow, and only where rows came."""
    now, then = (
        dict(connection.execute(f"SELECT name, seq FROM {database}.{_SEQUENCE}").fetchall())
        for database in ("main", "was")
    )
    for name in {*now, *then}:
        before, after = then.get(name, 0), now.get(name, 0)
        if after != before and not (after > before and changes.added[name]):
            raise _failed(
                path,
                say(
                    "the highest number of table {name} was {before} and is {after}",
                    name=name,
                    before=before,
                    after=after,
                ),
            )


def _prove_sound(connection: sqlite3.Connection, path: Path) -> None:
    report = [row[0] for row in connection.execute("PRAGMA main.integrity_check(3)")]
    if report != ["ok"]:
        raise _failed(path, say("SQLite finds a fault: {report}", report=report[0]))
    was, now = (
        connection.execute(f"PRAGMA {database}.foreign_key_check").fetchall()
        for database in ("was", "main")
    )
    if len(now) > len(was):
        raise _failed(path, say("rows of table {now} point at nothing", now=now[0][0]))


def _failed(path: Path, why: str) -> VerificationError:
    return VerificationError(
        say(
            "The edited copy of {name} is not what it should be: {why}. It was not used.",
            name=path.name,
            why=why,
        ),
        next_step=say("Nothing was changed. Please report this, with the browser's version."),
        path=path,
    )
