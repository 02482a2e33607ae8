"""What protected media of a site left in Firefox's plugins (EME).

``gmp/<platform>/<plugin>/id/<hash>/`` holds ``origin``, ``topLevelOrigin`` and ``salt``; the data
is in ``storage/<salt>/`` beside it (dom/media/gmp/GMPServiceParent.cpp).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from loginfix.files.tree import Entry
from loginfix.sites.forms import FORMS, Names
from loginfix.stores.declared import PlainStore
from loginfix.stores.model import (
    BackupSink,
    Finding,
    Place,
    Restored,
    SavedStore,
    Span,
    State,
    Wish,
    Workspace,
)
from loginfix.stores.trees import SavedTrees, back_up, measure

_IDS, _STORAGE = "id", "storage"
_MAX_TEXT = 1 << 16


class _Node(NamedTuple):
    """One origin in one top-level site: its names, and the paths that are its own."""

    names: Names
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MediaPluginsStore(PlainStore):
    """One plugin's directory ``place.rel``; an origin's identity and its data go together."""

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say which identities are the site's; see ``Store.find``."""
        return self._describe(place, _nodes_of_site(place, wish))

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage their removal, each with its data; see ``Store.clear``."""
        nodes = _nodes_of_site(place, wish)
        finding = self._describe(place, nodes)
        for rel in dict.fromkeys(path for node in nodes for path in node.paths):
            back_up(place, rel, backup)
            work.remove(rel)
        return finding

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage the directories that are gone; see ``Store.restore``."""
        trees = SavedTrees(saved)
        depth = place.rel.count("/") + 3
        restored = unchanged = 0
        kept_newer = []
        for rel in sorted({"/".join(path.split("/")[:depth]) for path in trees.paths}):
            present = place.tree.exists(rel)
            if present and trees.is_there(place, rel):
                unchanged += trees.count(rel)
            elif present and not overwrite:
                kept_newer.append(rel)
            else:
                if present:
                    work.remove(rel)
                staged = work.scratch("media")
                trees.write(rel, staged)
                work.create(rel, staged)
                restored += trees.count(rel)
        return Restored(restored=restored, unchanged=unchanged, kept_newer=tuple(kept_newer))

    def _describe(self, place: Place, nodes: list[_Node]) -> Finding:
        measured = [measure(place, rel) for node in nodes for rel in node.paths]
        hosts = Counter(node.names.host or "" for node in nodes)
        times = [each.written for each in measured if each.written]
        return Finding(
            store=self.id,
            title=self.title,
            category=self.category,
            path=place.path,
            state=State.FOUND if nodes else State.CLEAN,
            items=len(nodes),
            size=sum(each.size for each in measured),
            hosts=dict(sorted(hosts.items())),
            details={"files": sum(each.files for each in measured)} if nodes else {},
            used=Span(min(times), max(times)) if times else None,
        )


def _nodes_of_site(place: Place, wish: Wish) -> list[_Node]:
    return [node for node in _nodes(place) if wish.site.owns(node.names)]


def _nodes(place: Place) -> Iterator[_Node]:
    ids = f"{place.rel}/{_IDS}"
    if not place.tree.exists(ids):
        return
    data = {entry.name: entry.path for entry in _directories(place, f"{place.rel}/{_STORAGE}")}
    for entry in _directories(place, ids):
        own, top = (
            FORMS["origin"](_text(place, f"{entry.path}/{name}"))
            for name in ("origin", "topLevelOrigin")
        )
        salt = _text(place, f"{entry.path}/salt")
        paths = (entry.path, *([data[salt]] if salt in data else []))
        yield _Node(Names(own.host, own.partition or top.host), paths)


def _directories(place: Place, rel: str) -> list[Entry]:
    if not place.tree.exists(rel):
        return []
    return [entry for entry in place.tree.list(rel) if entry.is_dir()]


def _text(place: Place, rel: str) -> str:
    if not place.tree.exists(rel):
        return ""
    with place.tree.open(rel) as file:
        return file.read(_MAX_TEXT).decode("utf-8", "replace").strip("\0\n ")
