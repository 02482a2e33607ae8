"""A declared SQLite database as a store: find, clear, restore."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from loginfix.errors import Problem, ProfileUnreadableError, VerificationError
from loginfix.files.copying import copy_file
from loginfix.files.sqlite import vacuum_into
from loginfix.stores.declared import refuse_unknown
from loginfix.stores.listing import Listing
from loginfix.stores.model import (
    BackupSink,
    Category,
    Finding,
    Identity,
    Place,
    Restored,
    SavedStore,
    State,
    Wish,
    Workspace,
)
from loginfix.stores.sqlite.binding import Binding, bind
from loginfix.stores.sqlite.edit import derive, take_out
from loginfix.stores.sqlite.files import (
    check_header,
    copy_unit,
    damaged,
    fold_in,
    guarded,
    is_wal,
    not_written,
    open_private,
    pending_side_files,
    reading,
    settle,
)
from loginfix.stores.sqlite.listing import list_rows
from loginfix.stores.sqlite.proof import prove
from loginfix.stores.sqlite.residue import find_residue
from loginfix.stores.sqlite.schema import read_schema
from loginfix.stores.sqlite.selection import Selection, mentions, select
from loginfix.stores.sqlite.spec import Derived, TableSpec, parse_derived, parse_table
from loginfix.words import say

_VERSION_NOTE = "schema_version"
_TRACES = "traces of deleted rows"


@dataclass(frozen=True, slots=True)
class SqliteStore:
    """A SQLite database declared in ``profiles/stores/``.

    ``version`` says where the schema version stands: ``meta`` (Chromium's table) or
    ``user_version`` (Firefox). ``functions`` are the browser's own that triggers name: the rows of
    this store give them nothing to do, and where one is called all the same, the file is refused.
    ``restored`` is what a person is told after rows have come back. Where ``others_own`` is set,
    what is in other tables, or was, is the person's own and is not looked at.
    """

    id: str
    title: str
    category: Category
    tables: tuple[TableSpec, ...]
    version: str
    derived: tuple[Derived, ...] = ()
    functions: tuple[str, ...] = ()
    restored: str = ""
    others_own: bool = False

    @classmethod
    def declared(cls, identity: Identity, data: Mapping[str, Any]) -> Self:
        """Make the store that a declaration describes.

        Raises:
            KeyError, TypeError, ValueError: The declaration is wrong; the text says how.
        """
        refuse_unknown(data, ("table", "version", "derived", "functions", "restored", "others_own"))
        return cls(
            *identity,
            tables=tuple(map(parse_table, data["table"])),
            version=data["version"],
            derived=tuple(map(parse_derived, data.get("derived", ()))),
            functions=tuple(data.get("functions", ())),
            restored=data.get("restored", ""),
            others_own=bool(data.get("others_own")),
        )

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say what the database holds of the site; see ``Store.find``."""
        if place.tree.stat(place.rel).st_size == 0:
            return self._finding(place, State.CLEAN)
        with reading(place) as connection:
            binding = self._bind(connection, place)
            return self._describe(place, select(connection, binding, wish), wish)

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage the database without the site; see ``Store.clear``."""
        if place.tree.stat(place.rel).st_size == 0:
            return self._finding(place, State.CLEAN)
        check_header(place)
        original, edited, result = map(work.scratch, ("settled", "edited", "result"))
        staged = work.staged(place.rel)
        with guarded(place):
            _copy_settled(place, original, staged)
            copy_file(original, edited)
            with closing(self._connect_to_edit(edited)) as connection:
                _check_sound(connection, place)
                selection = select(connection, self._bind(connection, place), wish)
                finding = self._describe(place, selection, wish, is_new=staged is not None)
                if finding.state is State.CLEAN:
                    return finding
                backup.note(_VERSION_NOTE, str(self._schema_version(connection)))
                connection.execute("BEGIN")
                changes = take_out(selection, backup)
                if changes.gone.total():
                    changes.changed += self._derive(connection)
                connection.execute("COMMIT")
                # A fresh file of the live rows: nothing survives in free pages or slack, and row
                # numbers stay, which VACUUM in place does not promise.
                vacuum_into(connection, result)
            with closing(open_private(result)) as connection:
                prove(connection, original, changes)
                binding = self._bind(connection, place)
                if self._chosen(select(connection, binding, wish)):
                    raise VerificationError(
                        say(
                            "The edited copy of {path} still names the site. It was not used.",
                            path=place.path,
                        ),
                        next_step=say("Nothing was changed. Please report this."),
                        path=place.path,
                    )
            _keep_journal_mode(place, original, result)
        _swap_in(place, work, original, result)
        return finding

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage the database with the saved rows merged in; see ``Store.restore``."""
        if not place.tree.exists(place.rel):
            raise ProfileUnreadableError(
                say("{path} is not there, so nothing can be put back into it.", path=place.path),
                next_step=say(
                    "Start the browser once and close it, so that it makes the file anew."
                    " Then restore again."
                ),
                path=place.path,
            )
        from loginfix.stores.sqlite.merge import Merger  # noqa: PLC0415  only restoring needs it

        check_header(place)
        original, result = map(work.scratch, ("settled", "result"))
        with guarded(place):
            _copy_settled(place, original, work.staged(place.rel))
            copy_file(original, result)
            with closing(self._connect_to_edit(result)) as connection:
                _check_sound(connection, place)
                now = self._schema_version(connection)
                then = int(saved.notes.get(_VERSION_NOTE, now))
                binding = self._bind(connection, place)
                connection.execute("BEGIN")
                merger = Merger(
                    connection, binding, saved, overwrite=overwrite, versions=(then, now)
                )
                outcome = merger.run()
                if outcome.restored or outcome.merged:
                    outcome.changes.changed += self._derive(connection)
                connection.execute("COMMIT")
                prove(connection, original, outcome.changes)
            _keep_journal_mode(place, original, result)
        if outcome.restored or outcome.merged:
            _swap_in(place, work, original, result)
            outcome.problems += self._told(place)
        return Restored(
            restored=outcome.restored,
            merged=outcome.merged,
            unchanged=outcome.unchanged,
            kept_newer=tuple(outcome.kept_newer),
            problems=tuple(outcome.problems),
        )

    def _connect_to_edit(self, path: Path) -> sqlite3.Connection:
        connection = open_private(path)
        # The copy is private: no log beside it, and the journal need not survive a crash.
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA foreign_keys = ON")
        if self.functions:
            # Otherwise a trigger may not even name a function that is not SQLite's own.
            connection.execute("PRAGMA trusted_schema = ON")
        for name in self.functions:
            connection.create_function(name, -1, _refuse)
        return connection

    def chosen_ids(
        self, connection: sqlite3.Connection, place: Place, wish: Wish, table: str
    ) -> list[int]:
        """The numbers of the rows of one table that are the site's."""
        selection = select(connection, self._bind(connection, place), wish)
        bound = selection.binding[table]
        position = len(bound.table.identity) + bound.table.columns.index(bound.id)
        ids = (row[position] for row in selection.rows(bound))
        return [number for number in ids if isinstance(number, int)]

    def _told(self, place: Place) -> Iterator[Problem]:
        if self.restored:
            next_step = say("Sign in again where a site asks for it.")
            yield Problem("may-not-last", say(self.restored), next_step, place.path)

    def _bind(self, connection: sqlite3.Connection, place: Place) -> Binding:
        return bind(self.tables, read_schema(connection), what=str(place.path))

    def _derive(self, connection: sqlite3.Connection) -> Counter[str]:
        return derive(connection, self.derived, read_schema(connection))

    def _schema_version(self, connection: sqlite3.Connection) -> int:
        if self.version == "user_version":
            return int(connection.execute("PRAGMA user_version").fetchone()[0])
        row = connection.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
        return int(row[0]) if row else 0

    def _chosen(self, selection: Selection) -> dict[str, int]:
        """The number of rows that go or change, by table."""
        details: dict[str, int] = {}
        for bound in selection.binding.values():
            if count := selection.count(bound):
                details[bound.name] = count
            if changed := selection.count_updates(bound):
                details[f"{bound.name} (changed)"] = changed
        return details

    def _describe(
        self, place: Place, selection: Selection, wish: Wish, *, is_new: bool = False
    ) -> Finding:
        details = self._chosen(selection)
        items = size = 0
        hosts: dict[str, int] = {}
        listing = Listing(wish)
        for bound in selection.binding.values():
            if bound.name in details:
                size += selection.size(bound)
                items += details[bound.name] if bound.spec.item else 0
                if bound.spec.site and (bound.spec.item or not hosts):
                    hosts = selection.hosts(bound)
                if bound.spec.item:
                    list_rows(selection, bound, listing, itemised=wish.itemised)
        if (
            not details and not is_new and not self.others_own
        ):  # one that was just written anew has none
            traces = find_residue(place, selection.connection, wish.site)
            details |= {_TRACES: len(traces)} if traces else {}
        problems = () if self.others_own else self._unlisted(place, selection, list(hosts))
        state = State.FOUND if details else State.CLEAN
        finding = self._finding(place, state, items, size, hosts, details, problems)
        return replace(finding, used=listing.used, listing=listing.items)

    def _unlisted(
        self, place: Place, selection: Selection, hosts: list[str]
    ) -> tuple[Problem, ...]:
        """Tables that no declaration knows and that name the hosts found."""
        declared = {spec.name for spec in self.tables}
        unknown = {
            name: table.columns
            for name, table in read_schema(selection.connection).items()
            if name not in declared and not name.startswith("sqlite_")
        }
        return tuple(
            Problem(
                "not-understood",
                say(
                    "Table {table} of {path} names the site too and is not known; it was left"
                    " alone.",
                    table=table,
                    path=place.path,
                ),
                say(
                    "This version of the browser is newer than loginfix. Update loginfix and run"
                    " this again."
                ),
                place.path,
            )
            for table in mentions(selection.connection, unknown, [host for host in hosts if host])
        )

    def _finding(
        self,
        place: Place,
        state: State,
        items: int = 0,
        size: int = 0,
        hosts: Mapping[str, int] | None = None,
        details: Mapping[str, int] | None = None,
        problems: tuple[Problem, ...] = (),
    ) -> Finding:
        return Finding(
            store=self.id,
            title=self.title,
            category=self.category,
            path=place.path,
            state=state,
            items=items,
            size=size,
            hosts=hosts or {},
            details=details or {},
            problems=problems,
        )


def _check_sound(connection: sqlite3.Connection, place: Place) -> None:
    report = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if report != "ok":
        raise damaged(place, str(report))


def _refuse(*_: object) -> None:
    raise ValueError(say("only the browser can do this"))


def _copy_settled(place: Place, target: Path, staged: Path | None) -> None:
    """Copy what will be there: the file that this run has already staged, else what is there."""
    if staged is not None:
        copy_file(staged, target)
        return
    copy_unit(place, target)
    settle(target)


def _keep_journal_mode(place: Place, original: Path, result: Path) -> None:
    """Leave the result in the journal mode that the browser chose, with no log beside it."""
    mode = "wal" if is_wal(original) else "delete"
    with closing(open_private(result)) as connection:
        # Where the disk fails, SQLite says nothing, and the mode stays what it was.
        (now,) = connection.execute(f"PRAGMA journal_mode = {mode}").fetchone()
        if now != mode:
            raise not_written(place, say("its journal mode cannot be set"))
        fold_in(connection)


def _swap_in(place: Place, work: Workspace, settled: Path, result: Path) -> None:
    """Stage the swap so that the files on disk mean *before* or *after* at every moment.

    A log or hot journal is first made superfluous by a copy that already contains it; replaying it
    over that copy changes nothing. Then it can go, and the edited database can come. Where another
    store of this run has staged the file, it has seen to that.
    """
    side_files = pending_side_files(place)
    if side_files and work.staged(place.rel) is None:
        work.replace(place.rel, settled)
        work.barrier()
        for rel in side_files:
            work.remove(rel)
        work.barrier()
    work.replace(place.rel, result)
