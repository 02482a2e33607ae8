"""A cache of whole files: finding the site's, taking them out, putting them back."""

import hashlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from loginfix.errors import Problem, UnsafePathError
from loginfix.sites.forms import FORMS, Names
from loginfix.stores.declared import refuse_unknown
from loginfix.stores.listing import Listing, known_by
from loginfix.stores.model import (
    BackupSink,
    Category,
    Finding,
    Identity,
    Item,
    Place,
    Restored,
    SavedFile,
    SavedStore,
    State,
    Wish,
    Workspace,
)
from loginfix.stores.times import latest, written
from loginfix.words import say

_LEFT_MTIME = "left_mtime_ns"
_MTIME = "mtime_ns"
_SHOWN_PROBLEMS = 20


Sifted = tuple[str, str, Names | None]
"""Path and entry name of a file, and what its key names where that is known already."""

WORTH = 4_000
"""For so many files a second process pays: they take it some 30 ms."""


@dataclass(frozen=True, slots=True)
class CachedFile:
    """A file of a cache: its place, the entry that it is part of, and what its key names."""

    rel: str
    entry: str
    names: Names


@dataclass(frozen=True, slots=True)
class FileCache(ABC):
    """A cache of whole files; the engines' formats are its subclasses."""

    id: str
    title: str
    category: Category

    entries_dir: ClassVar[str]
    """The directory of the entries, relative to the store; its mtime tells whether it was used."""

    index_files: ClassVar[tuple[str, ...]]
    """What lists the entries; the browser rebuilds it when it is missing."""

    key_form: ClassVar[str]
    """The form in which a key names its site."""

    @abstractmethod
    def candidates(self, place: Place) -> Iterator[tuple[str, str]]:
        """Yield path and entry name of every file that belongs to an entry.

        Raises:
            NotUnderstoodError: This is another kind of cache.
        """

    @abstractmethod
    def read_names(self, place: Place, rel: str, wish: Wish) -> Names:
        """Read the key of one file.

        Raises:
            ValueError: The file is damaged.
        """

    @abstractmethod
    def read_address(self, place: Place, rel: str) -> str:
        """Read the part of a file's key that ends in the address it was loaded from.

        Raises:
            ValueError: The file is damaged.
        """

    @classmethod
    def declared(cls, identity: Identity, data: Mapping[str, Any]) -> Self:
        """Make the store that a declaration describes.

        Raises:
            ValueError: The declaration says what no cache needs; the text names it.
        """
        refuse_unknown(data, ())
        return cls(*identity)

    def sift(self, place: Place, wish: Wish) -> Iterator[Sifted]:  # noqa: ARG002  for others
        """Yield the candidates without those that are plainly not the site's.

        Of those that plainly are, what the key names; of others, None: they are to be looked at.
        """
        return ((rel, entry, None) for rel, entry in self.candidates(place))

    def owned(self, place: Place, wish: Wish, problems: list[Problem]) -> Iterator[CachedFile]:
        """Yield the site's files; what cannot be read goes into ``problems``."""
        for rel, entry, known in self.sift(place, wish):
            if known:
                yield CachedFile(rel, entry, known)
                continue
            try:
                names = self.read_names(place, rel, wish)
            except FileNotFoundError:
                continue  # the browser is running and has just dropped it
            except UnsafePathError as error:
                problems.append(error.as_problem())
            except ValueError as error:
                problems.append(_damaged(place, rel, error))
            else:
                if wish.site.owns(names):
                    yield CachedFile(rel, entry, names)

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say what the cache holds of the site; see ``Store.find``."""
        return self._look(place, wish)[0]

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage the removal of the site's files; see ``Store.clear``."""
        finding, hits = self._look(place, wish)
        if not hits:
            return finding
        entries = _join(place.rel, self.entries_dir)
        mtime = place.tree.stat(entries).st_mtime_ns
        backup.note(_MTIME, str(mtime))
        backup.note(_LEFT_MTIME, str(mtime + 1000))
        for rel in [*(hit.rel for hit in hits), *self._present_index(place)]:
            status = place.tree.stat(rel)
            with place.tree.open(rel) as source:
                backup.file(rel, source, mode=status.st_mode & 0o7777, mtime_ns=status.st_mtime_ns)
            work.remove(rel)
        work.set_mtime(entries, mtime + 1000)
        return finding

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage the files that are gone; see ``Store.restore``.

        The index comes back only if the browser has not used the cache since; otherwise the
        present one is dropped, because an index that does not list what is there makes the
        browser ignore it.
        """
        entries = _join(place.rel, self.entries_dir)
        exists = place.tree.exists(entries)
        left = saved.notes.get(_LEFT_MTIME)
        untouched = exists and str(place.tree.stat(entries).st_mtime_ns) == left
        index = {_join(place.rel, name) for name in self.index_files}
        restored = unchanged = 0
        kept_newer = []
        for number, file in enumerate(saved.files()):
            if file.rel in index:
                if untouched and not place.tree.exists(file.rel):
                    _put(file, saved, work, number)
                    restored += 1
            elif not place.tree.exists(file.rel):
                _put(file, saved, work, number)
                restored += 1
            elif _same(place, file):
                unchanged += 1
            elif overwrite:
                work.replace(file.rel, _written(file, saved, work, number))
                restored += 1
            else:
                kept_newer.append(file.rel)
        if restored and untouched:
            work.set_mtime(entries, int(saved.notes[_MTIME]))
        elif restored:
            for rel in self._present_index(place):
                work.remove(rel)
        return Restored(restored=restored, unchanged=unchanged, kept_newer=tuple(kept_newer))

    def _look(self, place: Place, wish: Wish) -> tuple[Finding, list[CachedFile]]:
        hits: list[CachedFile] = []
        entries: dict[str, Item] = {}
        problems: list[Problem] = []
        for hit in self.owned(place, wish, problems):
            hits.append(hit)
            status = place.tree.stat(hit.rel)
            size, used = status.st_size, written(status.st_mtime)
            if first := entries.get(hit.entry):
                address, host = first.name, first.host
                size, used = first.size + size, latest(first.used, used)
            else:
                address = self._address(place, hit.rel) if wish.itemised else ""
                host = hit.names.host or ""
            entries[hit.entry] = Item(address, host, size, used)
        listing = Listing(wish, entries.values())
        hosts = Counter(item.host for item in entries.values())
        finding = Finding(
            store=self.id,
            title=self.title,
            category=self.category,
            path=place.path,
            state=State.FOUND if hits else State.CLEAN,
            items=len(entries),
            size=sum(item.size for item in entries.values()),
            hosts=dict(sorted(hosts.items())),
            details={"files": len(hits)} if hits else {},
            problems=_shortened(problems),
            used=listing.used,
            listing=listing.items,
        )
        return finding, hits

    def _present_index(self, place: Place) -> list[str]:
        paths = (_join(place.rel, name) for name in self.index_files)
        return [rel for rel in paths if place.tree.exists(rel)]

    def _address(self, place: Place, rel: str) -> str:
        try:
            return known_by(self.read_address(place, rel))
        except (OSError, ValueError, UnsafePathError):
            return ""  # found by its name alone, or just dropped by the browser

    def _names(self, key: bytes) -> Names:
        return FORMS[self.key_form](key.decode("utf-8", "replace"))


def _join(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def _put(file: SavedFile, saved: SavedStore, work: Workspace, number: int) -> None:
    work.create(file.rel, _written(file, saved, work, number))


def _written(file: SavedFile, saved: SavedStore, work: Workspace, number: int) -> Path:
    staged = work.scratch(f"file-{number}")
    saved.write_file(file, staged)
    return staged


def _same(place: Place, file: SavedFile) -> bool:
    if place.tree.stat(file.rel).st_size != file.size:
        return False
    digest = hashlib.sha256()
    with place.tree.open(file.rel) as source:
        while block := source.read(1 << 20):
            digest.update(block)
    return digest.hexdigest() == file.sha256


def _damaged(place: Place, rel: str, error: ValueError) -> Problem:
    path = place.tree.root / rel
    return Problem(
        "damaged-file",
        say("{path} was left alone: it is damaged ({error}).", path=path, error=error),
        say(
            "It cannot be read by the browser either. Start the browser once and close it, which"
            " removes damaged cache files, or delete this file."
        ),
        path,
    )


def _shortened(problems: list[Problem]) -> tuple[Problem, ...]:
    if len(problems) <= _SHOWN_PROBLEMS:
        return tuple(problems)
    more = len(problems) - _SHOWN_PROBLEMS
    last = Problem(
        "damaged-file",
        say("{more} more files of this cache are damaged in the same way.", more=more),
        say("Clear the whole cache in the browser's settings."),
    )
    return (*problems[:_SHOWN_PROBLEMS], last)
