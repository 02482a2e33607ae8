"""Directories that each belong to one site, declared in ``profiles/stores/``."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from loginfix.errors import NotUnderstoodError, Problem, UnsafePathError
from loginfix.files.tree import Entry
from loginfix.stores.directories.labels import Label, label_of
from loginfix.stores.listing import Listing
from loginfix.stores.model import (
    BackupSink,
    Category,
    Finding,
    Identity,
    Item,
    Place,
    Restored,
    SavedStore,
    State,
    Wish,
    Workspace,
)
from loginfix.stores.times import latest
from loginfix.stores.trees import SavedTrees, back_up, measure


@dataclass(slots=True)
class _Hits:
    """The site's entries, what they hold, and what of the site cannot be taken."""

    entries: list[Entry] = field(default_factory=list)
    items: dict[str, Item] = field(default_factory=dict)
    files: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DirectoriesStore:
    """The entries of the directory ``place.rel``, each with a ``label`` that says whose it is."""

    id: str
    title: str
    category: Category
    label: Label

    @classmethod
    def declared(cls, identity: Identity, data: Mapping[str, Any]) -> Self:
        """Make the store that a declaration describes.

        Raises:
            KeyError, TypeError, ValueError: The declaration is wrong; the text says how.
        """
        return cls(*identity, label_of(data))

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say which directories are the site's; see ``Store.find``."""
        return self._describe(place, self._look(place, wish), wish)

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage the removal of the site's directories; see ``Store.clear``."""
        hits = self._look(place, wish)
        for entry in hits.entries:
            back_up(place, entry.path, backup)
            work.remove(entry.path)
        return self._describe(place, hits, wish)

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage the directories that are gone; see ``Store.restore``.

        Parts of two states would not fit together: where anything of one is there, all stays as
        it is.
        """
        trees = SavedTrees(saved)
        present = self._units(place)
        restored = unchanged = 0
        kept_newer = []
        for unit, saved_paths in self._saved_units(place, trees).items():
            files = sum(trees.count(rel) for rel in saved_paths)
            there = present.get(unit, [])
            if sorted(there) == sorted(saved_paths) and all(
                trees.is_there(place, rel) for rel in saved_paths
            ):
                unchanged += files
            elif there and not overwrite:
                kept_newer.append(unit)
            else:
                for rel in there:
                    work.remove(rel)
                for rel in saved_paths:
                    staged = work.scratch("directory")
                    trees.write(rel, staged)
                    work.create(rel, staged)
                restored += files
        return Restored(restored=restored, unchanged=unchanged, kept_newer=tuple(kept_newer))

    def _look(self, place: Place, wish: Wish) -> _Hits:
        hits, found, left_alone = _Hits(), [], set()
        for entry in place.tree.list(place.rel):
            unit = self.label.unit(entry.name)
            try:
                names = self.label.names(entry, wish)
                if names is not None and wish.site.owns(names):
                    found.append((unit, entry, names, measure(place, entry.path)))
            except (UnsafePathError, NotUnderstoodError) as error:
                hits.problems.append(error.as_problem())
                left_alone.add(unit)
        for unit, entry, names, measured in found:
            if unit in left_alone:
                continue  # a part of it would not fit to what stays
            hits.entries.append(entry)
            hits.files += measured.files
            first = hits.items.get(unit) or Item("", names.host or names.partition or "", 0, None)
            hits.items[unit] = first._replace(
                size=first.size + measured.size, used=latest(first.used, measured.written)
            )
        return hits

    def _describe(self, place: Place, hits: _Hits, wish: Wish) -> Finding:
        listing = Listing(wish, hits.items.values())
        hosts = Counter(item.host for item in hits.items.values())
        details = {"directories": len(hits.entries), "files": hits.files} if hits.entries else {}
        return Finding(
            store=self.id,
            title=self.title,
            category=self.category,
            path=place.path,
            state=State.FOUND if hits.entries else State.CLEAN,
            items=len(hits.items),
            size=sum(item.size for item in hits.items.values()),
            hosts=dict(sorted(hosts.items())),
            details=details,
            problems=tuple(hits.problems),
            used=listing.used,
            listing=listing.items,
        )

    def _units(self, place: Place) -> dict[str, list[str]]:
        if not place.tree.exists(place.rel):
            return {}
        return self._grouped(entry.path for entry in place.tree.list(place.rel))

    def _saved_units(self, place: Place, trees: SavedTrees) -> dict[str, list[str]]:
        inside = len(place.rel) + 1
        tops = {f"{place.rel}/{rel[inside:].partition('/')[0]}" for rel in trees.paths}
        return self._grouped(iter(sorted(tops)))

    def _grouped(self, paths: Iterator[str]) -> dict[str, list[str]]:
        units: dict[str, list[str]] = {}
        for path in paths:
            name = path.rpartition("/")[2]
            units.setdefault(self.label.unit(name), []).append(path)
        return units
