"""A backup that rotted or was tampered with: found by ``verify``, and refused by ``restore`` before
the first write.
"""

import hashlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

import synthetic
from forgery import fit, forge
from loginfix.browsers.brands import load_brands
from loginfix.browsers.installed import find_profiles
from loginfix.browsers.model import Profile
from loginfix.browsers.places import Home
from loginfix.clearing.restore import restore
from loginfix.directories import Directories
from loginfix.errors import BackupDamagedError, ExitCode, LoginfixError, RefusedError
from loginfix.vault.checksum import checksum_path
from loginfix.vault.paths import check_relative
from loginfix.vault.reader import Backup
from test_cli_program import FOR_SURE, backups, invoke
from test_vault_writer import needs_posix

PAGE = 4096
STEP = int(os.environ.get("LOGINFIX_FLIP_STEP", "29"))
"""Bytes from one flipped bit to the next, where nothing else asks for more."""


class Cleared:
    """A home of two browsers whose cookies of the site, and some files, are in one backup."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.firefox, self.chromium = synthetic.firefox(home), synthetic.chromium(home)
        for origin in ("https+++www.amazon.com", "https+++www.example.org"):
            folder = self.firefox.path / "storage/default" / origin / "idb"
            folder.mkdir(parents=True)
            (folder / "1.sqlite").write_bytes(os.urandom(3000))
        assert invoke(home, *FOR_SURE).code == ExitCode.DONE
        (self.backup,) = backups(home)

    @property
    def directories(self) -> Directories:
        return Directories.at(self.home)

    @property
    def profiles(self) -> tuple[Profile, ...]:
        return find_profiles(Home.at(self.home), load_brands(self.home / "none")).profiles

    def state(self) -> dict[str, tuple[int, int, bytes]]:
        """Everything outside of loginfix's own directory, and whatever is beside the home."""
        return {
            str(path): (path.lstat().st_mode, path.lstat().st_mtime_ns, content_of(path))
            for path in sorted(self.home.parent.rglob("*"))
            if ".local" not in path.parts
        }

    def restore(self) -> None:
        restore(None, self.directories, self.profiles)


