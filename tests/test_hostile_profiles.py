"""Profiles in which somebody has planted things: nothing outside is reached, the rest is done.

General properties, on recorded profiles: any kind of thing in any place, also while the program is
at work, and any name that a file system takes.
"""

import inspect
import json
import os
import random
import select
import shutil
import signal
import socket
import sqlite3
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import synthetic
from loginfix.clearing.writable import WritableTree
from loginfix.cli.program import main
from oracle import digests
from recorder.recordings import Recording, unpack

if sys.platform == "win32":
    pytest.skip("pipes, sockets and links of POSIX", allow_module_level=True)

VAULT = ".local/share/loginfix"
CLEAR = ("clear-cache", "--site", "amazon", "--yes")
LOOK = (("browsers",), ("doctor", "--site", "amazon"), ("trace", "--site", "amazon"))
DONE = (0, 3, 4, 17)
SECONDS = 60
DEEP = 3_000  # more than the stack holds calls, and a path bytes
SWAPS = 3
RECORDINGS = ("chromium-150", "firefox-esr-140")
ROUNDS = int(os.environ.get("LOGINFIX_HOSTILE", "1"))
PLACES = 30


@dataclass(frozen=True)
class Ended:
    code: int
    out: str

    @property
    def told(self) -> dict[str, Any]:
        decoded: dict[str, Any] = json.loads(self.out)
        return decoded


@pytest.fixture
def loginfix(capsysbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Ended]:
    """Runs the program here, which has to end in time."""

    def run(home: Path, *arguments: str) -> Ended:
        def late(*_: object) -> None:
            raise AssertionError(f"{arguments} did not end in {SECONDS} seconds")

        signal.signal(signal.SIGALRM, late)
        signal.alarm(SECONDS)
        try:
            with pytest.raises(SystemExit) as ended:
                main.main([*arguments, "--home", str(home)])
        finally:
            signal.alarm(0)
        captured = capsysbinary.readouterr()
        assert b"Traceback" not in captured.err
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, (captured.out + captured.err).decode())

    return run


