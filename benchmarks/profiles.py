"""The profiles, made once and kept in a directory from run to run."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_MARK = "made"
_FORMAT = "3"


@dataclass(frozen=True)
class Profile:
    """A home directory; ``data`` is where its large store is, ``count`` how much of it there is."""

    name: str
    home: Path
    data: Path
    count: int


@dataclass(frozen=True)
class Recipe:
    """How a profile is made: ``count`` things at full scale, by a function of this package."""

    what: str
    count: int
    made_by: str


RECIPES = {
    "simple-cache": Recipe("entries of Chromium's cache, 13 kB each", 100_000, "caches.simple"),
    "block-cache": Recipe("entries of Chromium's cache in block files", 50_000, "caches.blocks"),
    "cache2": Recipe("entries of Firefox's cache", 100_000, "caches.firefox"),
    "history": Recipe("visits in Chromium's History, and cookies", 500_000, "databases.chromium"),
    "places": Recipe("visits in Firefox's Places, and cookies", 500_000, "databases.firefox"),
    "local-storage": Recipe("items of local storage in LevelDB", 130_000, "storage.local_storage"),
    "indexeddb": Recipe("origins with an IndexedDB", 2_000, "storage.indexed_databases"),
    "quota": Recipe("origins in Firefox's storage", 2_000, "storage.quota"),
}
_FEWEST = 40


def prepare(name: str, directory: Path, scale: float) -> Profile:
    """Make a profile, unless it is there from an earlier run at this scale.

    A process of its own makes it: one that has used much memory would pass that on, in the books
    of the system, to every process that it starts.
    """
    recipe = RECIPES[name]
    count = max(int(recipe.count * scale), _FEWEST)
    home = directory.absolute() / f"{name}-{count}"
    mark = home / _MARK
    if not mark.exists() or mark.read_text("utf-8").split("\n")[0] != _FORMAT:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        words: list[str | Path] = [
            sys.executable,
            "-m",
            "benchmarks.make",
            recipe.made_by,
            home,
            str(count),
        ]
        made = subprocess.run(words, check=True, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
        mark.write_text(f"{_FORMAT}\n{Path(made.stdout).relative_to(home)}\n", "utf-8")
    return Profile(name, home, home / mark.read_text("utf-8").split("\n")[1], count)
