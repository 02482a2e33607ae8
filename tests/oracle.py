"""What clearing must come to, told without the code under test."""

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from databases import copy_database
from recorder.cachekeys import other_cache_keys
from recorder.recordings import Recording

# The domains of the recorded target hosts, and the hosts below them that are not to be cleared.
DOMAINS = (
    "amazon.co.jp",
    "amazon.com",
    "media-amazon.com",
    "primevideo.com",
    "ssl-images-amazon.com",
)
URL_HOST = re.compile(rb"https?://(?:[^/?#\s@]*@)?([^/?#\s:]+)")
BARE_HOST = re.compile(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)+")
QUOTA_NAME = re.compile(r"https?\+\+\+([^+^]*)(.*)")
PARTITION = re.compile(rb"partitionKey=%28https?%2C([^%,^&]+)")
ORIGIN_NAME = re.compile(r"https?_([^_]+)_[0-9]+")
DATABASES = {
    "chromium": (
        *("Cookies", "History", "Favicons", "Top Sites", "Shortcuts", "WebStorage/QuotaManager"),
        *("LocalStorage", "SessionStorage"),
        *("DIPS", "Network Action Predictor", "Reporting and NEL", "Trust Tokens"),
        *("declarative_performance_observer.db", "heavy_ad_intervention_opt_out.db"),
        "../segmentation_platform/ukm_db",
        "Shared Dictionary/db",
    ),
    "firefox": (
        *("cookies.sqlite", "places.sqlite", "favicons.sqlite", "permissions.sqlite"),
        *("content-prefs.sqlite", "bounce-tracking-protection.sqlite", "storage.sqlite"),
        *("webappsstore.sqlite", "storage/ls-archive.sqlite"),
        "storage/permanent/chrome/idb/2918063365piupsah.sqlite",
    ),
}
CACHES = {"chromium": "Cache/Cache_Data", "firefox": "cache2"}


@dataclass(frozen=True)
class Oracle:
    """Knows which hosts of one recording are the target's."""

    recording: Recording

    def is_target(self, host: str) -> bool:
        host = host.lower().strip(".").partition(":")[0]
        if host not in DOMAINS and self.is_excluded(host):
            return False
        return any(host == domain or host.endswith(f".{domain}") for domain in DOMAINS)

    def is_excluded(self, host: str) -> bool:
        """Whether it is a host that is not to be cleared, or the domain of one."""
        excluded = (h for h, role in self.recording.manifest.hosts.items() if role == "excluded")
        return any(each == host or each.endswith(f".{host}") for each in excluded)

    def names_target(self, value: object) -> bool:
        """Whether a URL, cookie domain or origin attribute is the target's."""
        if not isinstance(value, str):
            return False
        found = URL_HOST.match(value.encode("utf-8", "replace"))
        if found:
            return self.is_target(found[1].decode("latin-1"))
        return bool(BARE_HOST.fullmatch(value)) and self.is_target(value)

    def is_target_path(self, path: str) -> bool:
        """Whether a file lies in a directory that is named after a target's origin."""
        origins = (ORIGIN_NAME.match(part) for part in path.split("/"))
        return any(self.is_target(origin[1]) for origin in origins if origin)

    def quota_directories(self) -> list[str]:
        """The target's directories in Firefox's quota storage, relative to the profile."""
        found = []
        for path in sorted((self.recording.profile / "storage").glob("*/*")):
            named_inside = path.name.startswith("uuid+++") and path / ".metadata-v2"
            if named_inside and b"amazon.co" in named_inside.read_bytes():
                found.append(path.relative_to(self.recording.profile).as_posix())
            name = QUOTA_NAME.match(path.name)
            if not name or (name[1] not in DOMAINS and self.is_excluded(name[1])):
                continue
            partitions = [match.decode() for match in PARTITION.findall(name[2].encode())]
            if any(map(self.is_target, (name[1], *partitions))):
                found.append(path.relative_to(self.recording.profile).as_posix())
        return found

    @property
    def pictures(self) -> set[str]:
        """Names of the pictures that Firefox would have of the target's pages."""
        urls = {str(page["url"]) for page in self.recording.manifest.contents.history}
        return {
            name
            for url in urls
            if self.names_target(url)
            for name in (
                hashlib.md5(url.encode(), usedforsecurity=False).hexdigest() + ".png",
                hashlib.sha256(url.encode()).hexdigest() + ".webp",
            )
        }

    @property
    def databases(self) -> list[Path]:
        names = DATABASES[self.recording.manifest.engine]
        found = [
            path for name in names if (path := (self.recording.profile / name).resolve()).exists()
        ]
        return [*found, *sorted(self.cache.glob("sqldb[0-9]"))]

    @property
    def cache(self) -> Path:
        return self.recording.cache / CACHES[self.recording.manifest.engine]

    def unexplained(self, database: Path) -> dict[str, int]:
        """Raw mentions of the target's domains beyond those in live values, by domain.

        A value is in its table and once more in every index over its column. Anything above that
        is in free pages, slack, the log or the journal.
        """
        raw = b"".join(
            path.read_bytes()
            for suffix in ("", "-wal", "-journal")
            if (path := Path(f"{database}{suffix}")).exists()
        )
        explained = dict.fromkeys(DOMAINS, 0)
        for value, copies in _live_values(database):
            for domain in DOMAINS:
                explained[domain] += copies * (_mentions(value, domain))
        return {
            domain: surplus
            for domain in DOMAINS
            if (surplus := _mentions(raw, domain) - explained[domain]) > 0
        }

    def surviving_keys(self) -> list[bytes]:
        """The keys of all entries that are in the cache."""
        if keys := other_cache_keys(self.cache):
            return [key.encode() for key in keys]
        firefox = self.recording.manifest.engine == "firefox"
        read = _cache2_key if firefox else _simple_key
        folder = self.cache / "entries" if firefox else self.cache
        files = (path for path in folder.iterdir() if path.is_file())
        return [key for path in files if (key := read(path.read_bytes()))]

    def is_target_key(self, key: bytes) -> bool:
        """Whether a cache entry is the target's: by its URL or, unless excluded, its partition."""
        *around, url = key.split(b" ") if b" " in key else [key[max(0, key.find(b"http")) :]]
        own, *others = [
            found[1].decode() for text in (url, *around) if (found := URL_HOST.search(text))
        ] or [""]
        if own not in DOMAINS and self.is_excluded(own):
            return False
        partitions = [match.decode() for match in PARTITION.findall(key)]
        return any(self.is_target(host) for host in (own, *others, *partitions))