def as_link(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def as_dangling_link(path: Path, _: Path) -> None:
    path.symlink_to("/nowhere/at/all")


def as_loop(path: Path, _: Path) -> None:
    path.symlink_to(path.name)


def as_pipe(path: Path, _: Path) -> None:
    os.mkfifo(path)


def as_socket(path: Path, _: Path) -> None:
    # An address has room for a hundred bytes.
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(before)


def as_device(path: Path, _: Path) -> None:
    """One that has no end; a pipe where only root may make devices."""
    if os.geteuid() == 0:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    else:
        os.mkfifo(path)


def as_folder(path: Path, _: Path) -> None:
    path.mkdir()
    (path / "in it").write_text("https://www.amazon.com/")


PLANTS = (as_link, as_dangling_link, as_loop, as_pipe, as_socket, as_device, as_folder)


@dataclass
class Planted:
    """What somebody put into a home, and what lies outside of it."""

    recording: Recording
    outside: Path
    planted: dict[Path, int]

    @classmethod
    def into(cls, recording: Recording, outside: Path) -> "Planted":
        outside.mkdir()
        return cls(recording, outside, {})

    def places(self) -> list[Path]:
        """Every file and folder of the browser, and those that are often there but not now."""
        home, manifest = self.recording.home, self.recording.manifest
        found = {
            p for root in (manifest.user_data, manifest.cache) for p in (home / root).rglob("*")
        }
        beside = {
            Path(f"{p}{end}")
            for p in found
            for end in ("-wal", "-shm", "-journal")
            if p.suffix in (".sqlite", ".db") or p.name in ("Cookies", "History", "Favicons")
        }
        return sorted(p for p in found | beside if not p.is_symlink())

    def plant(self, path: Path, kind: Callable[[Path, Path], None]) -> None:
        """Put something in the place of a file or folder, which moves out."""
        if not path.parent.is_dir() or any(
            path.is_relative_to(there) or there.is_relative_to(path) for there in self.planted
        ):
            return
        target = self.outside / f"{len(self.planted)}"
        if os.path.lexists(path):
            shutil.move(path, target)
        else:
            target.write_text("nothing")
        for each in (target, *target.rglob("*")):
            if each.is_file():
                with each.open("ab") as file:
                    file.write(b"outside")
        kind(path, target)
        self.planted[path] = path.lstat().st_ino

    def state(self) -> dict[str, tuple[Any, ...]]:
        """All that can be seen of what is outside, but for when it was read."""
        return {
            str(path): (
                s.st_ino,
                s.st_mode,
                s.st_uid,
                s.st_nlink,
                s.st_size,
                s.st_mtime_ns,
                sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
            )
            for path in (self.outside, *sorted(self.outside.rglob("*")))
            for s in (path.lstat(),)
        }

    def is_in_a_backup(self) -> bool:
        """Whether a backup has the content of a file that is outside."""
        contents = {
            sha256(p.read_bytes()).hexdigest() for p in self.outside.rglob("*") if p.is_file()
        }
        saved = set()
        for backup in (self.recording.home / VAULT / "backups").glob("*.loginfix"):
            with closing(sqlite3.connect(backup)) as database:
                saved |= {hash_ for (hash_,) in database.execute("SELECT sha256 FROM files")}
        return not saved.isdisjoint(contents)


def contents(home: Path) -> dict[str, str]:
    """Every plain file of the browsers."""
    return {p: facts[0] for p, facts in digests(home).items() if not p.startswith(VAULT)}


def deepen(folder: Path, depth: int = DEEP) -> None:
    """Put folders into each other, by descriptor: no path is as long."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    leaf = os.open("leaf", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=here)
    os.write(leaf, b"https://www.amazon.com/")
    os.close(leaf)
    os.close(here)


def flatten(folder: Path) -> None:
    """Remove what ``deepen`` made, from the bottom up."""
    here = os.open(folder, os.O_RDONLY)
    while True:
        try:
            inner = os.open("d", os.O_RDONLY, dir_fd=here)
        except FileNotFoundError:
            break
        os.close(here)
        here = inner
    os.unlink("leaf", dir_fd=here)
    while not os.path.samestat(os.fstat(here), folder.stat()):
        above = os.open("..", os.O_RDONLY, dir_fd=here)
        os.rmdir("d", dir_fd=above)
        os.close(here)
        here = above
    os.close(here)


@pytest.fixture
def deep_folders() -> Iterator[Callable[[Path], None]]:
    """Deepens a folder, and removes it again at the end, which takes pytest for ever."""
    made: list[Path] = []

    def deep(folder: Path) -> None:
        made.append(folder)
        deepen(folder)

    yield deep
    for folder in made:
        flatten(folder)


def found(loginfix: Callable[..., Ended], home: Path) -> dict[str, int]:
    """How many items of the site each store holds."""
    told = loginfix(home, *CLEAR, "--dry-run", "--json").told
    return {
        f"{profile['id']} {store['path']}": store["items"]
        for profile in told["data"]["profiles"]
        for store in profile["stores"]
        if store["state"] == "found"
    }


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize("name", RECORDINGS)
def test_whatever_is_planted_nothing_outside_is_reached_and_the_rest_is_done(
    name: str, seed: int, tmp_path: Path, loginfix: Callable[..., Ended]
) -> None:
    chance = random.Random(f"{name} {seed}")  # noqa: S311
    home = tmp_path / "home"
    planted = Planted.into(unpack(name, home), tmp_path / "outside")
    for path in chance.sample(planted.places(), PLACES):
        planted.plant(path, chance.choice(PLANTS))
    outside, before, items = planted.state(), contents(home), found(loginfix, home)
    assert loginfix(home, "trace", "--site", "amazon").code in DONE
    assert contents(home) == before

    cleared = loginfix(home, *CLEAR)
    assert cleared.code in DONE, cleared.out
    assert sum(found(loginfix, home).values()) < sum(items.values())
    assert not planted.is_in_a_backup()
    restored = loginfix(home, "restore", "--yes")
    assert restored.code in DONE, restored.out
    assert found(loginfix, home) == items
    assert planted.state() == outside
    assert {path: path.lstat().st_ino for path in planted.planted if not path.is_dir()} == {
        path: inode for path, inode in planted.planted.items() if not path.is_dir()
    }
    assert not [p for p in home.rglob("*") if p.name.startswith(".loginfix-")]
    assert loginfix(home, "recover").code == 3


DATA = ".local/share/loginfix"
TOGETHER = {
    "lists": (
        ".config/chromium/Local State",
        ".config/chromium/SingletonLock",
        ".config/chromium/Default/Preferences",
        ".mozilla/firefox/profiles.ini",
        ".mozilla/firefox/installs.ini",
        ".mozilla/firefox/Profile Groups/one.sqlite",
        ".mozilla/firefox/ab12cd34.default/prefs.js",
        ".mozilla/firefox/ab12cd34.default/.parentlock",
        ".mozilla/firefox/ab12cd34.default/cookies.sqlite-wal",
    ),
    "records": (
        f"{DATA}/lock",
        f"{DATA}/journal/x.journal",
        f"{DATA}/journal/x.journal.tmp",
        f"{DATA}/backups/20260101-000000-amazon.loginfix",
        f"{DATA}/backups/20260101-000000-amazon.loginfix.part",
        f"{DATA}/backups/20260102-000000-amazon.loginfix.sha256",
    ),
    "journal": (f"{DATA}/journal",),
    "backups": (f"{DATA}/backups",),
    "data": (DATA,),
    "site": (".config/loginfix/sites/mine.toml",),
    "brand": (".config/loginfix/browsers/mine.toml",),
}


@pytest.mark.parametrize("kind", [as_pipe, as_device])
@pytest.mark.parametrize("places", TOGETHER.values(), ids=TOGETHER.keys())
def test_nothing_waits_or_reads_for_ever(
    places: tuple[str, ...],
    kind: Callable[[Path, Path], None],
    tmp_path: Path,
    loginfix: Callable[..., Ended],
) -> None:
    synthetic.firefox(tmp_path)
    (tmp_path / ".mozilla/firefox/ab12cd34.default/times.json").write_text("{}")
    synthetic.chromium(tmp_path)
    for place in places:
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        kind(path, path)
    for command in (*LOOK, CLEAR, ("restore", "--yes"), ("recover",)):
        ended = loginfix(tmp_path, *command)
        assert ended.code != 1, ended.out


def test_folders_that_are_thousands_deep_are_left_alone_and_named(
    tmp_path: Path, deep_folders: Callable[[Path], None], loginfix: Callable[..., Ended]
) -> None:
    firefox = synthetic.firefox(tmp_path)
    storage = firefox.path / "storage/default"
    other, own = storage / "https+++example.org", storage / "https+++www.amazon.com"
    for folder in (other, own, firefox.path / "cache2/entries"):
        folder.mkdir(parents=True)
        deep_folders(folder)
    for look in LOOK:
        assert loginfix(tmp_path, *look).code in DONE
    cleared = loginfix(tmp_path, *CLEAR, "--json").told
    assert cleared["exit_code"] == 4
    assert any(str(own) in problem["message"] for problem in cleared["problems"])
    assert firefox.hosts() == ["example.org", "notamazon.com"]
    assert (own / "d").is_dir()
    assert loginfix(tmp_path, "restore", "--yes").code == 0
    assert len(firefox.hosts()) == 4


def test_a_staging_folder_in_which_folders_are_too_deep_is_tidied_up(tmp_path: Path) -> None:
    with WritableTree(tmp_path) as tree:
        tree.make_directory("staging")
        deepen(tmp_path / "staging", 150)
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(len(inspect.stack()) + 100)
        try:
            tree.remove("staging")
        finally:
            sys.setrecursionlimit(before)
    assert list(tmp_path.iterdir()) == []


ODD = (
    *(b"\xff\xfe", b"a\nb", b"\x1b[2J\x1b]0;owned\x07", b"caf\xc3\xa9"),
    *(b"A", b"a", b"a b", b"\xe2\x80\xae"),
)


def test_any_name_that_a_file_system_takes_goes_and_comes_back(
    tmp_path: Path, loginfix: Callable[..., Ended]
) -> None:
    home = tmp_path / os.fsdecode(b"home\xff\n\x1b[2J")
    firefox = synthetic.firefox(home, name="\x1b]0;owned\x07")
    own = firefox.path / "storage/default/https+++www.amazon.com/ls"
    for number, name in enumerate(ODD):
        (own / os.fsdecode(name)).mkdir(parents=True)
        (own / os.fsdecode(name) / os.fsdecode(name)).write_bytes(bytes([number]))
        (firefox.path / os.fsdecode(name)).write_bytes(b"not a browser's")
    before = contents(home)
    for look in (*LOOK, (*CLEAR, "--dry-run")):
        said = loginfix(home, *look)
        assert said.code in DONE
        assert all(character.isprintable() or character == "\n" for character in said.out)
    cleared = loginfix(home, *CLEAR, "--json")
    assert cleared.code == 0, cleared.out
    assert cleared.out.isascii()
    assert not own.exists()
    assert loginfix(home, "backups", "verify").code == 0
    assert loginfix(home, "restore", "--yes").code == 0
    cookies = firefox.cookies.relative_to(home).as_posix()
    assert {**contents(home), cookies: ""} == {**before, cookies: ""}


@contextmanager
def swapping(folder: Path, outside: Path) -> Iterator[None]:
    """Somebody who makes a folder a link, to one that looks alike, and back, all the time."""
    aside = folder.with_name("aside")
    stop, stopped = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(stopped)
        try:
            while not select.select([stop], [], [], 0.0005)[0]:
                folder.rename(aside)
                folder.symlink_to(outside)
                time.sleep(0.0005)
                folder.unlink()
                aside.rename(folder)
        finally:
            os._exit(0)
    os.close(stop)
    try:
        yield
    finally:
        os.close(stopped)
        os.waitpid(child, 0)


@pytest.mark.parametrize("where", ["storage/default", "storage/default/https+++www.amazon.com"])
def test_a_folder_that_is_swapped_for_a_link_all_the_time_leads_nowhere(
    where: str, tmp_path: Path, loginfix: Callable[..., Ended]
) -> None:
    home = tmp_path / "home"
    firefox = synthetic.firefox(home)
    storage = firefox.path / "storage/default"
    for host in ("www.amazon.com", "www.amazon.co.jp", "example.org"):
        for number in range(20):
            path = storage / f"https+++{host}" / "ls" / str(number)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{host} {number}")
    outside = tmp_path / "outside"
    shutil.copytree(firefox.path / where, outside)
    for path in (path for path in outside.rglob("*") if path.is_file()):
        path.write_text("outside " + path.read_text())
    state = Planted(Recording(home, None), outside, {})  # type: ignore[arg-type]
    before = state.state()
    for _ in range(SWAPS):
        with swapping(firefox.path / where, outside):
            for command in (LOOK[2], CLEAR, ("restore", "--yes")):
                loginfix(home, *command)  # however it ends
        assert loginfix(home, "recover").code in DONE
        assert state.state() == before
        assert not state.is_in_a_backup()
    assert loginfix(home, *CLEAR).code in DONE
    assert firefox.hosts() == ["example.org", "notamazon.com"]
    assert not list(firefox.path.glob(".loginfix-*"))
