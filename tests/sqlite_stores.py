"""Clearing and restoring one SQLite store of a recorded profile, without a transaction."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from loginfix.browsers.model import Engine
from loginfix.stores.catalog import declared_stores
from loginfix.stores.model import Finding, Store, Wish
from store_doubles import WISH, MemoryBackup, place_of, workspace_for

RECORDED = {
    "chromium": ("chromium-156", "chromium-150"),
    "firefox": ("firefox-esr-153", "firefox-esr-140", "firefox-esr-153-killed"),
}
FILES = {
    "chromium.cookies": "Cookies",
    "chromium.history": "History",
    "chromium.favicons": "Favicons",
    "chromium.top_sites": "Top Sites",
    "chromium.shortcuts": "Shortcuts",
    "chromium.bounce_tracking": "DIPS",
    "firefox.cookies": "cookies.sqlite",
    "firefox.places": "places.sqlite",
    "firefox.favicons": "favicons.sqlite",
}
EVERY = [
    pytest.param(store, recording, id=f"{store}-{recording}")
    for store in FILES
    for recording in RECORDED[store.partition(".")[0]]
]
HOT_JOURNAL = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"

Database = Callable[[str, str], Path]


def store_of(name: str) -> Store:
    engine = Engine(name.partition(".")[0])
    return next(each.store for each in declared_stores(engine) if each.store.id == name)


def clear(name: str, path: Path, wish: Wish = WISH) -> MemoryBackup:
    backup = MemoryBackup()
    place = place_of(path)
    work = workspace_for(place, path.parent / ".scratch")
    store_of(name).clear(place, wish, work, backup)
    work.apply()
    return backup


def restore(
    name: str, path: Path, backup: MemoryBackup, *, overwrite: bool = False
) -> tuple[int, tuple[str, ...]]:
    place = place_of(path)
    work = workspace_for(place, path.parent / ".scratch2")
    outcome = store_of(name).restore(place, backup, work, overwrite=overwrite)
    work.apply()
    assert outcome.problems == ()
    return outcome.restored, outcome.kept_newer


def write_ahead(path: Path) -> None:
    """Leave a committed change in the write-ahead log only, as a killed browser does."""
    script = (
        "import sqlite3, os, sys; c = sqlite3.connect(sys.argv[1]);"
        "c.execute('PRAGMA journal_mode = WAL'); c.execute('PRAGMA wal_autocheckpoint = 0');"
        'c.execute("INSERT INTO urls(url, title, last_visit_time) VALUES'
        " ('https://www.amazon.com/log', 'x', 1), ('https://other.example/log', 'x', 1)\");"
        "c.commit(); os._exit(0)"
    )
    _run_python(script, path)
    assert Path(f"{path}-wal").stat().st_size > 0


def hot_journal(path: Path) -> None:
    """Leave half a transaction in the database and its undoing in the journal."""
    script = (
        "import sqlite3, os, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('PRAGMA cache_size = 1'); c.execute('BEGIN');"
        '[c.execute("INSERT INTO urls(url, title, last_visit_time) VALUES'
        " ('https://half.example/' || ?, hex(randomblob(900)), 1)\", (i,)) for i in range(300)];"
        "os._exit(0)"
    )
    _run_python(script, path)
    assert Path(f"{path}-journal").read_bytes().startswith(HOT_JOURNAL)


def _run_python(script: str, path: Path) -> None:
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)


def find(name: str, path: Path) -> Finding:
    return store_of(name).find(place_of(path), WISH)