def digests(root: Path) -> dict[str, tuple[str, int, int]]:
    """Content, mode and modification time of every file below a directory."""
    return {
        path.relative_to(root).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mode,
            path.stat().st_mtime_ns,
        )
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def _mentions(data: bytes, domain: str) -> int:
    """How often a domain occurs, as UTF-8 or UTF-16, forwards or reversed."""
    texts = {domain, domain[::-1]}
    return sum(data.count(text.encode(code)) for text in texts for code in ("ascii", "utf-16-le"))


def _live_values(database: Path) -> Iterator[tuple[bytes, int]]:
    with TemporaryDirectory() as scratch:
        copy = copy_database(database, Path(scratch) / "copy")
        with closing(sqlite3.connect(copy)) as connection:
            connection.text_factory = bytes
            tables = [
                name.decode()
                for (name,) in connection.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table'"
                )
            ]
            for table in tables:
                yield from _values_of(connection, table)


def _values_of(connection: sqlite3.Connection, table: str) -> Iterator[tuple[bytes, int]]:
    columns = [row[1].decode() for row in connection.execute(f'PRAGMA table_info("{table}")')]
    indexes = [
        row[1].decode() for row in connection.execute(f'PRAGMA index_list("{table}")').fetchall()
    ]
    indexed = [
        row[2].decode()
        for index in indexes
        for row in connection.execute(f'PRAGMA index_info("{index}")').fetchall()
        if row[2] is not None
    ]
    for row in connection.execute(f'SELECT * FROM "{table}"'):
        for column, value in zip(columns, row, strict=True):
            if isinstance(value, bytes):
                yield value, 1 + indexed.count(column)


def _simple_key(data: bytes) -> bytes:
    """net/disk_cache/simple/simple_entry_format.h: magic, version, key length, hash, pad, key."""
    if data[:8] != bytes.fromhex("305c72a71b6dfbfc"):
        return b""
    return data[24 : 24 + int.from_bytes(data[12:16], "little")]


def _cache2_key(data: bytes) -> bytes:
    """The key is the text before the first element of the metadata, ``:`` and a URL at its end."""
    found = re.search(rb"(?:[\x21-\x7e]*,)?(?:dict)?:(?:https?://|about:)[\x21-\x7e]*(?=\0)", data)
    return found[0] if found else b""
