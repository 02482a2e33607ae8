"""Chromium's session files: ``Sessions``, its encrypted twin, and the files of old versions.

The browser writes each command into both folders and reads one of them, so both are edited in one
go or neither is.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from loginfix.errors import NotUnderstoodError, VerificationError
from loginfix.files.exact import write_exactly
from loginfix.formats.snss import CURRENT, build_log, read_log
from loginfix.sites.site import Site
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
from loginfix.stores.sessions.chromium_restore import LEFT, TABS, digest, put_back
from loginfix.stores.sessions.edits import Edit
from loginfix.stores.sessions.files import (
    CLEAR,
    SEALED,
    LockedError,
    Name,
    SessionFile,
    are_twins,
    read_bytes,
    read_file,
    session_files,
)
from loginfix.stores.sessions.refusals import understood
from loginfix.stores.times import when_written
from loginfix.words import message, say


@dataclass(slots=True)
class _Session:
    """The files of a profile: those that were read with what goes, and those that are locked."""

    names: list[Name] = field(default_factory=list)
    read: list[SessionFile] = field(default_factory=list)
    hits: list[tuple[SessionFile, Edit]] = field(default_factory=list)
    locked: list[tuple[Name, bytes]] = field(default_factory=list)

    @property
    def is_locked(self) -> bool:
        """Whether a file is locked, and what it says is not known from its twin either."""
        if not self.locked:
            return False
        clear = [file for file in self.read if file.name.folder == CLEAR]
        return bool(self.hits) or not all(
            any(
                file.name.kind == name.kind and are_twins(file.log, read_log(data))
                for file in clear
            )
            for name, data in self.locked
        )


@dataclass(frozen=True, slots=True)
class ChromiumSessions(PlainStore):
    """The open and recently closed tabs of a profile; ``place.rel`` is one of its folders."""

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say what the session files hold of the site; see ``Store.find``."""
        return self._describe(place, _look(place, wish.site), wish)

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage the session files without the site's tabs; see ``Store.clear``."""
        session = _look(place, wish.site)
        finding = self._describe(place, session, wish)
        if finding.state is State.CLEAN:
            return finding
        if session.is_locked:
            for name in session.names:
                _keep(place, name.rel, backup)
                work.remove(name.rel)
            backup.note(LEFT, "{}")
            return finding
        left = {name.rel: digest(place, name.rel) for name in session.names}
        newest = _newest(session.names)
        for number, (file, edit) in enumerate(session.hits):
            rel = file.name.rel
            content = file.without(edit)
            _prove(place, file, edit, content, wish.site)
            _keep(place, rel, backup)
            left[rel] = hashlib.sha256(content).hexdigest()
            if file.name in newest:
                for tab in edit.lost:
                    row = {"commands": build_log(CURRENT, [command.to_bytes() for command in tab])}
                    backup.row(TABS, "deleted", row)
            staged = work.scratch(f"session-{number}")
            write_exactly(staged, content)
            work.replace(rel, staged)
        backup.note(LEFT, json.dumps(left))
        return finding

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage the saved files, or the saved tabs as closed ones; see ``Store.restore``."""
        del overwrite  # a closed tab replaces nothing
        return put_back(place, saved, work)

    def _describe(self, place: Place, session: _Session, wish: Wish) -> Finding:
        title, files = self.title, [file.name for file, _ in session.hits]
        if session.is_locked:
            if not wish.drop_locked_sessions:
                raise _locked(place, session.locked[0][0])
            title, files = message("All of: Open and recently closed tabs"), session.names
        hosts: Counter[str] = Counter()
        details: Counter[str] = Counter()
        # A tab is in both twins, and is still one tab.
        clear = [edit for file, edit in session.hits if file.cipher is None]
        for edit in clear or [edit for _, edit in session.hits]:
            hosts.update(edit.pages)
            details["pages"] += edit.pages.total()
            details["tabs"] += edit.tabs
            details["references"] += edit.references
            details["superseded pages"] += edit.superseded
        details["files"] = len(files)
        statuses = [place.tree.stat(name.rel) for name in files]
        return Finding(
            store=self.id,
            title=title,
            category=self.category,
            path=place.path,
            state=State.FOUND if files else State.CLEAN,
            items=hosts.total(),
            size=sum(status.st_size for status in statuses),
            hosts=dict(sorted(hosts.items())),
            details={name: count for name, count in details.items() if count},
            used=when_written(statuses),
        )


def _look(place: Place, site: Site) -> _Session:
    session = _Session(list(session_files(place.tree)))
    for name in session.names:
        with understood(place, name.rel):
            data = read_bytes(place.tree, name.rel)
            if not data:
                continue  # begun in a crash
            try:
                file = read_file(name, data, place.tree.root)
            except LockedError:
                session.locked.append((name, data))
                continue
            session.read.append(file)
            edit = file.edit(site)
            if edit.changes or file.tail_names(site):
                session.hits.append((file, edit))
    return session


def _newest(names: Sequence[Name]) -> set[Name]:
    """The file of each kind that the browser reads next."""
    folders = {name.folder for name in names}
    folder = next(folder for folder in (CLEAR, SEALED, "") if folder in folders)
    return set({name.kind: name for name in names if name.folder == folder}.values())


def _keep(place: Place, rel: str, backup: BackupSink) -> None:
    status = place.tree.stat(rel)
    with place.tree.open(rel) as source:
        backup.file(rel, source, mode=status.st_mode & 0o7777, mtime_ns=status.st_mtime_ns)


def _prove(place: Place, file: SessionFile, edit: Edit, content: bytes, site: Site) -> None:
    """Read the edited file as the browser will, and compare."""
    again = read_file(file.name, content, place.tree.root)
    if again.commands != edit.remaining() or again.edit(site).changes:
        raise VerificationError(
            say(
                "The edited copy of {path} is not what it should be. It was not used.",
                path=place.tree.root / file.name.rel,
            ),
            next_step=say("Nothing was changed. Please report this, with the browser's version."),
            path=place.tree.root / file.name.rel,
        )


def _locked(place: Place, name: Name) -> NotUnderstoodError:
    path = place.tree.root / name.rel
    return NotUnderstoodError(
        say(
            "The open and recently closed tabs of this profile were left alone: {path} is encrypted"
            " with a key that cannot be had.",
            path=path,
        ),
        next_step=say(
            "Close the site's tabs in the browser and remove it from the browser's history"
            " there. Or run this again with --drop-locked-sessions, which removes all open and"
            " recently closed tabs of this profile, with a backup."
        ),
        path=path,
    )