def content_of(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b""


@pytest.fixture(scope="module")
def cleared(tmp_path_factory: pytest.TempPathFactory) -> Cleared:
    return Cleared(tmp_path_factory.mktemp("around") / "home")


@pytest.fixture
def damaged(cleared: Cleared) -> Iterator[Cleared]:
    """The same for a test that changes the backup, which is as it was afterwards."""
    kept = {path: path.read_bytes() for path in cleared.backup.parent.iterdir()}
    yield cleared
    for path in cleared.backup.parent.iterdir():
        path.unlink()
    for path, content in kept.items():
        path.write_bytes(content)
        path.chmod(0o600)


def places(content: bytes) -> list[int]:
    """Every byte of the file's header, of the head of each page and of its last bytes; and more."""
    found = set(range(min(100, len(content)))) | set(range(0, len(content), STEP))
    for page in range(0, len(content), PAGE):
        found |= set(range(page, page + 12)) | {page + PAGE - 1}
    return sorted(found)


def test_a_flipped_bit_anywhere_is_found_and_nothing_is_written(damaged: Cleared) -> None:
    original = damaged.backup.read_bytes()
    before = damaged.state()
    positions = places(original)
    assert len(positions) > 500
    with damaged.backup.open("r+b") as file:
        for number, position in enumerate(positions):
            for byte in (original[position] ^ 1 << number % 8, original[position]):
                file.seek(position)
                file.write(bytes((byte,)))
                file.flush()
                if byte != original[position]:
                    with pytest.raises((BackupDamagedError, RefusedError)):
                        verify(damaged.backup)
                    # The restore begins with the same check: some suffice to show that it does.
                    if number % 40 == 0:
                        with pytest.raises((BackupDamagedError, RefusedError)):
                            damaged.restore()
    verify(damaged.backup)
    assert damaged.state() == before


def test_the_pages_that_are_free_are_among_what_is_checked(damaged: Cleared) -> None:
    """A forged backup may have a free list and slack; a flip there is found like any other."""
    with closing(sqlite3.connect(damaged.backup)) as connection, connection:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("CREATE TABLE x (y)")
        connection.execute("INSERT INTO x VALUES (zeroblob(20000))")
        connection.execute("DROP TABLE x")
        connection.commit()
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    assert free > 2
    fit(damaged.backup)
    verify(damaged.backup)
    content = bytearray(damaged.backup.read_bytes())
    at = len(content) - PAGE // 2
    content[at] ^= 1
    damaged.backup.write_bytes(content)
    with pytest.raises(BackupDamagedError):
        verify(damaged.backup)


@pytest.mark.parametrize("size", [0, 1, 99, 100, PAGE - 1, PAGE, 3 * PAGE, -1])
def test_a_backup_cut_short_is_refused(damaged: Cleared, size: int) -> None:
    damaged.backup.write_bytes(damaged.backup.read_bytes()[:size])
    before = damaged.state()
    with pytest.raises(BackupDamagedError):
        damaged.restore()
    assert damaged.state() == before


def test_bytes_behind_the_end_are_found(damaged: Cleared) -> None:
    with damaged.backup.open("ab") as file:
        file.write(bytes(PAGE))
    with pytest.raises(BackupDamagedError):
        damaged.restore()


BAD_PATHS = (
    *("../x", "../../../../x", "a/../../x", "..", ".", "./x", "a/./x", "a//x", "/etc/x", "a/", ""),
    *("..\\x", "a\\b", "C:\\x", "C:x", "C:", "\\\\server\\share", "a:stream", "a\0b", "\0"),
    *(
        ".. /x",
        "... ",
        "a/. ./x",
        " ",
        "NUL",
        "nul.txt",
        "a/CON/b",
        "Aux",
        "com1",
        "LPT9.log",
        "prn ",
    ),
)


@pytest.mark.parametrize("rel", BAD_PATHS)
@pytest.mark.parametrize("table", ["files", "stores"])
def test_a_forged_path_cannot_leave_the_profile(damaged: Cleared, table: str, rel: str) -> None:
    before = damaged.state()
    change = f"UPDATE {table} SET rel = :rel WHERE id = (SELECT max(id) FROM {table})"
    forge(damaged.backup, change, rel=rel)
    with pytest.raises(BackupDamagedError, match="cannot leave the profile"):
        damaged.restore()
    assert damaged.state() == before


@pytest.mark.parametrize(
    "rel", ["a", "a.b/c", "...a", ".a", "console", "nullable.txt", "com", "é/\udcff"]
)
def test_an_ordinary_path_is_taken(rel: str) -> None:
    assert check_relative(rel) == rel


@pytest.mark.parametrize("root", ["home", "", "profile/..", "/"])
def test_a_forged_root_is_refused(damaged: Cleared, root: str) -> None:
    forge(damaged.backup, "UPDATE stores SET root = :root", root=root)
    with pytest.raises(BackupDamagedError, match="unknown place"):
        damaged.restore()


@needs_posix
def test_a_forged_profile_is_not_written_to(damaged: Cleared) -> None:
    """The place of a profile is only looked for among the browsers that are there."""
    elsewhere = damaged.home.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("x")
    before = damaged.state()
    forge(
        damaged.backup,
        "UPDATE profiles SET path = :place, cache_path = :place, user_data = :place,"
        " brand = 'none', directory = 'none'",
        place=str(elsewhere),
    )
    result = restore(None, damaged.directories, damaged.profiles)
    assert {problem.code for problem in result.problems} == {"profile-missing"}
    assert damaged.state() == before


@needs_posix
@pytest.mark.parametrize(
    "where", ["storage", "storage/default", "storage/default/https+++www.amazon.com"]
)
def test_a_link_in_the_profile_does_not_lead_a_restore_out(damaged: Cleared, where: str) -> None:
    outside = damaged.home.parent / f"outside-{where.replace('/', '-')}"
    outside.mkdir()
    link = damaged.firefox.path / where
    moved = link.with_name(link.name + "-moved")
    if link.exists():
        link.rename(moved)
    link.symlink_to(outside)
    try:
        before = sorted(outside.rglob("*"))
        with suppress(LoginfixError):
            damaged.restore()
        assert sorted(outside.rglob("*")) == before
    finally:
        link.unlink()
        if moved.exists():
            moved.rename(link)


@pytest.mark.parametrize(
    ("first", "second"), [("x", "x/y"), ("x/y", "x"), ("X", "x"), ("é", "e\u0301")]
)
def test_names_that_collide_end_in_an_error_or_in_both_files(
    damaged: Cleared, first: str, second: str
) -> None:
    """A file where a directory has to be; two names that are one on some file systems."""
    folder = "storage/default/https+++www.amazon.com"
    with closing(sqlite3.connect(damaged.backup)) as connection, connection:
        ((store, key),) = connection.execute(
            "SELECT store, id FROM files WHERE rel LIKE '%1.sqlite'"
        ).fetchall()
        connection.execute("UPDATE files SET rel = ? WHERE id = ?", (f"{folder}/{first}", key))
        connection.execute(
            "INSERT INTO files (store, rel, mode, mtime_ns, size, sha256)"
            " VALUES (?, ?, 384, 0, 0, ?)",
            (store, f"{folder}/{second}", hashlib.sha256().hexdigest()),
        )
        connection.commit()
    fit(damaged.backup)
    before = damaged.state()
    try:
        damaged.restore()
    except LoginfixError:
        assert damaged.state() == before
    else:
        assert invoke(damaged.home, *FOR_SURE).code in (ExitCode.DONE, ExitCode.PARTIAL)


@needs_posix
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o177])
def test_everything_is_private_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    synthetic.firefox(tmp_path)
    before = os.umask(mask)
    try:
        assert invoke(tmp_path, *FOR_SURE).code == ExitCode.DONE
    finally:
        os.umask(before)
    (backup,) = backups(tmp_path)
    for path in (backup, checksum_path(backup)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(backup.parent.stat().st_mode) == 0o700
    assert invoke(tmp_path, "restore", "--yes").code == ExitCode.DONE


def verify(path: Path) -> None:
    with Backup.open(path) as backup:
        assert backup.verify() == ()
