"""Root acting for other people: real processes, two real users, a user database of their own."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import synthetic
from other_users import Computer, missing_rights
from test_cli_processes import SCHEMA

if reason := missing_rights():
    pytest.skip(reason, allow_module_level=True)

CLEAR = ("clear-cache", "--site", "amazon")
ANN, BOB = 41001, 41002


def give(home: Path) -> None:
    """Let everything below a home belong to its owner."""
    owner = home.stat().st_uid
    for path in home.rglob("*"):
        os.chown(path, owner, owner, follow_symlinks=False)


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    """Ann and Bob have Firefox, Cy has no browser, a service cannot log in."""
    made = Computer(tmp_path / "computer")
    for name, uid in (("ann", ANN), ("bob", BOB), ("cy", 41003)):
        made.add(name, uid)
    for name in ("ann", "bob"):
        synthetic.firefox(made.homes / name)
        give(made.homes / name)
    made.add("service", 41004, login=False)
    return made


def told(computer: Computer, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = computer.loginfix(*arguments, "--json")
    assert "Traceback" not in done.stderr
    made: dict[str, Any] = json.loads(done.stdout)
    SCHEMA.validate(made)
    assert made["exit_code"] == done.returncode
    return done.returncode, made


def codes(made: dict[str, Any]) -> dict[str, int]:
    return {each["user"]: each["result"]["exit_code"] for each in made["data"]["users"]}


def hosts(home: Path) -> list[str]:
    path = home / ".mozilla/firefox/ab12cd34.default"
    return synthetic.SyntheticProfile(path, path / "cookies.sqlite").hosts()


def owners(directory: Path) -> set[int]:
    return {path.lstat().st_uid for path in (directory, *directory.rglob("*"))}


def audited(computer: Computer) -> list[dict[str, Any]]:
    log = computer.logs / "loginfix/audit.log"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def test_everybodys_site_is_cleared_with_their_own_rights(computer: Computer) -> None:
    code, made = told(computer, *CLEAR, "--all-users", "--yes")
    assert code == 0
    assert codes(made) == {"ann": 0, "bob": 0, "cy": 7}
    for name, uid in (("ann", ANN), ("bob", BOB)):
        home = computer.homes / name
        assert hosts(home) == ["example.org", "notamazon.com"]
        assert owners(home) == {uid}
        (backup,) = (home / ".local/share/loginfix/backups").glob("*.loginfix")
        assert backup.stat().st_mode & 0o777 == 0o600
    assert [(each["user"], each["uid"], each["exit_code"]) for each in audited(computer)] == [
        ("ann", ANN, 0),
        ("bob", BOB, 0),
        ("cy", 41003, 7),
    ]
    assert owners(computer.logs) == {0}

    assert told(computer, *CLEAR, "--all-users", "--yes")[0] == 3
    assert codes(told(computer, "restore", "--user", "bob", "--yes")[1]) == {"bob": 0}
    assert len(hosts(computer.homes / "bob")) == 4
    assert len(hosts(computer.homes / "ann")) == 2


def test_each_user_has_a_block_of_text(computer: Computer) -> None:
    done = computer.loginfix("browsers", "--all-users")
    assert done.returncode == 0
    blocks = done.stdout.split("\n\n")
    assert [block.split("\n")[0] for block in blocks] == [
        f"User {name} ({uid})" for name, uid in (("ann", ANN), ("bob", BOB), ("cy", 41003))
    ]
    assert "/home/ann/.mozilla/firefox/ab12cd34.default" in blocks[0]
    assert "No browser" in blocks[2]


@pytest.mark.parametrize(
    ("arguments", "of_ann", "of_all"),
    [
        (("trace", "--site", "amazon"), {17}, {17}),
        # What it finds on this computer, such as a full disk, is not of this test.
        (("doctor", "--site", "amazon"), {0, 3}, {0, 3}),
        (("recover",), {3}, {3}),
    ],
)
def test_what_only_looks_looks_for_everybody(
    arguments: tuple[str, ...], of_ann: set[int], of_all: set[int], computer: Computer
) -> None:
    code, made = told(computer, *arguments, "--all-users")
    assert codes(made)["ann"] in of_ann
    assert code in of_all


def test_a_failure_of_one_user_stops_no_other(computer: Computer) -> None:
    (computer.homes / "ann/.local/share").mkdir(parents=True)
    give(computer.homes / "ann")
    # Bob's, in Ann's home: she cannot write it.
    (computer.homes / "ann/.local/share/loginfix").mkdir(mode=0o755)
    os.chown(computer.homes / "ann/.local/share/loginfix", BOB, BOB)
    code, made = told(computer, *CLEAR, "--all-users", "--yes")
    assert code == 6
    assert codes(made) == {"ann": 6, "bob": 0, "cy": 7}
    assert made["error"]["message"].startswith("ann: ")
    assert len(hosts(computer.homes / "ann")) == 4
    assert len(hosts(computer.homes / "bob")) == 2


def plant_link_to_root(home: Path) -> None:
    """Where loginfix will write, a link to a place that only root can write."""
    (home / ".local/share").mkdir(parents=True)
    (home / ".local/share/loginfix").symlink_to("/var/log/victim")


def plant_link_to_other(home: Path) -> None:
    """In place of the profile, a link to another user's."""
    (home / ".mozilla/firefox/ab12cd34.default").rename(home / "aside")
    (home / ".mozilla/firefox/ab12cd34.default").symlink_to(
        "/home/bob/.mozilla/firefox/ab12cd34.default"
    )


