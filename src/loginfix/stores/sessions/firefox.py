"""Firefox's session files: tabs, and the session cookies and storage that come back with them.

Each of the three is of a category of its own, but a file can be edited only once in a run. So each
is declared as a store, and the first whose category is being cleared does the work of all.
"""

import json
from collections import Counter
from dataclasses import dataclass

from loginfix.errors import VerificationError
from loginfix.files.exact import write_exactly
from loginfix.stores.declared import PlainStore
from loginfix.stores.model import (
    BackupSink,
    Finding,
    Place,
    Restored,
    SavedStore,
    State,
    Wish,
    Workspace,
)
from loginfix.stores.sessions.firefox_restore import COOKIES, LEFT, TABS, digest, put_back
from loginfix.stores.sessions.json_edit import PARTS, StateEdit, edit_state
from loginfix.stores.sessions.json_files import (
    READ_FIRST,
    StateFile,
    read_bytes,
    read_state,
    state_files,
)
from loginfix.stores.sessions.refusals import understood
from loginfix.stores.times import when_written
from loginfix.words import say

_Hit = tuple[StateFile, StateEdit]


@dataclass(frozen=True, slots=True)
class FirefoxSessions(PlainStore):
    """The session files of a profile; ``place.rel`` is one of them, or their folder."""

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say what the session files hold of the site; see ``Store.find``."""
        return self._describe(place, self._look(place, wish))

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage the session files without the site; see ``Store.clear``."""
        hits = self._look(place, wish)
        left = {}
        for number, (file, edit) in enumerate(hits):
            content = file.content(edit.state)
            _prove(place, file, edit, content, wish)
            status = place.tree.stat(file.rel)
            mode, mtime = status.st_mode & 0o7777, status.st_mtime_ns
            with place.tree.open(file.rel) as source:
                backup.file(file.rel, source, mode=mode, mtime_ns=mtime)
            left[file.rel] = digest(content)
            staged = work.scratch(f"session-{number}")
            write_exactly(staged, content)
            work.replace(file.rel, staged)
        if hits:
            backup.note(LEFT, json.dumps(left))
            _keep_lost(_read_next(hits), backup)
        return self._describe(place, hits)

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage the saved files, or merge the saved tabs and cookies; see ``Store.restore``."""
        return put_back(place, saved, work, overwrite=overwrite)

    def _look(self, place: Place, wish: Wish) -> list[_Hit]:
        hits = []
        for rel in state_files(place.tree) if self._is_in_charge(wish) else ():
            with understood(place, rel):
                data = read_bytes(place.tree, rel)
                if not data:
                    continue
                file = read_state(rel, data)
                edit = edit_state(file.state, wish)
                if edit.changes:
                    hits.append((file, edit))
        return hits

    def _is_in_charge(self, wish: Wish) -> bool:
        return self.category is next((each for each in PARTS if each in wish.categories), None)

    def _describe(self, place: Place, hits: list[_Hit]) -> Finding:
        hosts: Counter[str] = Counter()
        details: Counter[str] = Counter()
        if hits:
            edit = _read_next(hits)  # the other files tell of the same tabs once more
            hosts = edit.pages + edit.cookies
            details = Counter(
                {
                    "pages": edit.pages.total(),
                    "tabs": edit.tabs,
                    "session cookies": edit.cookies.total(),
                    "session storage": edit.stored,
                    "references": edit.references,
                    "files": len(hits),
                }
            )
        statuses = [place.tree.stat(file.rel) for file, _ in hits]
        return Finding(
            store=self.id,
            title=self.title,
            category=self.category,
            path=place.path,
            state=State.FOUND if hits else State.CLEAN,
            items=hosts.total(),
            size=sum(status.st_size for status in statuses),
            hosts=dict(sorted(hosts.items())),
            details={name: count for name, count in details.items() if count},
            used=when_written(statuses),
        )


def _read_next(hits: list[_Hit]) -> StateEdit:
    """The edit of the file that Firefox reads when it starts."""
    by_rel = {file.rel: edit for file, edit in hits}
    return next((by_rel[rel] for rel in READ_FIRST if rel in by_rel), hits[0][1])


def _keep_lost(edit: StateEdit, backup: BackupSink) -> None:
    for table, lost in ((TABS, edit.lost_tabs), (COOKIES, edit.lost_cookies)):
        for each in lost:
            backup.row(table, "deleted", {"json": json.dumps(each)})


def _prove(place: Place, file: StateFile, edit: StateEdit, content: bytes, wish: Wish) -> None:
    """Read the edited file as Firefox will, and compare."""
    again = read_state(file.rel, content)
    if again.state != edit.state or edit_state(again.state, wish).changes:
        raise VerificationError(
            say(
                "The edited copy of {path} is not what it should be. It was not used.",
                path=place.tree.root / file.rel,
            ),
            next_step=say("Nothing was changed. Please report this, with the browser's version."),
            path=place.tree.root / file.rel,
        )
