"""The doctor's answer as text, as JSON, and in a file."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

from loginfix.api.results import Consultation
from loginfix.doctor.diagnosis import Diagnosis
from loginfix.doctor.examination import Examination
from loginfix.doctor.model import Answer, Cause, Confidence, Observation, Remedy, Verdict
from loginfix.errors import ExitCode, ReportError, UsageError
from loginfix.reports.envelope import envelope
from loginfix.reports.files import check_report, write_report
from loginfix.reports.views import view_of
from loginfix.sites.catalog import load_catalog
from synthetic import SECRET, chromium

SCHEMA = json.loads(
    Path(__file__).parent.parent.joinpath("docs/reference/json-schema.json").read_text("utf-8")
)
AMAZON = load_catalog().resolve("amazon")
EVIL = "[bold]\x1b]0;owned\x07\n:smile:"
COMMAND = "loginfix clear-cache --site amazon --only cookies"
CLEAR = Remedy("Clear them.", ("clear-cache", "--site", "amazon"))


def observation(verdict: Verdict, name: str, *evidence: str) -> Observation:
    answer = Answer(verdict, f"{name} says so.", evidence, CLEAR)
    return Observation(
        name, name.title(), Cause.BROWSER, Confidence.HIGH, answer, "chrome/Default", EVIL
    )


def consultation(*observations: Observation) -> Consultation:
    examination = Examination(AMAZON, load_catalog().login_of("amazon"), (), observations)
    findings = tuple(each for each in observations if each.answer.is_finding)
    causes = (Cause.CREDENTIALS, Cause.CODE, Cause.CAPTCHA, Cause.TAKEN_OVER)
    return Consultation(Diagnosis(examination, findings, CLEAR, causes, "https://help"), COMMAND)


FULL = consultation(
    observation(Verdict.PROBLEM, "bad", *(f"line {n}" for n in range(9))),
    observation(Verdict.SUSPICIOUS, "odd", EVIL),
    observation(Verdict.CANNOT_TELL, "dark", "why"),
    observation(Verdict.OK, "fine"),
)


def text(it: Consultation) -> str:
    console = Console(width=80, markup=False, emoji=False, highlight=False, record=True)
    with console.capture() as captured:
        for each in view_of(it).text(it):
            console.print(each, crop=False)
    return captured.get()


def test_the_likeliest_comes_first_with_one_next_step_and_little_evidence() -> None:
    shown = text(FULL)
    order = ["bad says so", "very likely", "What to do", COMMAND, "odd says so", "dark", "Fine"]
    assert [shown.index(each) for each in order] == sorted(shown.index(each) for each in order)
    assert shown.count("loginfix ") == 1
    assert "line 4" in shown
    assert "line 5" not in shown
    assert "4 more" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_without_a_finding_it_says_so_and_what_it_cannot_see() -> None:
    shown = text(consultation(observation(Verdict.OK, "fine")))
    assert "Nothing on this computer explains it." in shown
    assert [f"{n}. " in shown for n in (1, 2, 3, 4, 5)] == [True, True, True, True, False]


@pytest.mark.parametrize("it", [FULL, consultation()])
def test_the_json_follows_the_schema(it: Consultation) -> None:
    printed = envelope("doctor", it.exit_code, data=view_of(it).data(it))
    Draft202012Validator(SCHEMA).validate(printed)
    assert set(printed["data"]) == {
        *("site", "findings", "next_step", "not_visible", "help", "checks"),
    }
    assert it.exit_code is (ExitCode.DONE if it is FULL else ExitCode.NOTHING_FOUND)


def test_a_report_is_written_in_the_form_of_its_name(tmp_path: Path) -> None:
    write_report(FULL, "doctor", tmp_path / "a.JSON")
    Draft202012Validator(SCHEMA).validate(json.loads((tmp_path / "a.JSON").read_text("utf-8")))
    write_report(FULL, "doctor", tmp_path / "a.txt")
    assert COMMAND in (tmp_path / "a.txt").read_text("utf-8")


@pytest.mark.parametrize("name", ["report.pdf", "report", "missing/report.txt"])
def test_a_report_that_cannot_be_is_refused_at_once(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        check_report(tmp_path / name)
    assert caught.value.next_step


def test_a_report_into_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        check_report(tmp_path / "a.txt")
    with pytest.raises(ReportError, match="cannot be written"):
        write_report(FULL, "doctor", tmp_path / "a.txt")
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]


def test_the_command_looks_and_writes_and_shows_no_secret(tmp_path: Path) -> None:
    home = tmp_path / "home"
    chromium(home)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "loginfix", "doctor", "--site", "amazon"),
            *("--home", str(home), "--report", "a.txt", "--report", "a.json"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    data = json.loads((tmp_path / "a.json").read_text("utf-8"))["data"]
    assert data["next_step"]["command"].startswith("loginfix clear-cache --site amazon")
    for shown in (done.stdout, (tmp_path / "a.txt").read_text("utf-8"), json.dumps(data)):
        assert "Login cookies" in shown or "login cookies" in shown
        assert SECRET not in shown
