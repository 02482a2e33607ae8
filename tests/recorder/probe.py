"""Reads back, in the live browser, what a profile holds; the profile itself stays as it is."""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from recorder.browser import Browser, Tab
from recorder.chromium import Chromium
from recorder.contents import Contents, Record, host_of, ordered, short_hash
from recorder.firefox import Firefox
from recorder.recordings import Recording
from recorder.tour import Stored
from recorder.web import Web

# The tabs of last time would load their pages, and so fill what is to be read.
FIREFOX_PREFS: dict[str, bool | int | str] = {
    "browser.startup.page": 0,
    "browser.sessionstore.resume_from_crash": False,
}
PROBE_PAGE = "/probe.html"


def probe(recording: Recording, binary: Path, web: Web) -> Contents:
    """Start the browser on a copy of the recording and return what it reads."""
    with _copy(recording) as copy, _reading(web):
        if recording.manifest.engine == "chromium":
            return _probe_chromium(copy, binary, web)
        return _probe_firefox(copy, binary, web)


@contextmanager
def _copy(recording: Recording) -> Iterator[Recording]:
    with tempfile.TemporaryDirectory(prefix="probe-", ignore_cleanup_errors=True) as directory:
        home = Path(directory) / "home"
        shutil.copytree(recording.home, home, symlinks=True)
        yield Recording(home, recording.manifest)


@contextmanager
def _reading(web: Web) -> Iterator[None]:
    web.reading = True
    try:
        yield
    finally:
        web.reading = False


def _probe_chromium(copy: Recording, binary: Path, web: Web) -> Contents:
    features = copy.manifest.features
    with Chromium(binary, copy.home, copy.user_data, web, features) as browser:
        cookies = _cookies(browser)
        storage, cached = _visit(browser.new_tab(), copy.manifest.places, web)
    # What the browser kept when it ended is what it had accepted.
    history = _rows(
        copy.profile / "History", "SELECT url, title, visit_count FROM urls WHERE visit_count > 0"
    )
    icons = _rows(
        copy.profile / "Favicons",
        "SELECT page_url, favicons.url, group_concat(hex(image_data)) FROM icon_mapping"
        " JOIN favicons ON favicons.id = icon_mapping.icon_id"
        " JOIN (SELECT * FROM favicon_bitmaps ORDER BY width) AS bitmaps"
        " ON bitmaps.icon_id = favicons.id GROUP BY icon_mapping.id",
    )
    downloads = _rows(
        copy.profile / "History", "SELECT url FROM downloads_url_chains ORDER BY id, chain_index"
    )
    logins = _rows(copy.profile / "Login Data", "SELECT origin_url, username_value FROM logins")
    complaints = [
        {"host": "", "file": name, "says": says}
        for name in ("Cookies", "History", "Favicons", "Top Sites", "Shortcuts", "Login Data")
        for (says,) in _rows(copy.profile / name, "PRAGMA integrity_check")
        if says != "ok"
    ]
    return Contents(
        cookies=cookies,
        history=_history(history),
        icons=_icons([page, icon, short_hash(image or "")] for page, icon, image in icons),
        cached=cached,
        storage=storage,
        bookmarks=_chromium_bookmarks(copy.profile / "Bookmarks"),
        downloads=ordered({"host": host_of(url), "url": url} for (url,) in downloads),
        logins=_logins(logins),
        complaints=complaints,
    )


