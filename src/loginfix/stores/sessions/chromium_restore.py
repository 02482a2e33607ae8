"""Putting Chromium's tabs back.

Where nothing has been written since, the saved files come back as they were. Otherwise the tabs and
windows of then have other numbers now, so each tab that lost a page comes back among the recently
closed ones, with its whole history.
"""

import hashlib
import json

from loginfix.files.exact import write_exactly
from loginfix.formats.snss import Command, command, read_log
from loginfix.stores.model import Place, Restored, SavedStore, Workspace
from loginfix.stores.sessions.closed_tabs import holds
from loginfix.stores.sessions.files import (
    CLEAR,
    Name,
    empty_file,
    read_bytes,
    read_file,
    session_files,
)
from loginfix.stores.sessions.refusals import understood

LEFT = "left"
"""Note: the session files that were left, with their SHA-256, as a JSON object."""

TABS = "tabs"
"""Rows: tabs that lost a page, as they were."""


def put_back(place: Place, saved: SavedStore, work: Workspace) -> Restored:
    """Stage the saved files, or the saved tabs as closed ones."""
    files = list(saved.files())
    present = {name.rel: name for name in session_files(place.tree)}
    digests = {rel: digest(place, rel) for rel in present}
    if all(digests.get(file.rel) == file.sha256 for file in files):
        return Restored(unchanged=len(files))
    if digests != json.loads(saved.notes[LEFT]):
        return _as_closed_tabs(place, saved, work, list(present.values()))
    for number, file in enumerate(files):
        staged = work.scratch(f"session-{number}")
        saved.write_file(file, staged)
        if file.rel in present:
            work.replace(file.rel, staged)
        else:
            work.create(file.rel, staged)
    return Restored(restored=len(files))


def _as_closed_tabs(
    place: Place, saved: SavedStore, work: Workspace, present: list[Name]
) -> Restored:
    tabs = [_tab(row.before["commands"]) for row in saved.rows(TABS)]
    folders = {name.folder for name in present} - {""}
    if not tabs or (present and not folders):
        return Restored(kept_newer=tuple(file.rel for file in saved.files()))
    added = 0
    for folder in sorted(folders or {CLEAR}):
        names = [name for name in present if name.folder == folder]
        added = max(added, _append(place, work, names or [Name("", folder, "", 0)], tabs))
    return Restored(merged=added, unchanged=len(tabs) - added)


def _append(place: Place, work: Workspace, names: list[Name], tabs: list[list[Command]]) -> int:
    """Add the tabs that are not there to a folder's newest list of closed tabs."""
    lists = [name for name in names if name.is_closed_tabs]
    last = (lists or names)[-1]
    rel = last.rel if lists else f"{last.folder}/Tabs_{max(name.time for name in names) + 1}"
    with understood(place, rel):
        file = empty_file(last)
        if last.rel:
            file = read_file(last, read_bytes(place.tree, last.rel), place.tree.root)
        if not lists:
            file = file.emptied()
        new = [tab for tab in tabs if not holds(file.commands, tab)]
        if new:
            staged = work.scratch("closed-tabs")
            write_exactly(staged, file.with_more([each for tab in new for each in tab]))
            staged.chmod(0o600)
            (work.replace if lists else work.create)(rel, staged)
    return len(new)


def _tab(fragment: object) -> list[Command]:
    if not isinstance(fragment, bytes):
        raise TypeError("a saved tab is not bytes")
    return [command(record) for record in read_log(fragment).records]


def digest(place: Place, rel: str) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with place.tree.open(rel) as file:
        return hashlib.sha256(file.read()).hexdigest()
