"""A declared JSON document as a store: find, clear, restore."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from loginfix.errors import (
    Problem,
)
from loginfix.formats.json_text import MAX_SIZE, JsonError, put_back, read
from loginfix.sites.candidates import candidate_hosts
from loginfix.stores.content import digest, not_proven, read_content, stage_content, understood
from loginfix.stores.hosts import hosts_in
from loginfix.stores.json.edit import Removed, is_proven, take_out
from loginfix.stores.json.hashes import hashed_forms
from loginfix.stores.json.merge import Merged, merge
from loginfix.stores.json.selection import Container, Judge, select
from loginfix.stores.json.spec import JsonSpec, parse_spec
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
from loginfix.words import say

_TABLE = "members"
_BEFORE = "sha256_before"
_AFTER = "sha256_after"


@dataclass(frozen=True, slots=True)
class JsonStore:
    """A JSON document some of whose members are a site's.

    Several stores may edit one document in one run: each goes on from what is already staged.
    """

    id: str
    title: str
    category: Category
    spec: JsonSpec

    @classmethod
    def declared(cls, identity: Identity, data: Mapping[str, Any]) -> Self:
        """Make the store that a declaration describes.

        Raises:
            KeyError, TypeError, ValueError: The declaration is wrong; the text says how.
        """
        return cls(*identity, parse_spec(data))

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say what the document holds of the site; see ``Store.find``."""
        with understood(place, JsonError):
            content = read_content(place, limit=MAX_SIZE)
            if not content:
                return self._describe(place, "", ())
            text = read(content)
            return self._describe(place, text, select(text, self.spec, self._judge(place, wish)))

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage the document without the site; see ``Store.clear``."""
        with understood(place, JsonError):
            content = read_content(place, work, limit=MAX_SIZE)
            if not content:
                return self._describe(place, "", ())
            before = read(content)
            judge = self._judge(place, wish)
            containers = select(before, self.spec, judge)
            finding = self._describe(place, before, containers)
            if finding.state is State.CLEAN:
                return finding
            after, removed = take_out(before, containers)
            if not is_proven(before, after, containers, removed) or select(after, self.spec, judge):
                raise not_proven(place)
        backup.note(_BEFORE, digest(before.encode("utf-8")))
        backup.note(_AFTER, digest(after.encode("utf-8")))
        for each in removed:
            backup.row(_TABLE, "deleted", each.as_row())
        stage_content(place, work, after.encode("utf-8"))
        return finding

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage the document with what was removed put back; see ``Store.restore``."""
        removed = [Removed.from_row(row.before) for row in saved.rows(_TABLE)]
        with understood(place, JsonError):
            text = read(read_content(place, work, limit=MAX_SIZE))
            merged = _as_it_was(text, removed, saved) or merge(text, removed, overwrite=overwrite)
        if merged.restored:
            content = merged.text.encode("utf-8")
            try:
                read(content)
            except JsonError as error:
                raise not_proven(place) from error
            stage_content(place, work, content)
        return Restored(
            restored=merged.restored,
            unchanged=merged.unchanged,
            kept_newer=tuple(merged.kept_newer),
            problems=_homeless(place, merged.homeless),
        )

    def _judge(self, place: Place, wish: Wish) -> Judge:
        if not self.spec.is_hashed:
            return Judge(wish.site, {})
        seen = wish.hosts | hosts_in(place.tree, self.spec.hosts_from, wish.site)
        return Judge(wish.site, hashed_forms(candidate_hosts(wish.site, seen)))

    def _describe(self, place: Place, text: str, containers: Sequence[Container]) -> Finding:
        hosts: Counter[str] = Counter()
        count = size = 0
        for container in containers:
            for child in container.siblings:
                if owner := container.gone.get(child.start):
                    count += 1
                    size += len(text[child.start : child.end].encode("utf-8"))
                    hosts[owner.host] += owner.item
        return Finding(
            store=self.id,
            title=self.title,
            category=self.category,
            path=place.path,
            state=State.FOUND if count else State.CLEAN,
            items=hosts.total(),
            size=size,
            hosts={host: number for host, number in sorted(hosts.items()) if number},
            details={"entries": count} if count else {},
        )


def _as_it_was(text: str, removed: Sequence[Removed], saved: SavedStore) -> Merged | None:
    """The very document from before, where nothing has changed since."""
    if digest(text.encode("utf-8")) != saved.notes.get(_AFTER):
        return None
    before = put_back(text, [each.cut for each in removed])
    if digest(before.encode("utf-8")) != saved.notes.get(_BEFORE):
        return None
    return Merged(before, restored=len(removed))


def _homeless(place: Place, count: int) -> tuple[Problem, ...]:
    if not count:
        return ()
    return (
        Problem(
            "nothing-to-belong-to",
            say(
                "{count} entries of {path} could not be put back: what they were part of is not"
                " there any more.",
                count=count,
                path=place.path,
            ),
            say("Nothing needs to be done: the browser makes them anew."),
            place.path,
        ),
    )