def _probe_firefox(copy: Recording, binary: Path, web: Web) -> Contents:
    with Firefox(binary, copy.home, copy.profile, web, FIREFOX_PREFS) as browser:
        cookies = _cookies(browser)
        history = browser.query_places(
            "SELECT url, title, visit_count FROM moz_places WHERE visit_count > 0"
        )
        icons = browser.query_places(
            "SELECT page_url, icon_url, group_concat(hex(data)) FROM moz_pages_w_icons AS pages"
            " JOIN moz_icons_to_pages ON page_id = pages.id"
            " JOIN (SELECT * FROM moz_icons ORDER BY width) AS icons ON icons.id = icon_id"
            " GROUP BY pages.id, icon_url"
        )
        bookmarks = browser.query_places(
            "SELECT url, moz_bookmarks.title, keyword FROM moz_bookmarks"
            " JOIN moz_places ON moz_places.id = fk"
            " LEFT JOIN moz_keywords ON place_id = moz_places.id"
        )
        downloads = browser.query_places(
            "SELECT DISTINCT url FROM moz_annos JOIN moz_places ON moz_places.id = place_id"
        )
        logins = browser.chrome(
            "Promise.resolve(Services.logins.getAllLogins())"
            ".then((all) => all.map((login) => [login.origin, login.username]))"
        )
        complaints = [
            {"host": "", "file": "places.sqlite", "says": says}
            for (says,) in browser.query_places("PRAGMA integrity_check")
            if says != "ok"
        ]
        storage, cached = _visit(browser.new_tab(), copy.manifest.places, web)
    complaints += [
        {"host": "", "file": path.name, "says": "was set aside as corrupt"}
        for path in copy.profile.rglob("*.corrupt*")
    ]
    return Contents(
        cookies=cookies,
        history=_history(history),
        icons=_icons([page, icon, short_hash(image or "")] for page, icon, image in icons),
        cached=cached,
        storage=storage,
        bookmarks=_bookmarks(bookmarks),
        downloads=ordered({"host": host_of(url), "url": url} for (url,) in downloads),
        logins=_logins(logins),
        complaints=complaints,
    )


def _visit(tab: Tab, places: Iterable[Stored], web: Web) -> tuple[list[Record], list[Record]]:
    """Read each place's storage, and which of its sub-resources need no request."""
    storage: list[Record] = []
    cached: list[Record] = []
    for place in places:
        url = f"{place.top}{PROBE_PAGE}"
        verb = "probe"
        if place.origin != place.top:
            url += f"?frame={place.origin}{PROBE_PAGE}"
            verb = "probeFrame"
        tab.navigate(url)
        web.forget()
        found: dict[str, Any] = tab.evaluate(f"window.{verb}({[*place.loaded]!r})")
        asked = web.asked()
        partition = place.top if place.origin != place.top else ""
        if any(found.values()):
            storage.append(
                {
                    "host": host_of(place.origin),
                    "partition": partition,
                    "origin": place.origin,
                    **found,
                }
            )
        cached.extend(
            {"host": host_of(url), "partition": place.top, "frame": place.origin, "url": url}
            for url in place.loaded
            if url not in asked
        )
    return ordered(storage), ordered(cached)


def _cookies(browser: Browser) -> list[Record]:
    return ordered({**cookie, "value": short_hash(cookie["value"])} for cookie in browser.cookies())


def _history(rows: Iterable[Any]) -> list[Record]:
    return ordered(
        {"host": host_of(url), "url": url, "title": title or "", "visits": visits}
        for url, title, visits in rows
        if PROBE_PAGE not in url
    )


def _icons(rows: Iterable[Any]) -> list[Record]:
    return ordered(
        {"host": host_of(page), "page": page, "icon": icon, "pictures": pictures}
        for page, icon, pictures in rows
        if PROBE_PAGE not in page
    )


def _bookmarks(rows: Iterable[Any]) -> list[Record]:
    return ordered(
        {"host": host_of(url), "url": url, "title": title, "keyword": keyword or ""}
        for url, title, keyword in rows
    )


def _logins(rows: Iterable[Any]) -> list[Record]:
    return ordered({"host": host_of(url), "origin": url, "user": user} for url, user in rows)


def _chromium_bookmarks(path: Path) -> list[Record]:
    roots = json.loads(path.read_text(encoding="utf-8"))["roots"]
    children = roots["bookmark_bar"]["children"]
    return _bookmarks((child["url"], child["name"], "") for child in children)


def _rows(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(sql).fetchall()
