"""In-memory stand-ins for what a store meets: a backup and a workspace."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO, Literal

from loginfix.browsers.model import Engine
from loginfix.files.tree import Tree
from loginfix.sites.site import Entry, Site
from loginfix.stores.catalog import declared_stores
from loginfix.stores.leveldb.records import RecordSpec
from loginfix.stores.leveldb.store import LevelDBStore
from loginfix.stores.model import Place, Root, Row, SavedFile, SavedRow, Wish

TARGET = Site.of(
    "amazon",
    "Amazon",
    [
        Entry("amazon.com", "shop"),
        Entry("amazon.co.jp", "shop"),
        Entry("aws.amazon.com", "aws"),
    ],
    ["shop"],
)
WISH = Wish(TARGET)


class MemoryBackup:
    """A ``BackupSink`` that is a ``SavedStore`` of what it was given."""

    def __init__(self) -> None:
        self.notes: dict[str, str] = {}
        self.all_rows: list[SavedRow] = []
        self.contents: dict[SavedFile, bytes] = {}

    def note(self, key: str, value: str) -> None:
        self.notes[key] = value

    def row(
        self,
        table: str,
        change: Literal["deleted", "updated"],
        before: Row,
        after: Row | None = None,
    ) -> None:
        self.all_rows.append(SavedRow(table, change, dict(before), after and dict(after)))

    def file(self, rel: str, source: BinaryIO, *, mode: int, mtime_ns: int) -> None:
        content = source.read()
        digest = hashlib.sha256(content).hexdigest()
        self.contents[SavedFile(rel, len(content), mode, mtime_ns, digest)] = content

    def rows(self, table: str) -> Iterator[SavedRow]:
        return (row for row in self.all_rows if row.table == table)

    def files(self) -> Iterator[SavedFile]:
        return iter(self.contents)

    def write_file(self, file: SavedFile, target: Path) -> None:
        target.write_bytes(self.contents[file])
        os.utime(target, ns=(file.mtime_ns, file.mtime_ns))
        target.chmod(file.mode)


class DirectWorkspace:
    """A ``Workspace`` whose changes ``apply`` makes without a transaction."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self.root = root
        self.operations: list[tuple[str, str, Path | int | None]] = []
        scratch.mkdir(parents=True, exist_ok=True)
        self._scratch = Path(mkdtemp(dir=scratch))
        self._numbers = count()

    def scratch(self, name: str) -> Path:
        return self._scratch / f"{next(self._numbers)}-{name}"

    def replace(self, rel: str, staged: Path) -> None:
        self.operations.append(("replace", rel, staged))

    def remove(self, rel: str) -> None:
        self.operations.append(("remove", rel, None))

    def create(self, rel: str, staged: Path) -> None:
        self.operations.append(("create", rel, staged))

    def set_mtime(self, rel: str, mtime_ns: int) -> None:
        self.operations.append(("mtime", rel, mtime_ns))

    def barrier(self) -> None:
        self.operations.append(("barrier", "", None))

    def staged(self, rel: str) -> Path | None:
        found = [value for kind, at, value in self.operations if at == rel and kind != "mtime"]
        return found[-1] if found and isinstance(found[-1], Path) else None

    def apply(self, *, stop_after: int | None = None) -> None:
        """Carry out the operations, or the first ``stop_after`` of them."""
        for kind, rel, value in self.operations[:stop_after]:
            path = self.root / rel
            if kind in ("replace", "create"):
                assert isinstance(value, Path)
                path.parent.mkdir(parents=True, exist_ok=True)
                if value.is_dir():
                    shutil.copytree(value, path)
                else:
                    shutil.copy2(value, path)
            elif kind == "remove" and path.is_dir():
                shutil.rmtree(path)
            elif kind == "remove":
                path.unlink()
            elif kind == "mtime":
                assert isinstance(value, int)
                os.utime(path, ns=(value, value))


def place_of(path: Path) -> Place:
    """The place of a file or directory, in a tree pinned at its parent."""
    return Place(Tree(path.parent), Root.PROFILE, path.name)


def workspace_for(place: Place, scratch: Path) -> DirectWorkspace:
    return DirectWorkspace(place.tree.root, scratch)


def declared_records(name: str) -> tuple[RecordSpec, ...]:
    """What is declared of the records of a LevelDB of Chromium's."""
    stores = {each.store.id: each.store for each in declared_stores(Engine.CHROMIUM)}
    store = stores[f"chromium.{name}"]
    assert isinstance(store, LevelDBStore)
    return store.records
