"""Firefox's session state without a site.

Source: ``browser/components/sessionstore``. Things are known by their shape, wherever they are:
what has ``entries`` is a tab, what has a tab as its ``state`` is a closed one, what has ``tabs`` is
a window, a closed window or a group. So saved groups, and what relatives of Firefox keep, are
covered too. Everything else stays as it is.
"""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from loginfix.sites.forms import FORMS, Names
from loginfix.stores.model import Category, Wish
from loginfix.stores.sessions.json_page import (
    EMPTY_PAGES,
    Json,
    owner,
    principal_without,
    scrub_page,
)
from loginfix.stores.sessions.pages import mentioned, page_host

PARTS = (Category.SESSIONS, Category.COOKIES, Category.STORAGE)
"""What is in these files, each of a category of its own."""

_GONE: Any = object()
# Written so by Firefox itself for a tab that shows nothing yet.
_NEW_TAB: Json = {
    "entries": [{"url": "about:newtab", "title": "", "triggeringPrincipal_base64": '{"3":{}}'}],
    "index": 1,
}
# What belongs to the page that a tab shows, not to the tab.
_OF_SHOWN_PAGE = ("image", "iconLoadingPrincipal", "formdata", "scroll", "canonicalUrl")
_EXTENSIONS_OWN = frozenset(("extData", "attributes"))


@dataclass(slots=True)
class StateEdit:
    """What taking a site out of one state came to; ``state`` is what is left.

    ``lost_tabs`` and ``lost_cookies`` are as they were.
    """

    state: Json
    pages: Counter[str] = field(default_factory=Counter)
    cookies: Counter[str] = field(default_factory=Counter)
    tabs: int = 0
    references: int = 0
    stored: int = 0
    lost_tabs: list[Json] = field(default_factory=list)
    lost_cookies: list[Json] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        """Whether anything goes or is replaced."""
        return bool(self.pages or self.cookies or self.references or self.stored)


def edit_state(state: Json, wish: Wish) -> StateEdit:
    """Work out a session's state without the site, as far as its categories are to be cleared."""
    edit = StateEdit(deepcopy(state))
    if Category.COOKIES in wish.categories:
        _edit_cookies(edit, wish)
    if Category.SESSIONS in wish.categories:
        _Tabs(edit, wish).edit_root()
    elif Category.STORAGE in wish.categories:
        _edit_storage(edit.state, edit, wish)
    return edit


def _edit_cookies(edit: StateEdit, wish: Wish) -> None:
    """Cookies of the session; until 2016 each window had its own."""
    listed = [edit.state.get(key) for key in ("windows", "_closedWindows")]
    windows = [window for each in listed if isinstance(each, list) for window in each]
    for holder in (edit.state, *windows):
        if isinstance(holder, dict) and isinstance(holder.get("cookies"), list):
            _edit_list_of_cookies(holder, edit, wish)


def _edit_list_of_cookies(holder: Json, edit: StateEdit, wish: Wish) -> None:
    left = []
    for cookie in holder["cookies"]:
        names = _cookie_names(cookie)
        if wish.site.owns(names) and cookie.get("name") not in wish.keep_cookies:
            edit.cookies[names.host or names.partition or ""] += 1
            edit.lost_cookies.append(cookie)
        else:
            left.append(cookie)
    holder["cookies"] = left


