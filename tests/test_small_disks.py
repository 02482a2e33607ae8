"""Disks that are really full: small ``tmpfs`` for the profile, the backups, temporary files."""

import shutil
from pathlib import Path

import pytest

import synthetic
from disks import CLEAR, DATA, mounted, profile_of, told
from other_users import missing_rights

if reason := missing_rights():
    pytest.skip(reason, allow_module_level=True)

PROFILE_SIDE, VAULT_SIDE = 9, 6
"""Exit codes: which side has failed."""


def fill(disk: Path, *, leaving: int) -> Path:
    """Take the room of a small disk, but for some bytes; gives the file that takes it."""
    room = disk / "fills the disk"
    free = shutil.disk_usage(disk).free
    room.write_bytes(bytes(max(0, free - leaving)))
    return room


def build(home: Path) -> synthetic.SyntheticProfile:
    """A profile with a database that needs room to be written anew."""
    cookies = [(f"{number}.example.org", "x" * 5000) for number in range(20)]
    return synthetic.firefox(home, [*synthetic.COOKIES, *cookies])


@pytest.mark.parametrize("leaving", [0, 120_000])
def test_a_profile_on_a_full_disk_stays_as_it_is(leaving: int, tmp_path: Path) -> None:
    home = tmp_path / "home"
    disk = home / ".mozilla"
    with mounted(disk, "-t", "tmpfs", "-o", "size=4m", "tmpfs"):
        profile = build(home)
        room = fill(disk, leaving=leaving)
        before = profile_of(home)
        code, made = told(home, *CLEAR)
        assert (code, made["error"]["code"]) == (PROFILE_SIDE, "profile-write-failed")
        assert "room" in made["error"]["next_step"] or "space" in made["error"]["next_step"]
        assert profile_of(home) == before
        assert not list((home / DATA / "backups").glob("*.loginfix"))
        room.unlink()
        goes_with_room(home, profile)


@pytest.mark.parametrize("leaving", [0, 60_000])
def test_backups_on_a_full_disk_leave_the_profile_as_it_is(leaving: int, tmp_path: Path) -> None:
    home = tmp_path / "home"
    profile = build(home)
    disk = home / DATA
    with mounted(disk, "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs"):
        room = fill(disk, leaving=leaving)
        before = profile_of(home)
        code, made = told(home, *CLEAR)
        assert code == VAULT_SIDE
        assert str(disk) in made["error"]["message"]
        assert made["error"]["next_step"]
        assert profile_of(home) == before
        assert not list((disk / "backups").glob("*.loginfix"))
        room.unlink()
        goes_with_room(home, profile)


@pytest.mark.parametrize("leaving", [0, 200_000])
def test_one_full_disk_for_both_changes_nothing(leaving: int, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with mounted(home, "-t", "tmpfs", "-o", "size=6m", "tmpfs"):
        profile = build(home)
        room = fill(home, leaving=leaving)
        before = profile_of(home)
        code, made = told(home, *CLEAR)
        assert code in (PROFILE_SIDE, VAULT_SIDE)
        assert made["error"]["next_step"]
        assert profile_of(home) == before
        room.unlink()
        goes_with_room(home, profile)


def test_a_full_disk_for_temporary_files_is_told(tmp_path: Path) -> None:
    home = tmp_path / "home"
    profile = build(home)
    # A log, so that reading needs a private copy.
    shutil.copy2(profile.cookies, f"{profile.cookies}-wal")
    before = profile_of(home)
    with mounted(tmp_path / "tmp", "-t", "tmpfs", "-o", "size=16k", "tmpfs"):
        code, made = told(home, *CLEAR, TMPDIR=str(tmp_path / "tmp"))
        assert code != 0
        assert made["problems"] or made["error"]
        assert profile_of(home) == before
    Path(f"{profile.cookies}-wal").unlink()
    goes_with_room(home, profile)


def goes_with_room(home: Path, profile: synthetic.SyntheticProfile) -> None:
    """With room again, everything works."""
    hosts = profile.hosts()
    assert told(home, *CLEAR)[0] == 0
    assert len(profile.hosts()) == len(hosts) - 2
