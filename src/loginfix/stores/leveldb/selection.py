"""Which records of a database are a site's, and which hang on them.

The database is walked, not held: only numbers by which records hang together are remembered, and
what is counted.
"""

import collections
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from loginfix.formats.leveldb import Database
from loginfix.stores.leveldb.records import Link, Reader, Record, RecordSpec
from loginfix.stores.model import Wish


def links_of(record: Record, names: Collection[str]) -> set[Link]:
    """The numbers in a record that other records, or things beside the database, go by."""
    return {(name, text) for name, text in record.groups.items() if name in names}


def link_names(specs: Iterable[RecordSpec]) -> frozenset[str]:
    """The groups that are such numbers in any declared record."""
    return frozenset(name for spec in specs for name in spec.links)


@dataclass(slots=True)
class Chosen:
    """The site's records, counted: the live ones, their bytes, items by host; traces of others.

    ``owners`` are live ones that may own something beside the database which is nobody else's.
    """

    records: int = 0
    size: int = 0
    hosts: collections.Counter[str] = field(default_factory=collections.Counter)
    traces: int = 0
    owners: list[Record] = field(default_factory=list)

    def count(self, record: Record, host: str, *, is_live: bool) -> None:
        """Take in one state of one key."""
        if not is_live:
            self.traces += 1
            return
        self.records += 1
        self.size += len(record.key) + len(record.value or b"")
        if record.spec.item:
            self.hosts[host] += 1
        if record.spec.folder or record.spec.cache_entry:
            self.owners.append(record)


class _Hanging(NamedTuple):
    """What a record says that names no site and hangs on others."""

    at: Link
    links: frozenset[Link]
    is_live: bool


class Selection:
    """Which records of a database are the site's; ``chosen`` is what they come to.

    A record that hangs on others is the site's when one of them is, in whatever state it ever was,
    unless a live record of somebody else goes by the same number.

    Raises:
        LevelDBError: The database is damaged.
        ValueError: A value that should name a site cannot be read.
    """

    def __init__(self, specs: tuple[RecordSpec, ...], database: Database, wish: Wish) -> None:
        self._names = link_names(specs)
        self._reader = Reader(specs, wish, self._names)
        self._claimed: dict[Link, str] = {}
        self._kept: set[Link] = set()
        self.chosen = Chosen()
        hanging = self._heads(database)
        self._spread(hanging)
        if any(each.at in self._claimed for each in hanging):
            self._followers(database)
        self.chosen.owners = [
            record
            for record in self.chosen.owners
            if self._kept.isdisjoint(links_of(record, self._names))
        ]

    def takes(self, key: bytes, value: bytes) -> bool:
        """Whether a live pair goes."""
        found = self._reader.read(key, value)
        return found is not None and self._host(*found, is_live=True) is not None

    def _host(self, record: Record, host: str | None, *, is_live: bool) -> str | None:
        at = _through(record)
        if host is not None or at is None or (is_live and at in self._kept):
            return host
        return self._claimed.get(at)

    def _heads(self, database: Database) -> dict[_Hanging, None]:
        """Count what names the site by itself, and collect the numbers that records go by."""
        hanging: dict[_Hanging, None] = {}
        for record, host, is_live in self._states(database):
            links = links_of(record, self._names)
            if host is not None:
                self._claimed |= dict.fromkeys(links, host)
                self.chosen.count(record, host, is_live=is_live)
            elif not record.spec.through:
                self._kept |= links if is_live else set()
            elif at := _through(record):
                hanging[_Hanging(at, frozenset(links), is_live)] = None
        return hanging

    def _spread(self, hanging: Collection[_Hanging]) -> None:
        """Let what hangs on a record hand on whose it is, until nothing new is said."""
        before = -1
        while before != len(self._claimed) + len(self._kept):
            before = len(self._claimed) + len(self._kept)
            for at, links, is_live in hanging:
                if is_live and at in self._kept:
                    self._kept |= links
                elif at in self._claimed:
                    for link in links:
                        self._claimed.setdefault(link, self._claimed[at])

    def _followers(self, database: Database) -> None:
        """Count what hangs on records of the site."""
        for record, own, is_live in self._states(database):
            if own is None and (host := self._host(record, own, is_live=is_live)) is not None:
                self.chosen.count(record, host, is_live=is_live)

    def _states(self, database: Database) -> Iterator[tuple[Record, str | None, bool]]:
        """What every state of every key says: the record, its own host, whether it is live."""
        gone = set(database.manifest_keys)
        for version, is_newest in database.states():
            gone.discard(version.key)
            if found := self._reader.read(version.key, version.value):
                yield *found, is_newest and version.value is not None
        for key in gone:
            if found := self._reader.read(key, None):
                yield *found, False


def _through(record: Record) -> Link | None:
    """The number by which a record hangs on others."""
    name = record.spec.through
    return (name, record.groups[name]) if name and name in record.groups else None