def _cookie_names(cookie: Any) -> Names:
    if not isinstance(cookie, dict):
        return Names(None, None)
    host = FORMS["cookie_domain"](str(cookie.get("host", ""))).host
    attributes = cookie.get("originAttributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    text = "&".join(f"{key}={quote(str(value))}" for key, value in attributes.items())
    return Names(host, FORMS["origin_attributes"](text).partition)


def _edit_storage(value: Any, edit: StateEdit, wish: Wish) -> None:
    """Take the site out of every tab's session storage, and leave the tabs."""
    if isinstance(value, dict):
        if "entries" in value:
            _edit_tab_storage(value, edit, wish)
        for each in value.values():
            _edit_storage(each, edit, wish)
    elif isinstance(value, list):
        for each in value:
            _edit_storage(each, edit, wish)


def _edit_tab_storage(tab: Json, edit: StateEdit, wish: Wish) -> None:
    storage = tab.get("storage")
    if not isinstance(storage, dict):
        return
    for origin in [each for each in storage if wish.site.owns(FORMS["origin"](each))]:
        del storage[origin]
        edit.stored += 1
    if not storage:
        del tab["storage"]


@dataclass(slots=True)
class _Tabs:
    """Takes the site's pages out of the tabs of a state."""

    edit: StateEdit
    wish: Wish
    closed_ids: set[Any] = field(default_factory=set)

    def edit_root(self) -> None:
        root = self.edit.state
        windows = root.get("windows")
        if isinstance(windows, list):
            root["windows"] = self._edit_windows(windows, root)
        if isinstance(root.get("tabs"), list):
            self._edit_tabs(root)
        for key in [key for key in root if key not in ("windows", "tabs", "cookies")]:
            self._set(root, key, self._walk(root[key]))
        self._forget_closed(root)

    def _edit_windows(self, windows: list[Any], root: Json) -> list[Any]:
        """Keep at least one window, and what was closed in those that go."""
        left = []
        orphans: list[Any] = []
        last: Json | None = None
        shown = root.get("selectedWindow")
        for number, window in enumerate(windows, start=1):
            edited = self._walk(window)
            if edited is not _GONE:
                left.append(edited)
                continue
            orphans += window.get("_closedTabs", [])
            if last is None or number == shown:
                last = window
        if not left and last is not None:
            last["tabs"] = [deepcopy(_NEW_TAB)]
            last["selected"] = 1
            return [last]
        if left and orphans and isinstance(left[0], dict):
            left[0]["_closedTabs"] = [*left[0].get("_closedTabs", []), *orphans]
        if isinstance(shown, int) and len(left) < len(windows):
            alive = sum(1 for window in windows[:shown] if any(window is each for each in left))
            root["selectedWindow"] = max(1, alive)
        return left

    def _walk(self, value: Any) -> Any:
        if isinstance(value, list):
            return [left for each in value if (left := self._walk(each)) is not _GONE]
        if not isinstance(value, dict):
            return value
        if isinstance(value.get("entries"), list):
            return self._edit_tab(value)
        if isinstance(value.get("state"), dict) and "entries" in value["state"]:
            return self._edit_closed_tab(value)
        if isinstance(value.get("tabs"), list) and not self._edit_tabs(value):
            self.closed_ids.add(value.get("closedId"))
            self._edit_rest(value)
            return _GONE
        self._edit_rest(value)
        return value

    def _edit_rest(self, value: Json) -> None:
        for key in [key for key in value if key not in ("tabs", *_EXTENSIONS_OWN)]:
            self._set(value, key, self._walk(value[key]))
        self._forget_closed(value)

    def _set(self, holder: Json, key: str, value: Any) -> None:
        if value is _GONE:
            del holder[key]
        else:
            holder[key] = value

    def _edit_tabs(self, holder: Json) -> bool:
        """Edit the tabs of a window or group; false if it has lost them all."""
        before = holder["tabs"]
        after = [self._walk(tab) for tab in before]
        gone = [tab for tab, left in zip(before, after, strict=True) if left is _GONE]
        if not gone:
            return True
        holder["tabs"] = left = [tab for tab in after if tab is not _GONE]
        selected = holder.get("selected")
        if isinstance(selected, int):
            alive = sum(tab is not _GONE for tab in after[: max(0, selected)])
            holder["selected"] = max(1, alive)
            if "title" in holder and left and after[min(selected, len(after)) - 1] is _GONE:
                holder["title"] = _title(left[holder["selected"] - 1])
        _drop_groups(holder, gone, left)
        return bool(left)

    def _edit_closed_tab(self, closed: Json) -> Any:
        shown = _shown(closed["state"])
        left = self._edit_tab(closed["state"])
        if left is _GONE:
            self.closed_ids.add(closed.get("closedId"))
            return _GONE
        if owner(shown, self.wish.site) is not None:
            closed["title"] = _title(left)
            closed.pop("image", None)
        elif page_host(str(closed.get("image", "")), self.wish.site):
            closed["image"] = None
            self.edit.references += 1
        return closed

    def _edit_tab(self, tab: Json) -> Any:
        site, edit = self.wish.site, self.edit
        pages = tab["entries"]
        owners = [owner(page, site) for page in pages]
        left = [page for page, whose in zip(pages, owners, strict=True) if whose is None]
        if len(left) < len(pages):
            edit.lost_tabs.append(deepcopy(tab))
            edit.tabs += 1
            edit.pages.update(whose for whose in owners if whose is not None)
            if all(_address(page) in EMPTY_PAGES for page in left):
                return _GONE
            self._show_another(tab, left, owners)
        edit.references += sum(scrub_page(page, site) for page in left if isinstance(page, dict))
        _edit_tab_storage(tab, edit, self.wish)
        edit.references += _scrub_tab(tab, self.wish)
        return tab

    def _show_another(self, tab: Json, left: list[Any], owners: list[str | None]) -> None:
        """Keep the shown page shown, or show the one before it."""
        shown = tab.get("index")
        shown = shown if isinstance(shown, int) and 1 <= shown <= len(owners) else len(owners)
        alive = sum(whose is None for whose in owners[:shown])
        tab["entries"] = left
        tab["index"] = max(1, alive)
        if "requestedIndex" in tab:
            tab["requestedIndex"] = 0
        if owners[shown - 1] is not None:
            for key in _OF_SHOWN_PAGE:
                tab.pop(key, None)

    def _forget_closed(self, holder: Json) -> None:
        """The order of closing names what was closed by number."""
        actions = holder.get("_lastClosedActions")
        if isinstance(actions, list) and self.closed_ids:
            holder["_lastClosedActions"] = [
                each
                for each in actions
                if not isinstance(each, dict) or each.get("closedId") not in self.closed_ids
            ]


def _scrub_tab(tab: Json, wish: Wish) -> int:
    """Take the site out of what a tab says beside its pages and storage."""
    site = wish.site
    before = {key: deepcopy(tab[key]) for key in tab if key not in ("entries", "storage")}
    for key, value in before.items():
        if key in _EXTENSIONS_OWN:
            continue
        if isinstance(value, dict):
            if owner(value, site) is not None or owner(value.get("entry"), site) is not None:
                del tab[key]
            elif key in ("formdata", "scroll"):
                tab[key]["children"] = _forms(value.get("children"), wish)
                if tab[key]["children"] is None:
                    del tab[key]["children"]
        elif not isinstance(value, str):
            continue
        elif key == "iconLoadingPrincipal":
            tab[key] = principal_without(value, site)
        elif page_host(value, site) is not None or (
            key == "userTypedValue" and mentioned(value.encode("utf-8", "replace"), site)
        ):
            del tab[key]
    return sum(value != tab.get(key) for key, value in before.items())


def _forms(frames: Any, wish: Wish) -> Any:
    """What was typed in frames; an empty place keeps the order, as where nothing was typed."""
    if not isinstance(frames, list):
        return frames
    left = deepcopy(frames)
    for at, frame in enumerate(left):
        if owner(frame, wish.site) is not None:
            left[at] = None
        elif isinstance(frame, dict) and "children" in frame:
            frame["children"] = _forms(frame["children"], wish)
    return left


def _drop_groups(window: Json, gone: list[Any], left: list[Any]) -> None:
    """A group that has lost its last tab goes; a split that has lost one is none any more."""
    for listed, key in (("groups", "groupId"), ("splitViews", "splitViewId")):
        lost = {tab.get(key) for tab in gone if isinstance(tab, dict)} - {None}
        if listed == "groups":
            lost -= {tab.get(key) for tab in left if isinstance(tab, dict)}
        if isinstance(window.get(listed), list):
            window[listed] = [
                each
                for each in window[listed]
                if not isinstance(each, dict) or each.get("id") not in lost
            ]
        for tab in left:
            if isinstance(tab, dict) and tab.get(key) in lost:
                del tab[key]


def _shown(tab: Any) -> Json:
    pages = tab.get("entries", []) if isinstance(tab, dict) else []
    index = tab.get("index", 1) if isinstance(tab, dict) else 1
    if not pages or not isinstance(index, int):
        return {}
    page = pages[min(max(index, 1), len(pages)) - 1]
    return page if isinstance(page, dict) else {}


def _title(tab: Any) -> str:
    page = _shown(tab)
    return str(page.get("title") or page.get("url") or "")


def _address(page: Any) -> str:
    return str(page.get("url", "")) if isinstance(page, dict) else ""
