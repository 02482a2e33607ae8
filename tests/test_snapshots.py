"""Snapshots, which Chromium makes of its profiles at an upgrade, are cleared like the profiles.

Their layout is that of ``chrome/browser/downgrade/snapshot_manager.cc`` and
``snapshot_file_collector.cc``; their files are copies of recorded ones, as Chromium makes them.
"""

import shutil
from pathlib import Path

import pytest

from databases import dump
from oracle import Oracle, digests
from recorder.recordings import unpack
from test_recorded_profiles import loginfix

DATABASES = ("History", "Favicons", "Top Sites", "Cookies")
OWN = ("Bookmarks", "Login Data", "Web Data", "Secure Preferences")
FILES = (*DATABASES, "Preferences", *OWN)


SESSION = "Sessions/Session_13440000000000000"


def take_snapshot(user_data: Path, version: str, profile: str = "Default") -> Path:
    target = user_data / "Snapshots" / version / profile
    target.mkdir(parents=True)
    for name in FILES:
        for suffix in ("", "-journal", "-wal"):
            source = user_data / "Default" / f"{name}{suffix}"
            if source.exists():
                shutil.copy2(source, target / source.name)
    (target / SESSION).parent.mkdir()
    (target / SESSION).write_bytes(b"SNSS https://www.amazon.co.jp/ https://www.example.org/")
    shutil.copy2(user_data / "Local State", target.parent / "Local State")
    shutil.copy2(user_data / "Last Version", target.parent / "Last Version")
    return target


@pytest.mark.parametrize("name", ["chromium-156", "chromium-156-killed"])
def test_every_snapshot_of_every_profile_is_cleared_and_comes_back(
    name: str, tmp_path: Path
) -> None:
    recording = unpack(name, tmp_path / "home")
    oracle = Oracle(recording)
    snapshots = [
        take_snapshot(recording.user_data, "150.0.7871.100"),
        take_snapshot(recording.user_data, "155.0.1.2"),
        take_snapshot(recording.user_data, "155.0.1.2", "Profile 1"),
    ]
    databases = [each / file for each in snapshots for file in DATABASES if (each / file).exists()]
    assert len(databases) >= 9
    files = digests(recording.user_data / "Snapshots")
    before = {path: dump(path, tmp_path) for path in databases}
    loginfix(recording, "clear-cache", "--site", "amazon", "--yes")
    changed = 0
    for path in databases:
        assert oracle.unexplained(path) == {}, path
        after = dump(path, tmp_path)
        changed += after != before[path]
        original = recording.profile / path.name
        assert after == dump(original, tmp_path), path
    assert changed >= 6
    own = digests(recording.profile)["Preferences"]
    now = digests(recording.user_data / "Snapshots")
    for rel, facts in files.items():
        if rel.endswith(SESSION):
            assert rel not in now
        elif rel.endswith("/Preferences"):
            assert now[rel][0] == own[0] != facts[0]
        elif not rel.endswith(DATABASES) and not rel.endswith(("-journal", "-wal")):
            assert now[rel] == facts, rel
    loginfix(recording, "restore", "--yes")
    assert {path: dump(path, tmp_path) for path in databases} == before
    assert all((each / SESSION).exists() for each in snapshots)


def test_a_link_in_place_of_the_snapshots_is_not_followed(tmp_path: Path) -> None:
    recording = unpack("chromium-156", tmp_path / "home")
    snapshot = take_snapshot(recording.user_data, "155.0.1.2")
    elsewhere = tmp_path / "elsewhere"
    shutil.move(recording.user_data / "Snapshots", elsewhere)
    (recording.user_data / "Snapshots").symlink_to(elsewhere)
    before = digests(elsewhere)
    assert snapshot.exists()
    loginfix(recording, "clear-cache", "--site", "amazon", "--yes")
    assert digests(elsewhere) == before
