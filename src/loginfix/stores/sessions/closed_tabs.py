"""Recently closed tabs: Chromium's ``Tabs_`` logs without a site.

Source: ``components/sessions/core/tab_restore_service_impl.cc``, ``CreateEntriesFromCommands``. The
commands stand in order: one that begins a tab, then what belongs to it, its pages last. One that
begins a window, a group or a split says how many tabs follow.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from loginfix.formats.chromium_pickle import PickleError
from loginfix.formats.snss import MARKER, Command
from loginfix.sites.site import Site
from loginfix.stores.sessions.edits import Edit, UnknownCommandError
from loginfix.stores.sessions.navigation import Navigation, read_navigation, without_traces
from loginfix.stores.sessions.pages import mentioned

_NAVIGATION, _RESTORED, _OLD_WINDOW, _TAB = 1, 2, 3, 4
_PINNED, _APP, _WINDOW, _USER_AGENT, _GROUP, _SPLIT, _TAB_SPLIT = 5, 6, 9, 11, 13, 15, 16
# What belongs to a tab, and what to the window that has just begun.
_OF_TAB = frozenset((_NAVIGATION, _PINNED, _APP, 8, 10, _USER_AGENT, 14, _TAB_SPLIT))
_OF_WINDOW = frozenset((7, 12))
# What a person has written: it stays, as a title does.
_OWN_WORDS = frozenset((10, 12, _GROUP))
_KNOWN = _OF_TAB | _OF_WINDOW | {_RESTORED, _OLD_WINDOW, _TAB, _WINDOW, _GROUP, _SPLIT, MARKER}

_INT32 = struct.Struct("<i")
_TAB_START = struct.Struct("<ii")
_TIME = struct.Struct("<q")
_TIME_BYTES = 8
# Where the number of tabs stands, and for windows the number of the selected one before it.
_COUNT_AT = {_OLD_WINDOW: 8, _WINDOW: 12, _GROUP: 24}
_SELECTED_AT = {_OLD_WINDOW: 4, _WINDOW: 8}
_TABS_OF_SPLIT = 2


@dataclass(slots=True)
class _Tab:
    """A closed tab: the positions of its commands, of its pages among them."""

    start: int
    others: list[int] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)

    @property
    def commands(self) -> list[int]:
        return [self.start, *self.others, *self.pages]


@dataclass(slots=True)
class _Entry:
    """What was closed at once: a tab, or a window, group or split with ``head`` before its tabs.

    ``count`` is how many tabs it has; the file may end before the last of them.
    """

    head: list[int]
    count: int
    tabs: list[_Tab] = field(default_factory=list)


def edit_closed_tabs(commands: Sequence[Command], site: Site) -> Edit:
    """Work out a log without the site.

    Raises:
        UnknownCommandError: Something that is not understood names the site.
    """
    edit = Edit(commands)
    try:
        for entry in _entries(commands):
            gone = [tab for tab in entry.tabs if _edit_tab(tab, edit, site)]
            if gone:
                _shrink(entry, gone, edit)
        _scrub(edit, site)
    except (PickleError, struct.error) as error:
        raise UnknownCommandError(str(error)) from error
    return edit


def as_closed_tab(
    pages: Sequence[bytes],
    *,
    selected: int,
    pinned: bool,
    app: bytes | None,
    user_agent: bytes | None,
    time: bytes,
) -> list[Command]:
    """The commands of a closed tab with these pages; ``selected`` is the place of one of them.

    ``time`` is that of closing, as the browser writes it: microseconds since 1601 in 8 bytes.
    """
    number = read_navigation(pages[0]).tab
    commands = [Command(_TAB, _TAB_START.pack(number, selected) + time)]
    if pinned:
        commands.append(Command(_PINNED, b"\1"))
    if app is not None:
        commands.append(Command(_APP, app))
    if user_agent is not None:
        commands.append(Command(_USER_AGENT, user_agent))
    return commands + [Command(_NAVIGATION, page) for page in pages]


def holds(commands: Sequence[Command], tab: Sequence[Command]) -> bool:
    """Whether a closed tab with the same pages is among those of a log."""
    wanted = [command.payload for command in tab if command.id == _NAVIGATION]
    return any(
        [commands[at].payload for at in closed.pages] == wanted
        for entry in _entries(commands)
        for closed in entry.tabs
    )


def _entries(commands: Sequence[Command]) -> list[_Entry]:
    entries: list[_Entry] = []
    for position, (kind, payload) in enumerate(commands):
        if kind in _COUNT_AT or kind == _SPLIT:
            count = _count(kind, payload) if kind in _COUNT_AT else _TABS_OF_SPLIT
            entries.append(_Entry([position], count))
        elif kind == _TAB:
            if len(payload) not in (_TAB_START.size, _TAB_START.size + _TIME_BYTES):
                raise UnknownCommandError(f"command {kind} has {len(payload)} bytes")
            if not entries or len(entries[-1].tabs) == entries[-1].count:
                entries.append(_Entry([], 1))
            entries[-1].tabs.append(_Tab(position))
        elif kind in _OF_TAB | _OF_WINDOW:
            _add(entries, kind, position)
    return entries


def _add(entries: Sequence[_Entry], kind: int, position: int) -> None:
    """Add a command to what has just begun."""
    if entries and kind in _OF_WINDOW and not entries[-1].tabs:
        entries[-1].head.append(position)
        return
    if not entries or not entries[-1].tabs:
        raise UnknownCommandError(f"command {kind} belongs to no tab")
    tab = entries[-1].tabs[-1]
    (tab.pages if kind == _NAVIGATION else tab.others).append(position)


def _count(kind: int, payload: bytes) -> int:
    count: int = _INT32.unpack_from(payload, _COUNT_AT[kind])[0]
    if count <= 0:
        raise UnknownCommandError(f"command {kind} begins {count} tabs")
    return count


def _edit_tab(tab: _Tab, edit: Edit, site: Site) -> bool:
    """Take the site's pages out of a tab; true if the tab goes with them."""
    pages = [read_navigation(edit.commands[at].payload) for at in tab.pages]
    owners = [page.owner(site) for page in pages]
    if not any(owner is not None for owner in owners):
        return False
    edit.tabs += 1
    edit.pages.update(owner for owner in owners if owner is not None)
    edit.lost.append([edit.commands[at] for at in tab.commands if _can_stand_alone(edit, at)])
    left = [page for page, owner in zip(pages, owners, strict=True) if owner is None]
    if all(page.is_empty_page for page in left):
        edit.drop(tab.commands)
        return True
    edit.drop([at for at, owner in zip(tab.pages, owners, strict=True) if owner is not None])
    _select_page(tab, owners, edit)
    return False


