"""A real profile in every place where Firefox may have one: found, cleared, and put back."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from oracle import Oracle
from recorder.recordings import Recording, unpack

NAME = "k3x9q2ab.default-esr"


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return unpack("firefox-esr-153", tmp_path / "recorded")


def loginfix(home: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "loginfix", *arguments, "--json", "--home", str(home)],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == code, done.stdout + done.stderr
    envelope: dict[str, Any] = json.loads(done.stdout)
    return envelope


def ini(root: Path, path: str, *, relative: bool) -> None:
    root.mkdir(parents=True, exist_ok=True)
    root.joinpath("profiles.ini").write_text(
        "[General]\nStartWithLastProfile=1\nVersion=2\n\n"
        f"[Profile0]\nName=default\nIsRelative={int(relative)}\nPath={path}\nDefault=1\n",
        encoding="utf-8",
    )


def move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)


def absolute(recording: Recording, home: Path) -> tuple[Path, Path]:
    """Registered by an absolute path: caches are inside the profile."""
    profile = home / "disk" / "mine"
    move(recording.profile, profile)
    move(recording.cache / "cache2", profile / "cache2")
    ini(home / ".mozilla" / "firefox", str(profile), relative=False)
    return profile, profile / "cache2"


def snap(recording: Recording, home: Path) -> tuple[Path, Path]:
    root = home / "snap" / "firefox" / "common"
    move(recording.profile, root / ".mozilla" / "firefox" / NAME)
    move(recording.cache, root / ".cache" / "mozilla" / "firefox" / NAME)
    ini(root / ".mozilla" / "firefox", NAME, relative=True)
    return root / ".mozilla/firefox" / NAME, root / ".cache/mozilla/firefox" / NAME / "cache2"


def flatpak(recording: Recording, home: Path) -> tuple[Path, Path]:
    root = home / ".var" / "app" / "org.mozilla.firefox"
    move(recording.profile, root / "config" / "mozilla" / "firefox" / NAME)
    move(recording.cache, root / "cache" / "mozilla" / "firefox" / NAME)
    ini(root / "config" / "mozilla" / "firefox", NAME, relative=True)
    return root / "config/mozilla/firefox" / NAME, root / "cache/mozilla/firefox" / NAME / "cache2"


def group(recording: Recording, home: Path) -> tuple[Path, Path]:
    """Made in the profile selector: only the group's database names it."""
    root = home / ".mozilla" / "firefox"
    move(recording.profile, root / "group.made")
    move(recording.cache, home / ".cache" / "mozilla" / "firefox" / "group.made")
    (root / "first.default").mkdir()
    (root / "first.default" / "prefs.js").write_text("")
    ini(root, "first.default", relative=True)
    (root / "Profile Groups").mkdir()
    with closing(sqlite3.connect(root / "Profile Groups" / "1.sqlite")) as database, database:
        database.execute("CREATE TABLE Profiles (id INTEGER PRIMARY KEY, path TEXT, name TEXT)")
        database.execute("INSERT INTO Profiles VALUES (1, 'group.made', 'made')")
    return root / "group.made", home / ".cache/mozilla/firefox/group.made/cache2"


def _moved(recording: Recording, home: Path, to: Path) -> tuple[Path, Path]:
    profile = home / ".mozilla" / "firefox" / NAME
    move(recording.profile, profile)
    # Thumbnails stay where caches always are; so does what was cached before the move.
    move(recording.cache, home / ".cache" / "mozilla" / "firefox" / NAME)
    shutil.copytree(home / ".cache/mozilla/firefox" / NAME / "cache2", to / "cache2")
    ini(home / ".mozilla" / "firefox", NAME, relative=True)
    pref = f'user_pref("browser.cache.disk.parent_directory", {json.dumps(str(to))});\n'
    with (profile / "prefs.js").open("a", encoding="utf-8") as file:
        file.write(pref)
    return profile, to / "cache2"


def moved_away(recording: Recording, home: Path) -> tuple[Path, Path]:
    return _moved(recording, home, home / "ram disk")


def moved_inside(recording: Recording, home: Path) -> tuple[Path, Path]:
    return _moved(recording, home, home / ".mozilla" / "firefox" / NAME / "my" / "cache")


@pytest.mark.parametrize(
    "layout",
    [absolute, snap, flatpak, group, moved_away, moved_inside],
    ids=lambda one: one.__name__,
)
def test_a_profile_is_found_cleared_and_put_back_wherever_it_is(
    layout: Callable[[Recording, Path], tuple[Path, Path]], recording: Recording, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    profile, cache = layout(recording, home)
    caches = {cache, *home.rglob("cache2")}
    oracle = Oracle(recording)

    def state() -> dict[str, int]:
        entries = {str(path): len([*(path / "entries").iterdir()]) for path in sorted(caches)}
        origins = len([*(profile / "storage" / "default").iterdir()])
        return {**entries, "origins": origins}

    before = state()
    loginfix(home, "clear-cache", "--site", "amazon", "--yes")
    after = state()
    assert all(0 < after[each] < before[each] - 5 for each in before)
    for path in caches:
        keys = [
            entry
            for entry in (path / "entries").iterdir()
            if b":https://www.amazon.co.jp/" in entry.read_bytes()
        ]
        assert keys == []
    assert not (profile / "storage/default/https+++www.amazon.co.jp").exists()
    assert oracle.is_target("www.amazon.co.jp")
    loginfix(home, "clear-cache", "--site", "amazon", "--yes", code=3)
    loginfix(home, "restore", "--yes")
    assert state() == before


def test_a_cache_moved_around_the_profile_is_named_and_left_alone(
    recording: Recording, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    _, cache = _moved(recording, home, home)
    entries = sorted(path.name for path in (cache / "entries").iterdir())
    done = loginfix(home, "clear-cache", "--site", "amazon", "--yes", code=4)
    (problem,) = done["problems"]
    assert problem["path"] == str(home)
    assert problem["next_step"]
    assert sorted(path.name for path in (cache / "entries").iterdir()) == entries
