"""What a raw search finds after a clear is named; what it cannot judge does not undo the clear."""

import sqlite3
from contextlib import closing
from pathlib import Path

import synthetic
from loginfix.errors import ExitCode
from test_cli_program import FOR_SURE, backups, invoke


def note_in_cookies(profile: Path, text: str) -> None:
    """A table that no store knows, in the database of one."""
    with closing(sqlite3.connect(profile / "cookies.sqlite")) as database, database:
        database.execute("CREATE TABLE notes (text TEXT)")
        database.execute("INSERT INTO notes VALUES (?)", (text,))


def test_what_may_be_left_in_a_cleared_file_is_a_problem_of_its_own(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    note_in_cookies(firefox.path, "amazon.de")
    made = invoke(tmp_path, *FOR_SURE, "--json")
    assert made.code == ExitCode.PARTIAL
    (problem,) = made.json["problems"]
    assert problem["code"] == "left-over"
    assert problem["path"].endswith("cookies.sqlite")
    assert "amazon.de" in problem["message"]
    assert len(firefox.hosts()) == len(synthetic.COOKIES) - 2
    assert backups(tmp_path)
    shown = invoke(tmp_path, *FOR_SURE).out
    assert "nothing is left in what was cleared" not in shown


def test_what_is_left_elsewhere_is_named_and_nothing_else(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    (firefox.path / "never-heard-of").write_bytes(b"https://www.amazon.com/secret?x=secret")
    made = invoke(tmp_path, *FOR_SURE, "--json")
    assert made.code == ExitCode.DONE
    (trace,) = made.json["data"]["traces"]
    (file,) = trace["files"]
    assert file["path"].endswith("never-heard-of")
    assert file["verdicts"]["leftover"]["places"][0]["offset"] == 8
    assert "secret" not in made.out
    assert "never-heard-of" in invoke(tmp_path, "trace", "--site", "amazon").out


def test_kinds_of_data_that_were_not_chosen_are_not_searched(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    (firefox.path / "never-heard-of").write_bytes(b"https://www.amazon.com/")
    made = invoke(tmp_path, *FOR_SURE, "--only", "cookies", "--json")
    assert made.code == ExitCode.DONE
    (trace,) = made.json["data"]["traces"]
    assert trace["files"] == []
    assert trace["searched"] == 1


def test_a_trace_of_what_is_clean_ends_with_zero(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path)
    assert invoke(tmp_path, "trace", "--site", "amazon", "--json").code == ExitCode.LEFTOVERS_FOUND
    assert invoke(tmp_path, *FOR_SURE).code == ExitCode.DONE
    made = invoke(tmp_path, "trace", "--site", "amazon", "--json")
    assert made.code == ExitCode.DONE
    assert made.json["data"]["leftovers"] == 0
