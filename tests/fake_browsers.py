"""Directories that look to loginfix as a browser's do."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from loginfix.browsers.model import Engine, Profile

PYTHON = Path(sys.executable).name


def user_data(path: Path, profiles: Mapping[str, str]) -> Path:
    """A Chromium user data directory with these directories and the names given to them."""
    for directory in profiles:
        chromium_profile(path / directory)
    state = {"profile": {"info_cache": {key: {"name": name} for key, name in profiles.items()}}}
    path.mkdir(parents=True, exist_ok=True)
    (path / "Local State").write_text(json.dumps(state), encoding="utf-8")
    return path


def chromium_profile(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    (path / "Preferences").write_text("{}", encoding="utf-8")
    return path


def profile_root(path: Path, profiles: Mapping[str, str]) -> Path:
    """A Firefox profile root with these relative paths and the names given to them."""
    path.mkdir(parents=True, exist_ok=True)
    ini = "[General]\nStartWithLastProfile=1\nVersion=2\n"
    for number, (relative, name) in enumerate(profiles.items()):
        firefox_profile(path / relative)
        ini += f"\n[Profile{number}]\nName={name}\nIsRelative=1\nPath={relative}\n"
    (path / "profiles.ini").write_text(ini, encoding="utf-8")
    return path


def firefox_profile(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    (path / "prefs.js").write_text('user_pref("a.b", 1);\n', encoding="utf-8")
    return path


def profile_in(
    user_data: Path,
    engine: Engine,
    *,
    directory: str = "Default",
    packaging: str = "native",
    process_names: tuple[str, ...] = (PYTHON,),
) -> Profile:
    path = user_data / directory
    path.mkdir(parents=True, exist_ok=True)
    return Profile(
        brand="fake",
        brand_name="Fake Browser",
        engine=engine,
        packaging=packaging,
        name="Person 1",
        directory=directory,
        path=path,
        cache_path=path,
        user_data=user_data,
        process_names=process_names,
    )


@contextmanager
def child(code: str, *arguments: object) -> Iterator["subprocess.Popen[str]"]:
    """A Python process that has run ``code``, printed a line, and now waits."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import sys\n{code}\nprint('ready', flush=True)\nsys.stdin.read()",
            *map(str, arguments),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.communicate()


def dead_pid() -> int:
    """The id of a process that has ended."""
    with child("") as process:
        return process.pid


def files_below(path: Path) -> dict[str, tuple[int, int]]:
    """Size and modification time of everything below a directory, links not followed."""
    return {
        str(one.relative_to(path)): (one.lstat().st_size, one.lstat().st_mtime_ns)
        for one in path.rglob("*")
    }