def plant_home_of_other(home: Path) -> None:
    """In place of the whole home, a link to another user's."""
    home.rename(home.with_name("aside"))
    home.symlink_to("/home/bob")


@pytest.mark.parametrize("plant", [plant_link_to_root, plant_link_to_other, plant_home_of_other])
def test_a_hostile_home_gets_nothing_out_of_root(
    plant: Callable[[Path], None], computer: Computer
) -> None:
    victim = computer.logs / "victim"
    victim.mkdir(mode=0o755)
    plant(computer.homes / "ann")
    if not (computer.homes / "ann").is_symlink():
        give(computer.homes / "ann")
    for path in (computer.homes / "bob").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    before = sorted(hosts(computer.homes / "bob"))
    code, made = told(computer, *CLEAR, "--user", "ann", "--yes")
    assert code not in (0, 1)
    assert codes(made) == {"ann": code}
    assert list(victim.iterdir()) == []
    assert victim.stat().st_mode & 0o777 == 0o755
    assert owners(computer.homes / "bob") == {BOB}
    assert sorted(hosts(computer.homes / "bob")) == before


def test_root_alone_is_refused_in_somebody_elses_home(computer: Computer) -> None:
    for arguments in (("browsers",), (*CLEAR, "--yes"), ("restore", "--yes"), ("recover",)):
        done = computer.loginfix(
            *arguments, "--home", "/home/ann", environment={"SUDO_USER": "ann"}
        )
        assert done.returncode == 14
        assert "/home/ann" in done.stderr
        assert "without sudo" in done.stderr
    assert "--user ann" in computer.loginfix("browsers", "--home", "/home/ann").stderr
    moved = {"HOME": "/root", "XDG_CONFIG_HOME": "/home/ann/.config"}
    assert computer.loginfix("browsers", environment=moved).returncode == 14
    assert owners(computer.homes / "ann") == {ANN}
    assert not (computer.homes / "ann/.local").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("--all-users",), 12, "--yes"),
        (("--all-users", "--user", "ann", "--yes"), 2, "together"),
        (("--user", "nobody-here", "--yes"), 2, "nobody-here"),
        (("--user", "root", "--yes"), 2, "root"),
        (("--user", "ann", "--home", "/root", "--yes"), 2, "--home"),
        (("--user", "ann", "--profile-dir", "/root", "--yes"), 2, "--profile-dir"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    arguments: tuple[str, ...], code: int, word: str, computer: Computer
) -> None:
    done = computer.loginfix(*CLEAR, *arguments)
    assert done.returncode == code
    assert word in done.stderr
    assert len(hosts(computer.homes / "ann")) == 4


def test_only_root_may_ask(computer: Computer) -> None:
    done = computer.run(
        "setpriv", "--reuid", str(ANN), "--regid", str(ANN), "--clear-groups",
        *(sys.executable, "-m", "loginfix", "browsers", "--all-users"),
        environment={"HOME": "/home/ann"},
    )  # fmt: skip
    assert done.returncode == 14
    assert "sudo" in done.stderr


def test_without_a_log_for_auditors_nothing_is_done(computer: Computer) -> None:
    (computer.logs / "loginfix").symlink_to("/home/ann")
    code, made = told(computer, *CLEAR, "--all-users", "--yes")
    assert (code, made["error"]["code"]) == (14, "audit-failed")
    assert len(hosts(computer.homes / "ann")) == 4
