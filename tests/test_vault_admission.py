"""Whose backups may be put back."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import synthetic
from forgery import forge
from loginfix.errors import ExitCode
from loginfix.vault import machine
from loginfix.vault.model import Owner
from loginfix.vault.reader import Backup
from test_cli_program import FOR_SURE, backups, invoke

HERE = Owner("box", "me", 1000, "ab" * 32)


@pytest.mark.parametrize(
    ("other", "same_machine", "same_user"),
    [
        (replace(HERE, machine="renamed"), True, True),
        (replace(HERE, machine_id="cd" * 32), False, True),
        (replace(HERE, machine_id=""), True, True),
        (replace(HERE, machine_id="", machine="other"), False, True),
        (replace(HERE, user="renamed"), True, True),
        (replace(HERE, uid=1001), True, False),
        (replace(HERE, uid=None), True, True),
        (replace(HERE, uid=None, user="you"), True, False),
    ],
)
def test_owners_are_told_apart(other: Owner, *, same_machine: bool, same_user: bool) -> None:
    assert HERE.same_machine(other) is other.same_machine(HERE) is same_machine
    assert HERE.same_user(other) is other.same_user(HERE) is same_user


def test_the_number_of_the_computer_is_the_same_every_time_and_never_shown() -> None:
    found = machine.machine_id()
    assert found == machine.machine_id()
    if sys.platform == "linux" and Path("/etc/machine-id").is_file():
        number = Path("/etc/machine-id").read_text("ascii").strip()
        assert number not in found
        assert len(found) == (64 if number else 0)


def test_a_computer_without_a_number_has_an_empty_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(machine, "_LINUX", (tmp_path / "absent",))
    monkeypatch.setattr(machine, "_MACOS", (str(tmp_path / "absent"),))
    monkeypatch.setattr(machine, "_WINDOWS", ("no such key", ""))
    assert machine.machine_id() == ""


def test_the_number_is_an_hmac_of_the_systems(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if sys.platform in ("darwin", "win32"):
        pytest.skip("a matter of systems with /etc/machine-id")
    file = tmp_path / "machine-id"
    file.write_text("0123456789abcdef0123456789abcdef\n")
    monkeypatch.setattr(machine, "_LINUX", (tmp_path / "absent", file))
    openssl = ["openssl", "dgst", "-sha256", "-hmac", file.read_text().strip()]
    done = subprocess.run(openssl, input=b"loginfix backup", capture_output=True, check=False)
    if done.returncode:
        pytest.skip("openssl is not installed")
    assert machine.machine_id() == done.stdout.decode().split()[-1]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("UPDATE manifest SET value = 'c0ffee' WHERE key = 'machine_id'", "another computer"),
        ("UPDATE manifest SET value = '4711' WHERE key = 'uid'", "another user"),
    ],
)
def test_a_backup_of_somebody_else_is_refused_unless_asked_for(
    tmp_path: Path, change: str, says: str
) -> None:
    if os.name == "nt" or not machine.machine_id():
        pytest.skip("users have no numbers here, or the computer has none")
    firefox = synthetic.firefox(tmp_path)
    before = firefox.hosts()
    assert invoke(tmp_path, *FOR_SURE).code == ExitCode.DONE
    (backup,) = backups(tmp_path)
    forge(backup, change)
    after = firefox.hosts()
    for arguments in (("--yes",), ("--dry-run",)):
        refused = invoke(tmp_path, "restore", *arguments, "--json")
        assert (refused.code, refused.json["error"]["code"]) == (ExitCode.REFUSED, "foreign-backup")
        assert says in refused.json["error"]["message"]
        assert "--from-elsewhere" in refused.json["error"]["next_step"]
    assert firefox.hosts() == after != before
    assert invoke(tmp_path, "restore", "--yes", "--from-elsewhere").code == ExitCode.DONE
    assert firefox.hosts() == before


def test_a_backup_from_before_computers_had_numbers_is_ones_own(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    before = firefox.hosts()
    assert invoke(tmp_path, *FOR_SURE).code == ExitCode.DONE
    (path,) = backups(tmp_path)
    forge(path, "DELETE FROM manifest WHERE key = 'machine_id'")
    with Backup.open(path) as backup:
        assert backup.verify() == ()
    assert invoke(tmp_path, "restore", "--yes").code == ExitCode.DONE
    assert firefox.hosts() == before
