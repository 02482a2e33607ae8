"""Open tabs: Chromium's ``Session_`` and ``Apps_`` logs without a site.

Commands of the site's pages go, and whatever would come back in their place if only they went.
Indexes of pages and places of tabs keep their gaps: the browser reads their order. A tab that has
nothing left but where a new tab begins goes with all its commands, and so does a window that has
lost its last tab.
"""

import struct
from collections.abc import Sequence

from loginfix.formats.chromium_pickle import PickleError
from loginfix.formats.snss import Command
from loginfix.sites.site import Site
from loginfix.stores.sessions import replay as log
from loginfix.stores.sessions.closed_tabs import as_closed_tab
from loginfix.stores.sessions.edits import Edit, UnknownCommandError
from loginfix.stores.sessions.navigation import read_navigation, without_traces
from loginfix.stores.sessions.pages import mentioned
from loginfix.stores.sessions.replay import Page, Session, Tab, replay

# What a person has written: it stays, as a title does.
_OWN_WORDS = frozenset((27, 31))
_PAIR = struct.Struct("<ii")


def edit_open_tabs(commands: Sequence[Command], site: Site) -> Edit:
    """Work out a log without the site.

    Raises:
        UnknownCommandError: Something that is not understood names the site.
    """
    session = replay(commands)
    edit = Edit(commands)
    gone = {tab for tab in session.tabs if _edit_tab(tab, edit, site)}
    _drop_windows(session, gone, edit)
    _drop_groups(session, gone, edit)
    _scrub(edit, site)
    return edit


def _edit_tab(tab: Tab, edit: Edit, site: Site) -> bool:
    """Take the site's pages out of a tab; true if the tab goes with them."""
    owners = {id(page): page.navigation.owner(site) for page in tab.navigations}
    alive = [page for page in tab.pages if owners[id(page)] is not None]
    for page in tab.navigations:
        if owners[id(page)] is not None:
            edit.drop(page.commands[-1:])
    if tab.is_open:
        for page in alive:
            edit.drop(page.commands)
            edit.pages[owners[id(page)] or ""] += 1
    edit.superseded += sum(owner is not None for owner in owners.values())
    if tab.is_open:
        edit.superseded -= len(alive)
    if not any(owner is not None for owner in owners.values()):
        return False
    if alive and tab.is_open:
        edit.tabs += 1
        edit.lost.append(_as_closed(tab, edit.commands))
    left = [page for page in tab.pages if owners[id(page)] is None]
    worth_keeping = any(not page.navigation.is_empty_page for page in left)
    if tab.is_open and left and (worth_keeping or not alive):
        _select_page(tab, left, edit)
        return False
    edit.drop(tab.commands)
    return tab.is_open


def _select_page(tab: Tab, left: list[Page], edit: Edit) -> None:
    """Show the page before the one that is gone; by itself the browser would take the next."""
    indexes = [page.index for page in left]
    before = [index for index in indexes if index <= tab.selected]
    if tab.selected in indexes or not before:
        return
    for at in reversed(tab.commands):
        if edit.commands[at].id in log.PRUNING:
            return  # the index that was written has been moved since
        if edit.commands[at].id == log.SELECTED_PAGE:
            number, _ = _PAIR.unpack(edit.commands[at].payload)
            edit.replaced[at] = Command(log.SELECTED_PAGE, _PAIR.pack(number, before[-1]))
            return


def _as_closed(tab: Tab, commands: Sequence[Command]) -> list[Command]:
    of_kind = {commands[at].id: commands[at].payload for at in tab.commands}
    pages = [commands[page.commands[-1]].payload for page in tab.pages]
    selected = sum(page.index < tab.selected for page in tab.pages)
    return as_closed_tab(
        pages,
        selected=min(selected, len(pages) - 1),
        pinned=of_kind.get(log.PINNED, b"")[4:5] == b"\1",
        app=of_kind.get(log.APP),
        user_agent=of_kind.get(log.USER_AGENT),
        time=of_kind.get(log.LAST_ACTIVE, bytes(16))[8:],
    )


def _drop_windows(session: Session, gone: set[Tab], edit: Edit) -> None:
    for number, window in session.open_windows.items():
        left = [
            tab
            for tab in session.open_tabs.values()
            if tab.window == number and tab not in gone and tab.pages
        ]
        lost = [tab for tab in gone if tab.window == number]
        if not lost:
            continue
        if not left:
            edit.drop(window.commands)
        elif window.selected in (tab.place for tab in lost):
            places = sorted(tab.place for tab in left)
            before = [place for place in places if place < window.selected]
            place = before[-1] if before else places[0]
            selecting = [at for at in window.commands if edit.commands[at].id == log.SELECTED_TAB]
            for at in selecting[-1:]:
                edit.replaced[at] = Command(log.SELECTED_TAB, _PAIR.pack(number, place))


def _drop_groups(session: Session, gone: set[Tab], edit: Edit) -> None:
    """A group that has lost its last tab goes; a split that has lost one is none any more."""
    left = [tab for tab in session.open_tabs.values() if tab not in gone]
    for group in {tab.group for tab in gone} - {tab.group for tab in left}:
        edit.drop(session.token_commands.get(group, []))
    for split in {tab.split for tab in gone} - {log.NO_TOKEN}:
        edit.drop(session.token_commands.get(split, []))
        for tab in left:
            if tab.split == split:
                edit.drop([at for at in tab.commands if edit.commands[at].id == log.SPLIT])


def _scrub(edit: Edit, site: Site) -> None:
    """Take out what the commands that stay say of the site."""
    for position, (kind, payload) in enumerate(edit.commands):
        if position in edit.dropped:
            continue
        if kind == log.NAVIGATION:
            navigation = read_navigation(payload)
            try:
                scrubbed = without_traces(navigation, site)
            except PickleError as error:
                raise UnknownCommandError(str(error)) from error
            if scrubbed != navigation:
                edit.replaced[position] = Command(kind, scrubbed.to_bytes())
                edit.references += 1
        elif kind not in _OWN_WORDS and mentioned(payload, site):
            if kind not in log.KNOWN:
                raise UnknownCommandError(f"the unknown command {kind} names the site")
            edit.drop([position])
            edit.references += 1
