"""Putting Firefox's tabs, session cookies and session storage back.

A file that is as it was left comes back as it was. The one that Firefox will read, if it was
written since, gets the tabs that lost a page as recently closed ones, with their whole history, and
the cookies that are not there. The other files are copies of earlier states: those that Firefox has
written since stay as they are.
"""

import hashlib
import json
import time
from typing import Any

from loginfix.files.exact import write_exactly
from loginfix.stores.model import Place, Restored, SavedStore, Workspace
from loginfix.stores.sessions.json_files import (
    READ_FIRST,
    StateFile,
    read_bytes,
    read_state,
    state_files,
)
from loginfix.stores.sessions.json_page import Json
from loginfix.stores.sessions.refusals import understood

LEFT = "left"
"""Note: the edited files with the SHA-256 of what was left of each, as a JSON object."""

TABS = "tabs"
COOKIES = "cookies"
"""Rows: what the file that Firefox reads lost, as JSON."""

_COOKIE_KEY = ("host", "path", "name", "originAttributes")


def put_back(place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool) -> Restored:
    """Stage the saved files, or merge what they lost into what is there."""
    left = json.loads(saved.notes[LEFT])
    present = set(state_files(place.tree))
    read_next = next((rel for rel in READ_FIRST if rel in present), None)
    restored = unchanged = merged = 0
    kept_newer = []
    is_whole = False
    for number, file in enumerate(saved.files()):
        now = digest(read_bytes(place.tree, file.rel)) if file.rel in present else None
        if now == file.sha256:
            unchanged += 1
        elif now == left[file.rel]:
            staged = work.scratch(f"session-{number}")
            saved.write_file(file, staged)
            work.replace(file.rel, staged)
            restored += 1
        else:
            if file.rel != read_next:
                kept_newer.append(file.rel)
            continue
        is_whole = is_whole or file.rel == read_next
    if read_next is not None and not is_whole:
        merged, already = _merge(place, read_next, saved, work, overwrite=overwrite)
        unchanged += already
    return Restored(restored, merged, unchanged, tuple(kept_newer))


def digest(content: bytes) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _merge(
    place: Place, rel: str, saved: SavedStore, work: Workspace, *, overwrite: bool
) -> tuple[int, int]:
    """Add what was lost to a file; how much was added, and how much was there."""
    tabs = [_read(row.before["json"]) for row in saved.rows(TABS)]
    cookies = [_read(row.before["json"]) for row in saved.rows(COOKIES)]
    with understood(place, rel):
        file = read_state(rel, read_bytes(place.tree, rel))
        added = _add_tabs(file, tabs) + _add_cookies(file, cookies, overwrite=overwrite)
        if added:
            staged = work.scratch("session")
            write_exactly(staged, file.content(file.state))
            work.replace(rel, staged)
    return added, len(tabs) + len(cookies) - added


def _add_tabs(file: StateFile, tabs: list[Json]) -> int:
    """Add closed tabs to the first window."""
    windows = file.state.get("windows")
    if not isinstance(windows, list) or not windows or not isinstance(windows[0], dict):
        return 0
    closed = windows[0].setdefault("_closedTabs", [])
    there = [each["state"].get("entries") for each in closed if isinstance(each.get("state"), dict)]
    numbers = [number for number in _closed_ids(file.state) if isinstance(number, int)]
    number = max(numbers, default=0)
    new = [tab for tab in tabs if tab["entries"] not in there]
    for tab in new:
        number += 1
        pages = tab["entries"]
        shown = pages[min(max(int(tab.get("index", 1)), 1), len(pages)) - 1]
        closed.insert(
            0,
            {
                "state": tab,
                "title": shown.get("title") or shown.get("url", ""),
                "image": tab.get("image"),
                "pos": len(windows[0].get("tabs", [])),
                "closedAt": int(time.time() * 1000),
                "closedId": number,
            },
        )
    return len(new)


def _closed_ids(value: Any) -> list[Any]:
    """The numbers of everything that was closed, wherever it is."""
    if isinstance(value, list):
        return [number for each in value for number in _closed_ids(each)]
    if isinstance(value, dict):
        own = [value["closedId"]] if "closedId" in value else []
        return own + [number for each in value.values() for number in _closed_ids(each)]
    return []


def _add_cookies(file: StateFile, cookies: list[Json], *, overwrite: bool) -> int:
    present = file.state.setdefault("cookies", [])
    added = 0
    for cookie in cookies:
        same = [at for at, each in enumerate(present) if _key(each) == _key(cookie)]
        if not same:
            present.append(cookie)
        elif overwrite and present[same[0]] != cookie:
            present[same[0]] = cookie
        else:
            continue
        added += 1
    return added


def _key(cookie: Json) -> list[Any]:
    return [cookie.get(name) for name in _COOKIE_KEY]


def _read(text: object) -> Json:
    if not isinstance(text, str):
        raise TypeError("a saved tab or cookie is not text")
    read: Json = json.loads(text)
    return read
