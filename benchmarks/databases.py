"""Large databases with the tables of recorded profiles: history, cookies, Firefox's places."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import synthetic
from benchmarks.content import Content
from recorder.recordings import unpack

_CHROMIUM, _FIREFOX = "chromium-156", "firefox-esr-153"
_VISITS_A_PAGE = 4
_COOKIES_A_VISIT = 25
_START = 13_440_000_000_000_000


def chromium(home: Path, visits: int) -> Path:
    """Chromium with so many visits and a cookie for every 25; gives the profile."""
    content = Content()
    recorded = unpack(_CHROMIUM, home.parent / f"{home.name}-recorded").profile
    profile = synthetic.chromium(home, _cookies(content, visits)).path
    profile.joinpath("History").write_bytes(recorded.joinpath("History").read_bytes())
    with closing(sqlite3.connect(profile / "History")) as database, database:
        database.executemany(
            "INSERT INTO urls (id, url, title, visit_count, last_visit_time)"
            " VALUES (?, ?, ?, 4, ?)",
            (
                (1000 + page, content.url(page), content.text(40), _START + page)
                for page in range(visits // _VISITS_A_PAGE)
            ),
        )
        database.executemany(
            "INSERT INTO visits (id, url, visit_time, from_visit, transition)"
            " VALUES (?, ?, ?, 0, 0)",
            (
                (10_000 + visit, 1000 + visit // _VISITS_A_PAGE, _START + visit)
                for visit in range(visits)
            ),
        )
    return profile


def firefox(home: Path, visits: int) -> Path:
    """Firefox with so many visits and a cookie for every 25; gives the profile."""
    content = Content()
    recorded = unpack(_FIREFOX, home.parent / f"{home.name}-recorded").profile
    profile = synthetic.firefox(home, _cookies(content, visits)).path
    profile.joinpath("places.sqlite").write_bytes(recorded.joinpath("places.sqlite").read_bytes())
    with closing(sqlite3.connect(profile / "places.sqlite")) as database, database:
        _fill_places(database, content, visits)
    return profile


def _fill_places(database: sqlite3.Connection, content: Content, visits: int) -> None:
    database.execute("PRAGMA foreign_keys = OFF")
    known = database.execute("SELECT host, id FROM moz_origins WHERE prefix = 'https://'")
    origins: dict[str, int] = dict(known)
    rows = []
    for page in range(visits // _VISITS_A_PAGE):
        url = content.url(page)
        host = url.split("/")[2]
        origin = origins.setdefault(host, 10_000 + len(origins))
        rows.append((1000 + page, url, content.text(40), f"{host[::-1]}.", f"{page:012x}", origin))
    database.executemany(
        "INSERT OR IGNORE INTO moz_origins (id, prefix, host, frecency)"
        " VALUES (?, 'https://', ?, 1)",
        ((number, host) for host, number in origins.items()),
    )
    database.executemany(
        "INSERT INTO moz_places (id, url, title, rev_host, visit_count, guid, url_hash, origin_id)"
        " VALUES (?1, ?2, ?3, ?4, 4, ?5, ?1, ?6)",
        rows,
    )
    database.executemany(
        "INSERT INTO moz_historyvisits (id, from_visit, place_id, visit_date, visit_type)"
        " VALUES (?, 0, ?, ?, 1)",
        (
            (10_000 + visit, 1000 + visit // _VISITS_A_PAGE, _START + visit)
            for visit in range(visits)
        ),
    )


def _cookies(content: Content, visits: int) -> Iterator[tuple[str, str]]:
    for number in range(visits // _COOKIES_A_VISIT):
        yield f".{content.host(number)}", f"session-{number}"
