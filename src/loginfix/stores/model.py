"""The words of this package: category, place, finding, and how a store meets the outside.

A store never writes into a profile and never opens a backup: it asks a ``Workspace`` for staged
changes and hands what it removes to a ``BackupSink``. Both are implemented elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, Protocol

from loginfix.errors import Problem
from loginfix.files.tree import Tree
from loginfix.sites.site import Site

Value = int | float | str | bytes | None
"""A value of a SQLite column."""

Row = Mapping[str, Value]
"""A database row by column name."""


class Category(StrEnum):
    """What a person picks with ``--only`` and ``--keep``."""

    CACHE = "cache"
    COOKIES = "cookies"
    HISTORY = "history"
    STORAGE = "storage"
    SESSIONS = "sessions"
    PERMISSIONS = "permissions"
    SECURITY = "security"
    PREDICTIONS = "predictions"


CATEGORIES = frozenset(Category)
"""All of them; each has a store."""


class Root(StrEnum):
    """The directory that a store's path is relative to."""

    PROFILE = "profile"
    CACHE = "cache"
    MOVED_CACHE = "moved_cache"
    USER_DATA = "user_data"


class State(StrEnum):
    """What looking at a store came to."""

    FOUND = "found"
    CLEAN = "clean"
    LEFT_ALONE = "left-alone"


@dataclass(frozen=True, slots=True)
class Place:
    """One store of one profile on disk: ``rel`` below the pinned directory ``tree``.

    ``below`` is set where ``tree`` is a part of the root of that name: what all profiles share is
    pinned part by part, because the profiles are below the same directory. ``profile`` is the
    profile's own directory, for stores that need another of its files to tell what is whose.
    """

    tree: Tree
    root: Root
    rel: str
    below: str = ""
    profile: Tree | None = None

    @property
    def rel_to_root(self) -> str:
        """The path below the root, as it is declared and kept in backups."""
        return f"{self.below}/{self.rel}" if self.below else self.rel

    @property
    def path(self) -> Path:
        """For messages; files are opened through ``tree`` only."""
        return self.tree.root / self.rel


class Identity(NamedTuple):
    """What every store is called: ``id`` in the code, ``title`` to a person; and its category."""

    id: str
    title: str
    category: Category


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to go: everything of ``site``, but for cookies with a name in ``keep_cookies``.

    ``hosts`` are the site's that other stores named, for those that name hosts by hashes only.
    ``categories`` are all that are being cleared, for a store whose file holds data of several.
    ``drop_locked_sessions`` lets open tabs go whole where they are encrypted and cannot be read.
    ``itemised`` asks findings to name each thing that they count.
    """

    site: Site
    keep_cookies: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    categories: frozenset[Category] = frozenset(Category)
    drop_locked_sessions: bool = False
    itemised: bool = False


class Item(NamedTuple):
    """One of the things that a finding counts, by what a person knows it by; never its value.

    ``name`` is a cookie's name or an address, or empty; ``size`` is in bytes, ``used`` when it was
    last used or, where only that is kept, written.
    """

    name: str
    host: str
    size: int
    used: datetime | None


class Span(NamedTuple):
    """From when to when things were last used; both in UTC."""

    oldest: datetime
    newest: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """What one store holds of the site.

    ``items`` counts what a person would count (cookies, pages, cache entries), ``details`` what
    would be removed or changed in all (rows by table, files), ``size`` is in bytes, ``hosts``
    maps a host to its number of items. ``used`` spans the times of those that have one. ``listing``
    names the items, in stores that can and where the wish asks for it.
    """

    store: str
    title: str
    category: Category
    path: Path
    state: State
    items: int = 0
    size: int = 0
    hosts: Mapping[str, int] = field(default_factory=dict)
    details: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    used: Span | None = None
    listing: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Restored:
    """What putting one store back came to, in items of ``details`` (rows, files)."""

    restored: int = 0
    merged: int = 0
    unchanged: int = 0
    kept_newer: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class Workspace(Protocol):
    """Staged changes to one root directory of a profile; nothing happens before the commit."""

    def scratch(self, name: str) -> Path:
        """Give an unused path for an edited copy, on the same file system as the root."""

    def replace(self, rel: str, staged: Path) -> None:
        """Swap ``staged`` in for the existing file ``rel``."""

    def remove(self, rel: str) -> None:
        """Take the file or directory ``rel`` away."""

    def create(self, rel: str, staged: Path) -> None:
        """Put ``staged`` at ``rel``, where nothing is."""

    def set_mtime(self, rel: str, mtime_ns: int) -> None:
        """Set the modification time of ``rel``, in nanoseconds."""

    def barrier(self) -> None:
        """Make everything before durable before anything after it is done."""

    def staged(self, rel: str) -> Path | None:
        """The file that another store of this run has already staged for ``rel``, to go on from."""


class BackupSink(Protocol):
    """Where a store hands in what it removes."""

    def note(self, key: str, value: str) -> None:
        """Keep a fact that restoring will need, such as a schema version."""

    def row(
        self,
        table: str,
        change: Literal["deleted", "updated"],
        before: Row,
        after: Row | None = None,
    ) -> None:
        """Keep a row as it was and, for an updated one, as it became."""

    def file(self, rel: str, source: BinaryIO, *, mode: int, mtime_ns: int) -> None:
        """Keep a whole file."""


@dataclass(frozen=True, slots=True)
class SavedRow:
    """A row out of a backup."""

    table: str
    change: Literal["deleted", "updated"]
    before: Row
    after: Row | None


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A file out of a backup; ``mode`` and ``mtime_ns`` as they were."""

    rel: str
    size: int
    mode: int
    mtime_ns: int
    sha256: str


class SavedStore(Protocol):
    """One store's part of a backup, already verified."""

    @property
    def notes(self) -> Mapping[str, str]:
        """The facts kept with ``BackupSink.note``."""

    def rows(self, table: str) -> Iterator[SavedRow]:
        """The rows of one table, in the order they were handed in."""

    def files(self) -> Iterator[SavedFile]:
        """The files, in the order they were handed in."""

    def write_file(self, file: SavedFile, target: Path) -> None:
        """Write a file's content to the new file ``target``."""


class Store(Protocol):
    """One kind of thing that an engine keeps on disk."""

    @property
    def id(self) -> str:
        """The name in ``profiles/stores/``, such as ``chromium.cookies``."""

    @property
    def title(self) -> str:
        """The name for a person."""

    @property
    def category(self) -> Category:
        """What a person picks it by."""

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say what the store holds of the site; changes nothing.

        Raises:
            LoginfixError: The store cannot be read or is not understood.
        """

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage the store without the site, prove it, and hand in what goes.

        Raises:
            LoginfixError: The store cannot be edited safely; nothing of it may be committed.
        """

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage the store with what was removed merged back in.

        Where both sides have the same thing, the one in the profile stays unless ``overwrite``.
        """
