"""The program in this process: what each command understands and prints."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

import synthetic
from loginfix.clearing import journal
from loginfix.clearing.journal import JournalRecord, State
from loginfix.cli.program import main
from loginfix.errors import ExitCode

SCHEMA = Draft202012Validator(
    json.loads(
        Path(__file__).parent.parent.joinpath("docs/reference/json-schema.json").read_text("utf-8")
    )
)
CLEAR = ("clear-cache", "--site", "amazon")
DRY_RUN = (*CLEAR, "--dry-run")
FOR_SURE = (*CLEAR, "--yes")


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on standard output, checked against the schema."""
        decoded: dict[str, Any] = json.loads(self.out)
        SCHEMA.validate(decoded)
        assert decoded["exit_code"] == self.code
        return decoded


def invoke(home: Path, *arguments: str, **environment: str) -> Ended:
    """Run one command about a home directory, with nobody to ask."""
    where = () if "--home" in arguments else ("--home", str(home))
    result = CliRunner().invoke(main, [*arguments, *where], env=environment)
    assert synthetic.SECRET not in result.output
    return Ended(result.exit_code, result.stdout, result.stderr)


def backups(home: Path) -> list[Path]:
    return sorted((home / ".local/share/loginfix/backups").glob("*.loginfix"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("clear-cache",), "--site"),
        (("clear-cache", "--site", "amazn", "--yes"), "amazn"),
        (("clear-cache", "--site", "co.jp", "--yes"), "co.jp"),
        ((*FOR_SURE, "--group", "nothing-such"), "nothing-such"),
        ((*FOR_SURE, "--browser", "netscape"), "netscape"),
        ((*FOR_SURE, "--profile", "Nobody"), "Nobody"),
        ((*FOR_SURE, "--only", "passwords"), "passwords"),
        ((*FOR_SURE, "--only", "cookies", "--keep", "cookies"), "nothing left to clear"),
        ((*FOR_SURE, "--home", "/nowhere/at/all"), "/nowhere/at/all"),
        (("restore", "20261124", "--yes"), "no backups"),
        (("backups", "prune", "--yes"), "--keep"),
        (("clear",), "clear"),
        ((*FOR_SURE, "--no-such-option"), "--no-such-option"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    firefox = synthetic.firefox(tmp_path)
    made = invoke(tmp_path, *arguments, "--json")
    assert made.code == ExitCode.USAGE
    assert made.json["status"] == "error"
    assert words in made.json["error"]["message"] + made.json["error"]["next_step"]
    assert len(firefox.hosts()) == len(synthetic.COOKIES)


def test_as_a_module_it_is_the_same_program() -> None:
    script = Path(sys.executable).with_name("loginfix")
    for arguments in (["--help"], ["trace", "--help"], ["--version"], ["no-such-verb"]):
        made = [
            subprocess.run([*program, *arguments], check=False, capture_output=True, text=True)
            for program in ([str(script)], [sys.executable, "-m", "loginfix"])
        ]
        assert made[0].returncode == made[1].returncode
        assert (made[0].stdout, made[0].stderr) == (made[1].stdout, made[1].stderr)
        assert "__main__" not in made[1].stdout + made[1].stderr


def test_only_what_is_chosen_goes(tmp_path: Path) -> None:
    firefox, chromium = synthetic.firefox(tmp_path), synthetic.chromium(tmp_path)
    assert invoke(tmp_path, *FOR_SURE, "--keep", "cookies").code == ExitCode.NOTHING_FOUND
    assert invoke(tmp_path, *FOR_SURE, "--only", "history").code == ExitCode.NOTHING_FOUND
    ended = invoke(tmp_path, *FOR_SURE, "--browser", "firefox", "--keep-cookie", synthetic.SHOP[1])
    assert ended.code == ExitCode.DONE
    assert firefox.hosts() == ["example.org", "notamazon.com", synthetic.SHOP[0]]
    assert len(chromium.hosts()) == len(synthetic.COOKIES)


def test_several_sites_go_in_one_run_and_a_group_to_the_one_that_has_it(tmp_path: Path) -> None:
    cookies = [*synthetic.COOKIES, ("console.aws.amazon.com", "aws"), ("example.net", "x")]
    firefox = synthetic.firefox(tmp_path, cookies)
    sites = ("clear-cache", "--site", "example.org", "--site", "amazon", "--yes")
    assert invoke(tmp_path, *sites, "--group", "no-such-group").code == ExitCode.USAGE
    assert invoke(tmp_path, *sites).code == ExitCode.DONE
    assert firefox.hosts() == ["console.aws.amazon.com", "example.net", "notamazon.com"]
    assert invoke(tmp_path, *sites, "--group", "aws").code == ExitCode.DONE
    assert firefox.hosts() == ["example.net", "notamazon.com"]


def test_old_backups_go_and_the_newest_stay(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path)
    assert invoke(tmp_path, *FOR_SURE).code == ExitCode.DONE
    (older,) = backups(tmp_path)
    assert invoke(tmp_path, "restore", "--yes").code == ExitCode.DONE
    assert invoke(tmp_path, *FOR_SURE).code == ExitCode.DONE
    prune = ("backups", "prune", "--keep", "1")
    assert invoke(tmp_path, *prune, "--dry-run").code == ExitCode.DONE
    assert invoke(tmp_path, *prune).code == ExitCode.NOT_CONFIRMED
    assert len(backups(tmp_path)) == 2
    assert invoke(tmp_path, *prune, "--yes").code == ExitCode.DONE
    assert len(backups(tmp_path)) == 1
    assert not older.exists()


def test_a_backup_that_a_newer_version_wrote_is_refused(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path)
    assert invoke(tmp_path, *FOR_SURE).code == ExitCode.DONE
    (backup,) = backups(tmp_path)
    with closing(sqlite3.connect(backup)) as database, database:
        database.execute("UPDATE manifest SET value = '99' WHERE key = 'format'")
        database.execute("PRAGMA user_version = 99")
    assert invoke(tmp_path, "restore", "--yes").code == ExitCode.REFUSED


def test_options_may_come_from_the_environment(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path)
    ended = invoke(
        tmp_path,
        "clear-cache",
        "--dry-run",
        LOGINFIX_CLEAR_CACHE_SITE="amazon",
        LOGINFIX_CLEAR_CACHE_JSON="1",
    )
    assert ended.json["data"]["site"]["name"] == "amazon"


def test_every_command_prints_one_object_that_follows_the_schema(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path, name="\x1b[2Jアマゾン")
    commands: list[tuple[str, ...]] = [
        ("browsers",),
        ("sites",),
        DRY_RUN,
        FOR_SURE,
        ("backups", "list"),
        ("backups", "verify"),
        ("backups", "prune", "--keep", "5", "--dry-run"),
        ("restore", "--dry-run"),
        ("restore", "--yes"),
        ("recover",),
    ]
    for arguments in commands:
        made = invoke(tmp_path, *arguments, "--json")
        assert made.json["command"] == " ".join(arguments[: 1 + (arguments[0] == "backups")])
        assert made.json["data"] is not None
        assert made.out.isascii()
        assert made.err == ""
    backup = backups(tmp_path)[0].stem
    assert invoke(tmp_path, "backups", "show", backup, "--json").json["data"]["id"] == backup
    made = invoke(tmp_path, "backups", "delete", backup, "--yes", "--json")
    assert made.json["data"]["deleted"] == backup
    assert not backups(tmp_path)


@pytest.mark.parametrize("arguments", [(), ("backups",)])
def test_without_a_verb_there_is_help_and_the_code_for_misuse(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == ExitCode.USAGE
    assert "Commands:" in result.output


def test_a_backup_that_an_unfinished_run_needs_is_not_deleted(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path)
    assert invoke(tmp_path, *FOR_SURE).code == ExitCode.DONE
    (backup,) = backups(tmp_path)
    record = JournalRecord("run", State.PREPARED, "clear", {}, backup.stem)
    journals = tmp_path / ".local/share/loginfix/journal"
    journal.write(journals, record)
    assert invoke(tmp_path, "backups", "delete", backup.stem, "--yes").code == ExitCode.REFUSED
    made = invoke(tmp_path, "backups", "prune", "--keep", "0", "--yes", "--json")
    assert [each["reason"] for each in made.json["data"]["staying"]] == ["needed"]
    assert backups(tmp_path) == [backup]
    # Nobody can say which backup a run needs whose record cannot be read.
    journal.journal_path(journals, "run").write_bytes(b"rotten")
    for verb in (("delete", backup.stem), ("prune", "--keep", "0")):
        assert invoke(tmp_path, "backups", *verb, "--yes").code == ExitCode.BACKUP_FAILED
    assert backups(tmp_path) == [backup]
