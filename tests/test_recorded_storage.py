"""What pages stored in recorded Chromium profiles: gone to the last byte, and nobody else's."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from oracle import Oracle
from recorder.recordings import names, unpack
from storage import buckets, folders, is_target_key, registrations
from test_recorded_profiles import loginfix

CHROMIUM = [name for name in names() if name.startswith("chromium")]
STORAGE = (
    *("Local Storage", "Session Storage", "LocalStorage", "SessionStorage", "IndexedDB"),
    *("WebStorage", "Service Worker", "File System"),
)
HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def files(profile: Path) -> Iterator[Path]:
    for name in STORAGE:
        path = profile / name
        yield from (each for each in path.rglob("*") if each.is_file())
        if path.is_file():
            yield path


def named(path: Path) -> set[str]:
    """The hosts in a file, in every encoding that a browser uses, at any offset."""
    data = path.read_bytes()
    texts = [data.decode("latin-1")]
    for encoding in ("utf-16-le", "utf-16-be"):
        texts += (data[start:].decode(encoding, "replace") for start in (0, 1))
    return {host for text in texts for host in HOST.findall(text)}


def naming_target(oracle: Oracle) -> dict[str, set[str]]:
    found = {}
    for path in files(oracle.recording.profile):
        if hosts := {host for host in named(path) if oracle.is_target(host)}:
            found[str(path.relative_to(oracle.recording.profile))] = hosts
    return found


@pytest.mark.parametrize("name", CHROMIUM)
def test_no_byte_of_what_pages_stored_names_the_target(name: str, tmp_path: Path) -> None:
    oracle = Oracle(unpack(name, tmp_path))
    before = naming_target(oracle)
    assert len(before) > 50
    loginfix(oracle.recording, "clear-cache", "--site", "amazon", "--only", "storage", "--yes")
    assert naming_target(oracle) == {}


@pytest.mark.parametrize("name", CHROMIUM)
def test_all_that_others_stored_is_there_under_its_old_numbers(name: str, tmp_path: Path) -> None:
    oracle = Oracle(unpack(name, tmp_path))
    profile = oracle.recording.profile
    rows, workers, origins = buckets(profile), registrations(profile), folders(profile)
    loginfix(oracle.recording, "clear-cache", "--site", "amazon", "--only", "storage", "--yes")
    assert buckets(profile) == {
        number: key for number, key in rows.items() if not is_target_key(oracle, key)
    }
    assert registrations(profile) == {
        number: (key, value)
        for number, (key, value) in workers.items()
        if not is_target_key(oracle, key)
    }
    assert folders(profile) == {
        folder: origin for folder, origin in origins.items() if not oracle.is_target_path(origin)
    }
    assert len(buckets(profile)) >= 17