def _can_stand_alone(edit: Edit, position: int) -> bool:
    return edit.commands[position].id not in (_TAB_SPLIT, *_OF_WINDOW)


def _select_page(tab: _Tab, owners: Sequence[str | None], edit: Edit) -> None:
    """Keep the selected page selected, or the one before it."""
    payload = edit.commands[tab.start].payload
    number, selected = _TAB_START.unpack_from(payload)
    before = sum(owner is None for owner in owners[: max(0, selected)])
    stays = 0 <= selected < len(owners) and owners[selected] is None
    place = before if stays else max(0, before - 1)
    if place != selected:
        edit.replaced[tab.start] = Command(
            _TAB, _TAB_START.pack(number, place) + payload[_TAB_START.size :]
        )


def _shrink(entry: _Entry, gone: Sequence[_Tab], edit: Edit) -> None:
    """Count the tabs of a window or group anew; a split that has lost one is none any more."""
    if not entry.head:
        return
    left = [tab for tab in entry.tabs if tab not in gone]
    at = entry.head[0]
    kind, payload = edit.commands[at]
    if not left or kind == _SPLIT:
        edit.drop(entry.head)
        for tab in left:
            edit.drop([other for other in tab.others if edit.commands[other].id == _TAB_SPLIT])
        return
    edited = bytearray(payload)
    _INT32.pack_into(edited, _COUNT_AT[kind], entry.count - len(gone))
    if kind in _SELECTED_AT:
        selected = _INT32.unpack_from(payload, _SELECTED_AT[kind])[0]
        before = sum(tab not in gone for tab in entry.tabs[: max(0, selected)])
        stays = 0 <= selected < len(entry.tabs) and entry.tabs[selected] not in gone
        _INT32.pack_into(edited, _SELECTED_AT[kind], before if stays else max(0, before - 1))
    edit.replaced[at] = Command(kind, bytes(edited))


def _scrub(edit: Edit, site: Site) -> None:
    """Take out what the commands that stay say of the site."""
    for position, (kind, payload) in enumerate(edit.commands):
        if position in edit.dropped:
            continue
        if kind == _NAVIGATION:
            navigation: Navigation = read_navigation(payload)
            scrubbed = without_traces(navigation, site)
            if scrubbed != navigation:
                edit.replaced[position] = Command(kind, scrubbed.to_bytes())
                edit.references += 1
        elif kind not in _OWN_WORDS and mentioned(payload, site):
            if kind not in _KNOWN:
                raise UnknownCommandError(f"the unknown command {kind} names the site")
            edit.drop([position])
            edit.references += 1
