"""The log of runs: what was done, and nothing that a site has written."""

import json
import os
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import synthetic
from loginfix.cli.log import RunLog
from loginfix.cli.program import main
from loginfix.directories import Directories
from loginfix.errors import ExitCode
from recorder.recordings import unpack

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="homes in Linux' layout")
SITE = ("--site", "amazon")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in list(os.environ):
        if name.startswith(("XDG_", "LOGINFIX_")):
            monkeypatch.delenv(name)
    return tmp_path


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


def run(*arguments: str) -> int:
    return CliRunner().invoke(main, arguments).exit_code


def test_by_itself_nothing_is_noted(home: Path) -> None:
    synthetic.firefox(home)
    assert run("clear-cache", *SITE, "--yes") == ExitCode.DONE
    assert not Directories.log_file().exists()
    assert "amazon" not in [path.name for path in home.rglob("*.log")]


def test_what_was_done_is_noted_from_beginning_to_end(home: Path) -> None:
    synthetic.firefox(home)
    assert run("clear-cache", *SITE, "--yes", "--log-level", "info") == ExitCode.DONE
    began, profile, ended = lines(Directories.log_file())
    assert (began["event"], began["command"]) == ("began", "clear-cache")
    assert profile["done"] == "cleared"
    assert profile["profile"] == "firefox/ab12cd34.default"
    assert profile["stores"] == {"firefox.cookies": 2}
    assert profile["backup"].endswith("-amazon")
    assert (ended["event"], ended["exit_code"]) == ("ended", ExitCode.DONE)
    assert ended["seconds"] >= began["seconds"] >= 0
    assert len({each["run"] for each in (began, profile, ended)}) == 1
    assert run("restore", "--yes", "--log-level", "info") == ExitCode.DONE
    *_, restored, _ = lines(Directories.log_file())
    assert (restored["done"], restored["items"]) == ("restored", 2)
    assert restored["run"] != began["run"]


def test_failures_and_what_was_left_alone_are_noted_by_their_codes(home: Path) -> None:
    log = home / "own.log"
    assert run("clear-cache", *SITE, "--dry-run", "--log-file", str(log)) == ExitCode.NO_BROWSERS
    assert [(each["event"], each.get("code")) for each in lines(log)] == [
        ("began", None),
        ("failed", "no-browsers"),
        ("ended", None),
    ]
    log.unlink()
    firefox = synthetic.firefox(home)
    firefox.cookies.write_bytes(b"SQLite format 3\0" + b"damaged" * 200)
    run("clear-cache", *SITE, "--dry-run", "--log-file", str(log), "--log-level", "warning")
    assert {each["event"] for each in lines(log)} == {"left-alone"}
    assert str(home) not in log.read_text("ascii")


def test_only_its_owner_can_read_it_and_it_stays_small(home: Path) -> None:
    path = home / "logs" / "own.log"
    for _ in range(3):
        log = RunLog(path, "info")
        for _ in range(40):
            log.began("x" * 50_000)
        log.ended(0)
    files = sorted(path.parent.iterdir())
    assert [each.name for each in files] == ["own.log", *(f"own.log.{n}" for n in (1, 2, 3))]
    assert all(stat.S_IMODE(each.stat().st_mode) == 0o600 for each in files)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert all(each.stat().st_size <= 1 << 20 for each in files)


def test_a_log_that_cannot_be_written_is_an_error_before_anything_is_done(home: Path) -> None:
    firefox = synthetic.firefox(home)
    (home / "in-the-way").write_text("", encoding="utf-8")
    (home / "link.log").symlink_to(home / "in-the-way")
    for path in (home / "in-the-way" / "a.log", home / "link.log"):
        made = CliRunner().invoke(main, ["clear-cache", *SITE, "--yes", "--log-file", str(path)])
        assert made.exit_code == ExitCode.USAGE
        assert str(path) in made.stderr
    assert len(firefox.hosts()) == len(synthetic.COOKIES)


def test_no_name_or_value_of_a_recorded_cookie_gets_into_it(home: Path) -> None:
    unpack("firefox-esr-153", home)
    secrets = column(home, "cookies.sqlite", "SELECT name FROM moz_cookies")
    secrets |= column(home, "cookies.sqlite", "SELECT value FROM moz_cookies")
    secrets |= column(home, "places.sqlite", "SELECT url FROM moz_places")
    assert len(secrets) > 20
    for arguments in (
        ("doctor", *SITE),
        ("clear-cache", *SITE, "--dry-run", "--verbose"),
        ("clear-cache", *SITE, "--yes"),
        ("trace", *SITE),
        ("restore", "--yes"),
    ):
        fine = (ExitCode.DONE, ExitCode.PARTIAL, ExitCode.LEFTOVERS_FOUND)
        assert run(*arguments, "--log-level", "debug") in fine
    events = {each["event"] for each in lines(Directories.log_file())}
    assert events >= {"began", "step", "profile", "ended"}
    text = Directories.log_file().read_text("ascii")
    assert not {each for each in secrets if len(each) > 3 and each in text}


def column(home: Path, name: str, query: str) -> set[str]:
    (path,) = home.rglob(name)
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as database:
        return {text for (text,) in database.execute(query)}
