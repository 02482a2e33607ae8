"""Chromium's ``Session_`` and ``Apps_`` logs played through, as the browser does when it starts.

Source: ``components/sessions/core/session_service_commands.cc``, ``CreateTabsAndWindows``. Payloads
are C structures, with their padding, or pickles; both begin with the number of a tab or window,
but for command 0 (window, then tab), 27, 37 (the token of a group or split) and 35.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from loginfix.formats.chromium_pickle import PickleError
from loginfix.formats.snss import MARKER, Command
from loginfix.stores.sessions.edits import UnknownCommandError
from loginfix.stores.sessions.navigation import Navigation, read_navigation

TAB_WINDOW, NAVIGATION, SELECTED_PAGE, SELECTED_TAB = 0, 6, 7, 8
PRUNING = frozenset((5, 11, 24))
_TAB_CLOSED, _WINDOW_CLOSED = 16, 17
PINNED, APP, USER_AGENT, LAST_ACTIVE = 12, 13, 29, 21
GROUP_DATA, SPLIT, SPLIT_DATA = 27, 36, 37

_TAB_STRUCTS = {2: 8, 5: 8, 7: 8, 11: 8, 12: 8, 16: 16, 21: 16, 24: 12, 25: 32, 36: 32}
_WINDOW_STRUCTS = {8: 8, 9: 8, 10: 24, 14: 24, 17: 16, 20: 4, 32: 8}
_SIZES = {TAB_WINDOW: 8, MARKER: 0, **_TAB_STRUCTS, **_WINDOW_STRUCTS}
_TAB_PICKLES = frozenset((6, 13, 18, 19, 28, 29, 30, 33))
_WINDOW_PICKLES = frozenset((15, 23, 31, 34))
_NAMELESS = frozenset((35,))
KNOWN = frozenset((*_SIZES, *_TAB_PICKLES, *_WINDOW_PICKLES, *_NAMELESS, GROUP_DATA, SPLIT_DATA))

_INT32 = struct.Struct("<i")
_TOKEN = struct.Struct("<QQ")
NO_TOKEN = (0, 0)

Token = tuple[int, int]


@dataclass(slots=True, eq=False)
class Page:
    """A page in a tab's history, and the commands that made it what it is, the last one last."""

    index: int
    commands: list[int]
    navigation: Navigation


@dataclass(slots=True, eq=False)
class Tab:
    """A tab from its first command until it was closed; ``selected`` is the index of a page."""

    commands: list[int] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    navigations: list[Page] = field(default_factory=list)
    selected: int = 0
    window: int | None = None
    place: int = 0
    group: Token = NO_TOKEN
    split: Token = NO_TOKEN
    is_open: bool = True

    def prune(self, first: int, count: int) -> None:
        """Forget ``count`` indexes, and let those behind move up."""
        end = first + count
        if first <= self.selected < end:
            self.selected = first - 1
        elif self.selected >= end:
            self.selected -= count
        self.pages = [page for page in self.pages if not first <= page.index < end]
        for page in self.pages:
            if page.index >= end:
                page.index -= count

    def show(self, page: Page) -> None:
        """Put a page at its index, in place of the one that is there."""
        self.navigations.append(page)
        at = next((at for at, old in enumerate(self.pages) if old.index >= page.index), None)
        if at is None:
            self.pages.append(page)
        elif self.pages[at].index == page.index:
            page.commands = [*self.pages[at].commands, *page.commands]
            self.pages[at] = page
        else:
            self.pages.insert(at, page)


@dataclass(slots=True, eq=False)
class Window:
    """A window until it was closed; ``selected`` is the place of a tab."""

    commands: list[int] = field(default_factory=list)
    selected: int = 0


@dataclass(slots=True)
class Session:
    """All tabs and windows that a log speaks of, and the commands about groups and splits."""

    tabs: list[Tab] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    open_tabs: dict[int, Tab] = field(default_factory=dict)
    open_windows: dict[int, Window] = field(default_factory=dict)
    token_commands: dict[Token, list[int]] = field(default_factory=dict)

    def tab(self, number: int) -> Tab:
        """The open tab of this number, which begins here if there is none."""
        if number not in self.open_tabs:
            self.open_tabs[number] = Tab()
            self.tabs.append(self.open_tabs[number])
        return self.open_tabs[number]

    def window(self, number: int) -> Window:
        """The open window of this number, which begins here if there is none."""
        if number not in self.open_windows:
            self.open_windows[number] = Window()
            self.windows.append(self.open_windows[number])
        return self.open_windows[number]


def replay(commands: Sequence[Command]) -> Session:
    """Play a log through.

    Raises:
        UnknownCommandError: A command is not of the shape that it has in every known version.
    """
    session = Session()
    for position, command in enumerate(commands):
        size = _SIZES.get(command.id)
        if size is not None and len(command.payload) != size:
            raise UnknownCommandError(f"command {command.id} has {len(command.payload)} bytes")
        try:
            _play(session, position, command)
        except (PickleError, struct.error) as error:
            raise UnknownCommandError(f"command {command.id} cannot be read: {error}") from error
    return session


def _play(session: Session, position: int, command: Command) -> None:
    kind, payload = command
    if kind == TAB_WINDOW:
        tab = session.tab(_int(payload, 4))
        tab.window = _int(payload, 0)
        tab.commands.append(position)
    elif kind in _TAB_STRUCTS:
        number = _int(payload, 0)
        tab = session.tab(number)
        tab.commands.append(position)
        _change_tab(tab, kind, payload)
        if kind == _TAB_CLOSED:
            tab.is_open = False
            del session.open_tabs[number]
    elif kind in _TAB_PICKLES:
        tab = session.tab(_int(payload, 4))
        tab.commands.append(position)
        if kind == NAVIGATION:
            navigation = read_navigation(payload)
            tab.show(Page(navigation.index, [position], navigation))
    elif kind in _WINDOW_STRUCTS or kind in _WINDOW_PICKLES:
        number = _int(payload, 4 if kind in _WINDOW_PICKLES else 0)
        window = session.window(number)
        window.commands.append(position)
        if kind == SELECTED_TAB:
            window.selected = _int(payload, 4)
        if kind == _WINDOW_CLOSED:
            del session.open_windows[number]
    elif kind in (GROUP_DATA, SPLIT_DATA):
        token = _TOKEN.unpack_from(payload, 4)
        session.token_commands.setdefault(token, []).append(position)


def _change_tab(tab: Tab, kind: int, payload: bytes) -> None:
    match kind:
        case 2:
            tab.place = _int(payload, 4)
        case 5:
            first = _int(payload, 4)
            tab.pages = [page for page in tab.pages if page.index < first]
        case 7:
            tab.selected = _int(payload, 4)
        case 11:
            tab.prune(0, _positive(_int(payload, 4)))
        case 24:
            first = _int(payload, 4)
            if first < 0:
                raise PickleError("it forgets a page before the first")
            tab.prune(first, _positive(_int(payload, 8)))
        case 25:
            tab.group = _token_of(payload)
        case 36:
            tab.split = _token_of(payload)


def _token_of(payload: bytes) -> Token:
    return _TOKEN.unpack_from(payload, 8) if payload[24] else NO_TOKEN


def _int(payload: bytes, offset: int) -> int:
    return int(_INT32.unpack_from(payload, offset)[0])


def _positive(count: int) -> int:
    if count <= 0:
        raise PickleError("it forgets no page")
    return count
