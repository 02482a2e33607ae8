"""What is measured: loginfix and, on the same files in the same run, what one would use instead."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Command, Measured, Words, measure
from benchmarks.profiles import RECIPES, Profile, prepare

_LOGINFIX = Path(sys.executable).with_name("loginfix")
_SITE = "amazon"
_DATABASES = {"history": "History", "places": "places.sqlite"}
_NOTHING_FOUND = 3
# Programs of their own: what this process used at most counts for every one that it starts.
_GONE = """
list() { (cd "$1" && find . ! -name . | LC_ALL=C sort); }
list "$1" > "$3.before"
list "$2" | LC_ALL=C comm -23 "$3.before" - > "$3"
"""


@dataclass
class Group:
    """What was measured together, by name."""

    title: str
    measured: dict[str, Measured]
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Options:
    """Where profiles are kept, how large they are, and how often each command runs."""

    directory: Path
    scale: float
    runs: int
    names: tuple[str, ...]


def start_up(options: Options) -> Group:
    """How long it takes to say a version."""
    commands = {
        "loginfix --version": Command([_LOGINFIX, "--version"]),
        "python -c pass": Command([sys.executable, "-c", "pass"]),
    }
    measured = measure(commands, options.runs * 3)
    with TemporaryDirectory() as empty:
        user_data = Path(empty) / ".config/chromium"
        (user_data / "Default").mkdir(parents=True)
        (user_data / "Default/Preferences").write_text("{}")
        (user_data / "Local State").write_text('{"profile": {"info_cache": {"Default": {}}}}')
        measured |= measure({"loginfix --dry-run, nothing there": _look_at(empty)}, options.runs)
    return Group("Start", measured)


def scans(options: Options) -> Iterator[tuple[str, Group]]:
    """Looking for the site in each profile, and in one of a tenth of its size."""
    for name in options.names:
        profile = prepare(name, options.directory, options.scale)
        small = prepare(name, options.directory, options.scale / 10)
        group = Group(f"{profile.count:,} {RECIPES[name].what}: look", {})
        commands = {"loginfix --dry-run": _dry_run(profile)}
        commands["loginfix --dry-run, a tenth"] = _dry_run(small)
        commands |= _readers(profile, options.directory, group)
        group.measured = measure(commands, options.runs)
        yield name, group


def clears(options: Options) -> Iterator[tuple[str, Group]]:
    """Taking the site out of a copy of each profile, and putting it back."""
    for name in options.names:
        profile = prepare(name, options.directory, options.scale)
        work = options.directory / "work"
        title = f"{profile.count:,} {RECIPES[name].what}: clear and restore"
        runs = max(1, options.runs // 2)
        yield name, Group(title, measure(_writers(profile, work), runs))
        shutil.rmtree(work)


def _dry_run(profile: Profile) -> Command:
    return _look_at(profile.home)


def _look_at(home: str | Path) -> Command:
    words: Words = [_LOGINFIX, "clear-cache", "--site", _SITE, "--dry-run", "--home", home]
    return Command(words, codes=(0, _NOTHING_FOUND))


def _readers(profile: Profile, directory: Path, group: Group) -> dict[str, Command]:
    commands = {}
    if shutil.which("rg"):
        words: Words = ["rg", "-uuu", "-la", _SITE, profile.data]
        commands["rg -uuu -la"] = Command(words, codes=(0, 1))
    else:
        group.left_out.append("rg is not installed")
    commands["grep -rl"] = Command(["grep", "-rl", _SITE, profile.data], codes=(0, 1))
    if profile.name not in ("simple-cache", "cache2"):
        files = [path for path in profile.data.rglob("*") if path.is_file()]
        commands["cat"] = Command(["sh", "-c", 'cat "$@" > /dev/null', "cat", *files])
    elif compiler := shutil.which("cc"):
        floor = directory / "floor"
        source = Path(__file__).with_name("floor.c")
        subprocess.run([compiler, "-O2", "-o", floor, source], check=True)
        entries = profile.data / ("entries" if profile.name == "cache2" else "")
        commands["C floor"] = Command([floor, entries])
    else:
        group.left_out.append("there is no C compiler for the floor")
    return commands


def _writers(profile: Profile, work: Path) -> dict[str, Command]:
    """In an order in which each finds what the one before has left."""
    ours, theirs, tar = work / "ours", work / "theirs", work / "gone.tar"
    names = work / "gone"

    def fresh(home: Path) -> Callable[[], None]:
        def make() -> None:
            shutil.rmtree(home, ignore_errors=True)
            home.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-a", profile.home, home], check=True)
            os.sync()  # as what has been on the disk for weeks; what is not there yet goes for less

        return make

    def gone() -> None:
        """Note what went, for the others to remove the same."""
        left = ours / profile.data.relative_to(profile.home)
        subprocess.run(["sh", "-c", _GONE, "sh", profile.data, left, names], check=True)
        fresh(theirs)()

    data = theirs / profile.data.relative_to(profile.home)
    remove = 'cd "$1" && tar -cf "$2" -T "$3" && xargs rm -rf < "$3"'
    clear: Words = [_LOGINFIX, "clear-cache", "--site", _SITE, "--yes", "--home", ours]
    commands = {
        "loginfix clear-cache": Command(clear, fresh(ours)),
        "tar + rm": Command(["sh", "-c", remove, "sh", data, tar, names], gone),
        "loginfix restore": Command([_LOGINFIX, "restore", "--yes", "--home", ours]),
        "tar -x": Command(["tar", "-xf", tar, "-C", data]),
        "cp -a": Command(
            ["cp", "-a", profile.home, work / "copy"],
            lambda: shutil.rmtree(work / "copy", ignore_errors=True),
        ),
    }
    if profile.name in _DATABASES and shutil.which("sqlite3"):
        database = profile.data / _DATABASES[profile.name]
        words: Words = ["sqlite3", database, f".backup {work / 'backup.sqlite'}"]
        commands["sqlite3 .backup"] = Command(words)
    if profile.name == "simple-cache" and (bleachbit := shutil.which("bleachbit")):
        words = ["env", f"HOME={theirs}", bleachbit, "--clean", "chromium.cache"]
        commands["bleachbit chromium.cache, all sites"] = Command(words, fresh(theirs))
    return commands
