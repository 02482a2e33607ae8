"""The site's cookies as checks see them: names, hosts, sizes and times, never a value."""

import http.cookiejar
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import browser_cookie3

from loginfix.doctor.subject import Subject
from loginfix.files.scratch import scratch
from loginfix.sites.forms import FORMS, Names
from loginfix.sites.hosts import is_under

# A cookie's value is encrypted in blocks of 16 bytes behind a three-letter version and, since
# schema 24, behind the 32 bytes of its host's hash (net/extras/sqlite,
# sqlite_persistent_cookie_store.cc).
_PREFIX, _HASH, _HASH_SINCE = 3, 32, 24
_CHROMIUM_EPOCH_S = 11_644_473_600
_MILLISECONDS_SINCE = 16
_SESSION_FILES = ("sessionstore.jsonlz4", "sessionstore-backups/recovery.jsonlz4")


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie. ``size`` is the value's length in bytes, at most; ``expires`` is Unix time.

    ``jar`` tells apart what is never sent together: partitions and containers.
    """

    name: str
    domain: str
    path: str
    size: int
    expires: float | None
    jar: str

    @property
    def host(self) -> str:
        """The domain without the dot that says "and everything under it"."""
        return self.domain.removeprefix(".")

    def is_sent_to(self, host: str) -> bool:
        """Whether a request for the root of ``host`` carries it."""
        if self.path != "/":
            return False
        return host == self.host or (self.domain.startswith(".") and is_under(host, self.host))

    @property
    def header_size(self) -> int:
        """Bytes that it takes in the request's header: ``name=value; ``."""
        return len(self.name.encode()) + 1 + self.size + 2


def cookies(subject: Subject) -> list[Cookie]:
    """All cookies of the site, sizes as exact as they can be had without asking for a key.

    Raises:
        LoginfixError: The database cannot be read.
    """
    found = list(_chromium(subject) if subject.is_chromium else _firefox(subject))
    exact = _read_by_library(subject)
    known = {(each.domain, each.path, each.name) for each in found}
    found = [
        replace(each, size=exact[each.domain, each.path, each.name].size)
        if (each.domain, each.path, each.name) in exact and subject.is_chromium
        else each
        for each in found
    ]
    # Firefox keeps session cookies with its tabs, not in the database.
    return found + [each for key, each in exact.items() if key not in known]


def _is_the_sites(subject: Subject, domain: str, partition: str | None = None) -> bool:
    host = FORMS["cookie_domain"](domain).host
    return subject.site.owns(Names(host, partition))


def _chromium(subject: Subject) -> Iterator[Cookie]:
    rel = subject.first_of("Network/Cookies", "Cookies")
    if rel is None:
        return
    with subject.database(rel) as connection:
        version = connection.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
        hidden = _PREFIX + (_HASH if version and int(version[0]) >= _HASH_SINCE else 0)
        rows = connection.execute(
            "SELECT host_key, name, path, expires_utc, has_expires, top_frame_site_key,"
            " length(CAST(value AS BLOB)), length(encrypted_value) FROM cookies"
        ).fetchall()
    for domain, name, path, expires, has_expires, partition, plain, encrypted in rows:
        if _is_the_sites(subject, domain):
            yield Cookie(
                name,
                domain,
                path,
                plain or max(0, encrypted - hidden),
                expires / 1e6 - _CHROMIUM_EPOCH_S if has_expires else None,
                partition or "",
            )


def _firefox(subject: Subject) -> Iterator[Cookie]:
    rel = subject.first_of("cookies.sqlite")
    if rel is None:
        return
    with subject.database(rel) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        unit = 1e3 if version >= _MILLISECONDS_SINCE else 1
        rows = connection.execute(
            "SELECT host, name, path, expiry, originAttributes, length(CAST(value AS BLOB))"
            " FROM moz_cookies"
        ).fetchall()
    for domain, name, path, expiry, attributes, size in rows:
        if _is_the_sites(subject, domain):
            yield Cookie(name, domain, path, size, expiry / unit, attributes)


def _read_by_library(subject: Subject) -> dict[tuple[str, str, str], Cookie]:
    """What browser-cookie3 reads from a copy, where it needs to ask nobody for a key.

    On Linux and macOS it would open the keyring, which may ask the person: there Chromium's sizes
    stay upper bounds.
    """
    if subject.is_chromium and sys.platform != "win32":
        return {}
    with scratch() as directory:
        try:
            jar = _load(subject, directory)
        except Exception:  # noqa: BLE001  it meets keys, files and versions that are not ours
            return {}
        return {
            (each.domain, each.path, each.name): Cookie(
                each.name,
                each.domain,
                each.path,
                len((each.value or "").encode("utf-8", "replace")),
                each.expires,
                "",
            )
            for each in jar
            if _is_the_sites(subject, each.domain)
        }


def _load(subject: Subject, scratch: Path) -> http.cookiejar.CookieJar:
    jar: http.cookiejar.CookieJar
    if subject.is_chromium:
        rel = subject.first_of("Network/Cookies", "Cookies")
        copied = _copy(subject, [rel] if rel else [], scratch)
        key = str(subject.profile.user_data / "Local State")
        jar = browser_cookie3.chromium(cookie_file=str(copied[0]), key_file=key)
        return jar
    names = ["cookies.sqlite", "cookies.sqlite-wal", *_SESSION_FILES]
    copied = _copy(subject, [rel for rel in names if subject.exists(rel)], scratch)
    jar = browser_cookie3.firefox(cookie_file=str(copied[0]))
    return jar


def _copy(subject: Subject, rels: list[str], scratch: Path) -> list[Path]:
    """Opening a database, be it for reading, may leave files beside it: never in the profile."""
    copied = []
    for rel in rels:
        target = scratch / rel
        target.parent.mkdir(parents=True, exist_ok=True)
        with subject.tree.open(rel) as source, target.open("xb") as copy:
            shutil.copyfileobj(source, copy)
        copied.append(target)
    return copied
