"""What a recorded Chromium profile keeps for sites, told without the code under test.

Only LevelDB databases are read with the project's own reader, which has its own tests.
"""

import hashlib
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from leveldbs import opener
from loginfix.formats.leveldb import read_database
from oracle import Oracle

STORAGE_KEY = re.compile(r"https?://([^/:^]+)(?::[0-9]+)?/?(?:\^0https?://([^/:^]+))?.*", re.DOTALL)

Pairs = dict[bytes, bytes]


def pairs(directory: Path) -> Pairs:
    """The live pairs of a LevelDB database; none where there is no database."""
    if not (directory / "CURRENT").exists():
        return {}
    files = {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}
    return dict(read_database(files, opener(files)).live())


def is_target_key(oracle: Oracle, key: str) -> bool:
    """Whether a storage key is the target's: by its own host or, unless excluded, its partition."""
    found = STORAGE_KEY.fullmatch(key)
    if found is None:
        return False
    host, partition = found.groups()
    if oracle.is_target(host):
        return True
    excluded = oracle.is_excluded(host)
    return bool(partition) and not excluded and oracle.is_target(partition)


def buckets(profile: Path) -> dict[int, str]:
    """Storage keys by number of bucket."""
    with closing(sqlite3.connect(profile / "WebStorage/QuotaManager")) as database:
        return dict(database.execute("SELECT id, storage_key FROM buckets"))


def registrations(profile: Path) -> dict[bytes, tuple[str, bytes]]:
    """Storage key and record of each service worker, by its number."""
    found = {}
    for key, value in pairs(profile / "Service Worker/Database").items():
        if key.startswith(b"REG:"):
            storage_key, _, number = key[4:].partition(b"\0")
            found[number] = (storage_key.decode(), value)
    return found


def scripts(profile: Path) -> dict[str, str]:
    """Storage key by name of a script's file."""
    live = pairs(profile / "Service Worker/Database")
    keys = {number: key for number, (key, _) in registrations(profile).items()}
    found = {}
    for key in live:
        if key.startswith(b"RES:"):
            # Every recorded worker has one version, with the number of its registration.
            version, _, resource = key[4:].partition(b"\0")
            name = hashlib.sha1(resource, usedforsecurity=False).digest()[:8][::-1].hex()
            found[f"{name}_0"] = keys[version]
    return found


def folders(profile: Path) -> dict[str, str]:
    """Origin identifier by folder of the sandboxed file system."""
    live = pairs(profile / "File System/Origins")
    return {
        value.decode(): key[7:].decode()
        for key, value in live.items()
        if key.startswith(b"ORIGIN:")
    }


def caches(oracle: Oracle) -> dict[str, str]:
    """Origin identifier by folder of Cache Storage."""
    found = {}
    for place in oracle.recording.manifest.places:
        scheme, _, host = place.origin.partition("://")
        identifier = f"{scheme}_{host.replace(':', '_') if ':' in host else f'{host}_0'}"
        name = hashlib.sha1(identifier.encode(), usedforsecurity=False).hexdigest()
        found[name] = identifier
    return found


def target_paths(oracle: Oracle) -> list[str]:
    """The directories and files of the target, relative to the profile."""
    profile = oracle.recording.profile
    databases = [path.name for path in (profile / "IndexedDB").iterdir()]
    by_key = {
        **{f"WebStorage/{number}": key for number, key in buckets(profile).items()},
        **{f"Service Worker/ScriptCache/{name}": key for name, key in scripts(profile).items()},
    }
    by_origin = {
        **{f"IndexedDB/{name}": name for name in databases},
        **{f"File System/{name}": origin for name, origin in folders(profile).items()},
        **{f"Service Worker/CacheStorage/{name}": at for name, at in caches(oracle).items()},
    }
    return [
        *(path for path, key in by_key.items() if is_target_key(oracle, key)),
        *(path for path, origin in by_origin.items() if oracle.is_target_path(origin)),
    ]
