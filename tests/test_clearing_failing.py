"""Runs that fail at their end, or fail twice: what is gone can come back, and that is said."""

import errno
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from faults.profiles import make_home
from faults.states import profile_state
from loginfix.clearing import journal
from loginfix.clearing.failures import JournalError
from loginfix.clearing.writable import WritableTree
from loginfix.cli.program import main
from loginfix.errors import ExitCode, ProfileWriteError, VerificationError

BROKEN = OSError(errno.EIO, os.strerror(errno.EIO))
NOT_RIGHT = VerificationError("It is not as it should be.", next_step="Report this.")
NOT_WRITTEN = ProfileWriteError("It cannot be written.", next_step="Try again.")


@dataclass(frozen=True)
class Said:
    code: ExitCode
    problems: list[str]
    error: str
    data: dict[str, Any]


Run = Callable[..., Said]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home("firefox", tmp_path / "home")


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def in_this_process(*arguments: str) -> Said:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--json", "--home", str(home)])
        said = json.loads(capsys.readouterr().out)
        error = said["error"]["code"] if said["error"] else ""
        problems = [each["code"] for each in said["problems"]]
        return Said(ExitCode(int(ended.value.code or 0)), problems, error, said["data"])

    return in_this_process


def clear(run: Run) -> Said:
    return run("clear-cache", "--site", "amazon", "--yes")


def backups(run: Run) -> list[Any]:
    listed: list[Any] = run("backups", "list").data["backups"]
    return listed


def test_originals_that_cannot_be_removed_are_told_and_the_backup_stays(
    run: Run, home: Path
) -> None:
    with mock.patch.object(WritableTree, "remove", side_effect=BROKEN):
        said = clear(run)
    assert (said.code, said.problems) == (ExitCode.PARTIAL, ["not-tidied"])
    assert len(backups(run)) == 1
    assert list(home.rglob(".loginfix-*"))
    assert run("recover").code == ExitCode.DONE
    assert not list(home.rglob(".loginfix-*"))
    cleared = profile_state(home)
    assert run("restore", "--yes").code == ExitCode.DONE
    assert profile_state(home) != cleared


def test_a_restore_that_cannot_be_tidied_up_says_so(run: Run) -> None:
    clear(run)
    with mock.patch.object(WritableTree, "remove", side_effect=BROKEN):
        said = run("restore", "--yes")
    assert (said.code, said.problems) == (ExitCode.PARTIAL, ["not-tidied"])
    assert run("recover").code == ExitCode.DONE


def test_what_cannot_be_put_back_now_is_put_back_by_recover(run: Run, home: Path) -> None:
    before = profile_state(home)
    with (
        mock.patch("loginfix.clearing.clear.prove", side_effect=NOT_RIGHT),
        mock.patch("loginfix.clearing.transaction.backward", side_effect=NOT_WRITTEN),
    ):
        said = clear(run)
    assert (said.code, said.error) == (ExitCode.PROFILE_WRITE_FAILED, "not-put-back")
    assert len(backups(run)) == 1
    assert profile_state(home) != before
    assert run("recover").code == ExitCode.DONE
    assert profile_state(home) == before
    assert backups(run) == []


def test_where_the_journal_fails_as_well_the_run_is_finished_with_its_backup(
    run: Run, home: Path
) -> None:
    real = journal.write

    def only_until_prepared(directory: Path, record: journal.JournalRecord) -> None:
        if record.state not in (journal.State.STAGING, journal.State.PREPARED):
            raise JournalError("It cannot be written.", next_step="Try again.")
        real(directory, record)

    with mock.patch.object(journal, "write", only_until_prepared):
        said = clear(run)
    assert (said.code, said.error) == (ExitCode.PROFILE_WRITE_FAILED, "not-put-back")
    assert run("recover").code == ExitCode.DONE
    cleared = profile_state(home)
    assert run("backups", "verify").code == ExitCode.DONE
    assert run("restore", "--yes").code == ExitCode.DONE
    assert profile_state(home) != cleared
