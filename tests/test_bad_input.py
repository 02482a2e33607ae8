"""What goes wrong on real machines: each with a clear message, its exit code, and nothing lost."""

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from oracle import Oracle, digests
from recorder.recordings import Recording, unpack

# Root may read everything unless it gives that up.
SETPRIV = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
WITHOUT_OVERRIDE = SETPRIV if os.geteuid() == 0 else ()
VAULT = ".local/share/loginfix"


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return unpack("chromium-156", tmp_path / "home")


def loginfix(
    recording: Recording,
    *arguments: str,
    before: Callable[[], None] | None = None,
    through: Sequence[str] = (),
) -> tuple[int, dict[str, Any]]:
    """Run the program, perhaps by another one; returns the exit code and its JSON."""
    done = subprocess.run(
        [
            *through,
            sys.executable,
            "-m",
            "loginfix",
            *arguments,
            "--json",
            "--home",
            str(recording.home),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=before,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


def clear(
    recording: Recording,
    *more: str,
    before: Callable[[], None] | None = None,
    through: Sequence[str] = (),
) -> tuple[int, dict[str, Any]]:
    arguments = ("clear-cache", "--site", "amazon", "--yes", *more)
    return loginfix(recording, *arguments, before=before, through=through)


def profile_state(recording: Recording) -> dict[str, tuple[str, int, int]]:
    return {
        path: facts for path, facts in digests(recording.home).items() if not path.startswith(VAULT)
    }


def limit(size: int) -> Callable[[], None]:
    """A disk on which no file can grow beyond ``size`` bytes."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_full_disk_under_the_profile(recording: Recording) -> None:
    state = profile_state(recording)
    code, told = clear(recording, "--only", "history", before=limit(100_000))
    assert code == 9
    assert told["error"]["code"] == "profile-write-failed"
    assert "History" in told["error"]["message"]
    assert "room" in told["error"]["next_step"]
    assert profile_state(recording) == state
    assert not list((recording.home / VAULT / "backups").glob("*.loginfix*"))
    assert clear(recording)[0] == 0


def test_a_full_disk_under_the_backups(recording: Recording) -> None:
    state = profile_state(recording)
    code, told = clear(recording, "--only", "cache", before=limit(100_000))
    assert code == 6
    assert told["error"]["code"] == "backup-failed"
    assert told["error"]["next_step"]
    assert profile_state(recording) == state
    assert not list((recording.home / VAULT / "backups").glob("*.loginfix"))
    assert clear(recording)[0] == 0


def test_a_full_disk_while_restoring(recording: Recording) -> None:
    clear(recording)
    state = profile_state(recording)
    code, told = loginfix(recording, "restore", "--yes", before=limit(100_000))
    assert code == 9
    assert told["error"]["code"] == "profile-write-failed"
    assert profile_state(recording) == state
    assert loginfix(recording, "restore", "--yes")[0] == 0


def test_a_corrupted_database_is_left_alone_and_the_rest_is_cleared(recording: Recording) -> None:
    path = recording.profile / "History"
    content = bytearray(path.read_bytes())
    content[4096 : len(content) // 2] = os.urandom(len(content) // 2 - 4096)
    path.write_bytes(content)
    code, told = clear(recording)
    assert code == 4
    (problem,) = told["problems"]
    assert problem["code"] == "damaged-file"
    assert problem["path"] == str(path)
    assert problem["next_step"]
    assert path.read_bytes() == content
    assert Oracle(recording).unexplained(recording.profile / "Cookies") == {}


def test_a_truncated_cache_file_is_left_alone_and_the_rest_is_cleared(
    recording: Recording,
) -> None:
    cache = recording.cache / "Cache/Cache_Data"
    victim = next(path for path in cache.iterdir() if path.name.endswith("_0"))
    victim.write_bytes(victim.read_bytes()[:30])
    code, told = clear(recording)
    assert code == 4
    assert [problem["path"] for problem in told["problems"]] == [str(victim)]
    assert victim.stat().st_size == 30
    code, told = clear(recording)
    assert code == 4


def test_a_database_that_is_a_link_is_not_followed(recording: Recording, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.move(recording.profile / "Cookies", outside)
    (recording.profile / "Cookies").symlink_to(outside)
    content = outside.read_bytes()
    code, told = clear(recording)
    assert code == 4
    assert [problem["code"] for problem in told["problems"]] == ["unsafe-path"]
    assert outside.read_bytes() == content
    assert (recording.profile / "Cookies").is_symlink()


def test_a_hard_linked_database_keeps_its_other_name(recording: Recording, tmp_path: Path) -> None:
    other = tmp_path / "other name"
    other.hardlink_to(recording.profile / "Cookies")
    content = other.read_bytes()
    assert clear(recording)[0] == 0
    assert other.read_bytes() == content


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder that is another user's")
def test_root_does_not_touch_another_users_profile(recording: Recording) -> None:
    os.chown(recording.profile, 65534, 65534)
    state = profile_state(recording)
    code, told = clear(recording)
    assert code == 14
    assert told["error"]["code"] == "refused"
    assert profile_state(recording) == state


@pytest.mark.parametrize("what", ["", "Cookies", "../../../.cache/chromium/Default/Cache"])
def test_what_cannot_be_read_is_named_and_the_rest_is_cleared(
    what: str, recording: Recording
) -> None:
    path = (recording.profile / what).resolve()
    mode = path.stat().st_mode
    path.chmod(0)
    code, told = clear(recording, through=WITHOUT_OVERRIDE)
    path.chmod(mode)
    assert code == (8 if path == recording.profile else 4)
    problems = told["problems"] or [told["error"]]
    assert any(str(path) in problem["message"] for problem in problems)
    assert all(problem["next_step"] for problem in problems)


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
def test_a_backup_with_a_flipped_bit_is_refused(at: float, recording: Recording) -> None:
    clear(recording)
    state = profile_state(recording)
    (backup,) = (recording.home / VAULT / "backups").glob("*.loginfix")
    content = bytearray(backup.read_bytes())
    content[int(len(content) * at)] ^= 4
    backup.write_bytes(content)
    for arguments in (["backups", "verify"], ["restore", "--yes"]):
        code, told = loginfix(recording, *arguments)
        assert code == 10
        error = told["error"] or told["problems"][0]
        assert error["code"] == "backup-damaged"
        assert backup.name in error["message"]
        assert error["next_step"]
    assert profile_state(recording) == state


def test_an_empty_home_has_no_browsers(tmp_path: Path) -> None:
    empty = Recording(tmp_path, unpack("chromium-156", tmp_path / "unused").manifest)
    shutil.rmtree(tmp_path / "unused")
    code, told = clear(empty)
    assert code == 7
    assert told["error"]["code"] == "no-browsers"
    assert told["error"]["next_step"]
