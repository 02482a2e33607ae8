"""Homes with tiny profiles, made in milliseconds: real schemas, a few cookies.

Schemas: Firefox ESR 153 (cookies 17), Chromium 156 (Cookies 24), as their profiles have them.
"""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

SECRET = "never-to-be-shown-4711"  # noqa: S105  made up, to be looked for in output
"""The value of every cookie here: it may not appear in any output."""

SHOP = ("www.amazon.co.jp", "session-id")
SHOP_DOMAIN = (".amazon.com", "ubid-main")
OTHER = ("example.org", "session-id")
LOOK_ALIKE = ("notamazon.com", "session-id")
COOKIES = (SHOP, SHOP_DOMAIN, OTHER, LOOK_ALIKE)
"""(host, name); the first two are the site's."""

_MOZ_COOKIES = """
CREATE TABLE moz_cookies (
    id INTEGER PRIMARY KEY, originAttributes TEXT NOT NULL DEFAULT '', name TEXT, value TEXT,
    host TEXT, path TEXT, expiry INTEGER, lastAccessed INTEGER, creationTime INTEGER,
    isSecure INTEGER, isHttpOnly INTEGER, inBrowserElement INTEGER DEFAULT 0,
    sameSite INTEGER DEFAULT 0, schemeMap INTEGER DEFAULT 0,
    isPartitionedAttributeSet INTEGER DEFAULT 0, updateTime INTEGER,
    CONSTRAINT moz_uniqueid UNIQUE (name, host, path, originAttributes))
"""
_CHROMIUM_COOKIES = """
CREATE TABLE meta (key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR);
INSERT INTO meta VALUES ('mmap_status', '-1'), ('version', '24'), ('last_compatible_version', '24');
CREATE TABLE cookies (
    creation_utc INTEGER NOT NULL, host_key TEXT NOT NULL, top_frame_site_key TEXT NOT NULL,
    name TEXT NOT NULL, value TEXT NOT NULL, encrypted_value BLOB NOT NULL, path TEXT NOT NULL,
    expires_utc INTEGER NOT NULL, is_secure INTEGER NOT NULL, is_httponly INTEGER NOT NULL,
    last_access_utc INTEGER NOT NULL, has_expires INTEGER NOT NULL, is_persistent INTEGER NOT NULL,
    priority INTEGER NOT NULL, samesite INTEGER NOT NULL, source_scheme INTEGER NOT NULL,
    source_port INTEGER NOT NULL, last_update_utc INTEGER NOT NULL, source_type INTEGER NOT NULL,
    has_cross_site_ancestor INTEGER NOT NULL);
CREATE UNIQUE INDEX cookies_unique_index ON cookies (
    host_key, top_frame_site_key, has_cross_site_ancestor, name, path, source_scheme, source_port);
"""


@dataclass(frozen=True)
class SyntheticProfile:
    """One profile and its cookie database."""

    path: Path
    cookies: Path

    def hosts(self) -> list[str]:
        """The hosts that still have cookies."""
        table, column = (
            ("moz_cookies", "host")
            if self.cookies.name == "cookies.sqlite"
            else ("cookies", "host_key")
        )
        with closing(sqlite3.connect(self.cookies)) as database:
            rows = database.execute(f"SELECT {column} FROM {table} ORDER BY {column}")
            return [host for (host,) in rows]


def firefox(
    home: Path, cookies: Iterable[tuple[str, str]] = COOKIES, *, name: str = "default"
) -> SyntheticProfile:
    """A Firefox with one profile, in Linux' layout; brand ``firefox``."""
    root = home / ".mozilla" / "firefox"
    path = root / "ab12cd34.default"
    path.mkdir(parents=True)
    root.joinpath("profiles.ini").write_text(
        "[General]\nStartWithLastProfile=1\nVersion=2\n\n"
        f"[Profile0]\nName={name}\nIsRelative=1\nPath={path.name}\nDefault=1\n",
        encoding="utf-8",
    )
    path.joinpath("prefs.js").write_text('user_pref("a.b", 1);\n', encoding="utf-8")
    profile = SyntheticProfile(path, path / "cookies.sqlite")
    with closing(sqlite3.connect(profile.cookies)) as database, database:
        database.execute(_MOZ_COOKIES)
        database.execute("PRAGMA user_version = 17")
        database.executemany(
            "INSERT INTO moz_cookies (name, value, host, path, expiry, lastAccessed, creationTime,"
            " isSecure, isHttpOnly, updateTime)"
            " VALUES (?, ?, ?, '/', 1830054844800, 1795494844800407, 1795494844800414, 1, 1,"
            " 1795494844800414)",
            [(cookie, SECRET, host) for host, cookie in cookies],
        )
    return profile


def chromium(
    home: Path, cookies: Iterable[tuple[str, str]] = COOKIES, *, name: str = "Person 1"
) -> SyntheticProfile:
    """A Chromium with one profile, in Linux' layout; brand ``chromium``."""
    user_data = home / ".config" / "chromium"
    path = user_data / "Default"
    path.mkdir(parents=True)
    state = {"profile": {"info_cache": {"Default": {"name": name}}}}
    user_data.joinpath("Local State").write_text(json.dumps(state), encoding="utf-8")
    path.joinpath("Preferences").write_text("{}", encoding="utf-8")
    profile = SyntheticProfile(path, path / "Cookies")
    with closing(sqlite3.connect(profile.cookies)) as database, database:
        database.executescript(_CHROMIUM_COOKIES)
        database.executemany(
            "INSERT INTO cookies VALUES (13439968414223405, ?, '', ?, '', ?, '/',"
            " 13474528414223405, 1, 1, 13439968414223405, 1, 1, 1, -1, 2, 443,"
            " 13439968414223409, 1, 0)",
            [(host, cookie, b"v10" + SECRET.encode()) for host, cookie in cookies],
        )
    return profile
