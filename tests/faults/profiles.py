"""Homes with one small profile: recorded ones, reduced to a few stores of every kind."""

import os
from fnmatch import fnmatchcase
from pathlib import Path

from recorder.recordings import unpack

_CHROMIUM = ".config/chromium"
_FIREFOX = ".mozilla/firefox/k3x9q2ab.default-esr"
_FIREFOX_CACHE = ".cache/mozilla/firefox/k3x9q2ab.default-esr"

# Which recording, and what stays of it.
SMALL = {
    # A database with a write-ahead log, edited JSON, a LevelDB, a directory of the site, a session,
    # and a cache outside the profile whose index speaks of its directory's time.
    "chromium": (
        "chromium-156-killed",
        (
            f"{_CHROMIUM}/Local State",
            f"{_CHROMIUM}/Default/Preferences",
            f"{_CHROMIUM}/Default/DIPS*",
            f"{_CHROMIUM}/Default/Local Storage/leveldb/*",
            f"{_CHROMIUM}/Default/IndexedDB/https_www.amazon.com_0.*",
            f"{_CHROMIUM}/Default/IndexedDB/https_www.example.com_0.*",
            f"{_CHROMIUM}/Default/Sessions/*",
            ".cache/chromium/Default/Cache/Cache_Data/index*",
            ".cache/chromium/Default/Cache/Cache_Data/0[29]*",
        ),
    ),
    # A database with a write-ahead log and one without, a table of slots, lines, a packed session,
    # a directory of the site, and a cache outside the profile.
    "firefox": (
        "firefox-esr-153-killed",
        (
            ".mozilla/firefox/profiles.ini",
            f"{_FIREFOX}/.parentlock",
            f"{_FIREFOX}/times.json",
            f"{_FIREFOX}/cookies.sqlite*",
            f"{_FIREFOX}/permissions.sqlite",
            f"{_FIREFOX}/SiteSecurityServiceState.bin",
            f"{_FIREFOX}/serviceworker.txt",
            f"{_FIREFOX}/sessionstore-backups/recovery.jsonlz4",
            f"{_FIREFOX}/storage/default/https+++www.amazon.com/.metadata-v2",
            f"{_FIREFOX}/storage/default/https+++www.amazon.com/ls/*",
            f"{_FIREFOX}/storage/default/https+++www.example.com/.metadata-v2",
            f"{_FIREFOX}/storage/default/https+++www.example.com/ls/*",
            f"{_FIREFOX_CACHE}/cache2/entries/0[05]*",
        ),
    ),
}


def make_home(name: str, into: Path) -> Path:
    """Make the home with the small profile ``name``, or with a whole recording of that name."""
    recording, kept = SMALL.get(name, (name, ("*",)))
    home = unpack(recording, into).home
    for path in sorted(home.rglob("*"), reverse=True):
        parent_times = path.parent.stat()
        if path.is_dir():
            if kept != ("*",) and not any(path.iterdir()):
                path.rmdir()
        elif not any(fnmatchcase(path.relative_to(home).as_posix(), each) for each in kept):
            path.unlink()
        os.utime(path.parent, ns=(parent_times.st_atime_ns, parent_times.st_mtime_ns))
    return home
