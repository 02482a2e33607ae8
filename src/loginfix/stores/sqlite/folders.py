"""A SQLite database whose rows each have a folder beside it; row and folder are one thing."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal, Self

from loginfix.files.sqlite import UNCHANGED, connect
from loginfix.stores.declared import refuse_unknown
from loginfix.stores.model import (
    BackupSink,
    Category,
    Finding,
    Identity,
    Place,
    Restored,
    Row,
    SavedRow,
    SavedStore,
    State,
    Value,
    Wish,
    Workspace,
)
from loginfix.stores.sqlite.files import reading
from loginfix.stores.sqlite.schema import quote
from loginfix.stores.sqlite.spec import TableSpec
from loginfix.stores.sqlite.store import SqliteStore
from loginfix.stores.trees import SavedTrees, back_up, measure


@dataclass(frozen=True, slots=True)
class FoldersStore:
    """A declared database; rows of ``table`` have the folder ``path``, with their ``id`` in it."""

    rows: SqliteStore
    table: TableSpec
    id_column: str
    folder: str

    @classmethod
    def declared(cls, identity: Identity, data: Mapping[str, Any]) -> Self:
        """Make the store that a declaration describes.

        Raises:
            KeyError, TypeError, ValueError: The declaration is wrong; the text says how.
        """
        folders = data["folders"]
        refuse_unknown(folders, ("table", "id", "path"))
        own = {key: value for key, value in data.items() if key != "folders"}
        rows = SqliteStore.declared(identity, own)
        tables = {table.name: table for table in rows.tables}
        if folders["table"] not in tables or "{}" not in folders["path"]:
            raise ValueError("'folders' wants a declared table, and {} in its path")
        return cls(rows, tables[folders["table"]], folders["id"], folders["path"])

    @property
    def id(self) -> str:
        """See ``Store``."""
        return self.rows.id

    @property
    def title(self) -> str:
        """See ``Store``."""
        return self.rows.title

    @property
    def category(self) -> Category:
        """See ``Store``."""
        return self.rows.category

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say what rows and folders are the site's; see ``Store.find``."""
        finding = self.rows.find(place, wish)
        if not finding.details.get(self.table.name):
            return finding
        with reading(place) as connection:
            ids = self.rows.chosen_ids(connection, place, wish, self.table.name)
        return self._with_folders(place, finding, ids)

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage the database without the rows, and the folders' removal; see ``Store.clear``."""
        seen = _Seen(backup, self.table.name, self.id_column)
        finding = self.rows.clear(place, wish, work, seen)
        finding = self._with_folders(place, finding, seen.ids)
        for rel in self._present(place, seen.ids):
            back_up(place, rel, backup)
            work.remove(rel)
        return finding

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage the rows, and their folders under the numbers that they have now.

        A folder that is there stays as it is unless ``overwrite``: parts of two states would not
        fit together. See ``Store.restore``.
        """
        outcome = self.rows.restore(place, saved, work, overwrite=overwrite)
        trees = SavedTrees(saved)
        staged = work.staged(place.rel)
        restored = unchanged = 0
        kept_newer = []
        with _rows_of(place, staged) as connection:
            for row in saved.rows(self.table.name):
                then, now = row.before.get(self.id_column), self._id_now(connection, row)
                if not (isinstance(then, int) and isinstance(now, int)):
                    continue
                source, target = self._path(place, then), self._path(place, now)
                if not trees.below(source):
                    continue
                if trees.is_there(place, source, target):
                    unchanged += trees.count(source)
                elif place.tree.exists(target) and not overwrite:
                    kept_newer.append(target)
                else:
                    if place.tree.exists(target):
                        work.remove(target)
                    directory = work.scratch("folder")
                    trees.write(source, directory)
                    work.create(target, directory)
                    restored += trees.count(source)
        return replace(
            outcome,
            restored=outcome.restored + restored,
            unchanged=outcome.unchanged + unchanged,
            kept_newer=(*outcome.kept_newer, *kept_newer),
        )

    def _id_now(self, connection: sqlite3.Connection, row: SavedRow) -> Value:
        """The number under which a saved row is in the database now."""
        key = [column for column in self.table.key if column in row.before]
        where = " AND ".join(f"{quote(column)} IS ?" for column in key)
        found = connection.execute(
            f"SELECT {quote(self.id_column)} FROM {quote(self.table.name)} WHERE {where}",
            [row.before[column] for column in key],
        ).fetchone()
        return found[0] if found else None

    def _with_folders(self, place: Place, finding: Finding, ids: list[int]) -> Finding:
        sizes = [measure(place, rel) for rel in self._present(place, ids)]
        files = sum(each.files for each in sizes)
        if not files or finding.state is not State.FOUND:
            return finding
        return replace(
            finding,
            size=finding.size + sum(each.size for each in sizes),
            details={**finding.details, "files": files},
        )

    def _present(self, place: Place, ids: list[int]) -> Iterator[str]:
        for each in ids:
            if place.tree.exists(rel := self._path(place, each)):
                yield rel

    def _path(self, place: Place, number: int) -> str:
        around = place.rel.rpartition("/")[0]
        path = self.folder.format(number)
        return f"{around}/{path}" if around else path


@dataclass(frozen=True, slots=True)
class _Seen:
    """A ``BackupSink`` that remembers the numbers of the rows that it hands on."""

    sink: BackupSink
    table: str
    column: str
    ids: list[int] = field(default_factory=list)

    def note(self, key: str, value: str) -> None:
        """See ``BackupSink``."""
        self.sink.note(key, value)

    def row(
        self,
        table: str,
        change: Literal["deleted", "updated"],
        before: Row,
        after: Row | None = None,
    ) -> None:
        """See ``BackupSink``."""
        number = before.get(self.column)
        if (table, change) == (self.table, "deleted") and isinstance(number, int):
            self.ids.append(number)
        self.sink.row(table, change, before, after)

    def file(self, rel: str, source: BinaryIO, *, mode: int, mtime_ns: int) -> None:
        """See ``BackupSink``."""
        self.sink.file(rel, source, mode=mode, mtime_ns=mtime_ns)


def _rows_of(place: Place, staged: Path | None) -> AbstractContextManager[sqlite3.Connection]:
    """The database as it will be."""
    return reading(place) if staged is None else closing(connect(staged, UNCHANGED))
