"""What an examination comes to: the likeliest cause first, and one next step."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loginfix.browsers.brands import load_brands
from loginfix.browsers.installed import find_profiles
from loginfix.browsers.model import Profile
from loginfix.browsers.places import Home
from loginfix.doctor import examination
from loginfix.doctor.checks import COMPUTER_CHECKS, PROFILE_CHECKS
from loginfix.doctor.diagnosis import Diagnosis, diagnose
from loginfix.doctor.examination import Examination, examine
from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.subject import Computer
from loginfix.sites.catalog import load_catalog
from loginfix.sites.login import Help, Login
from synthetic import chromium, firefox

AMAZON = load_catalog().resolve("amazon")
LOGIN = load_catalog().login_of("amazon")
NOW = datetime(2026, 11, 25, tzinfo=UTC)
ASK = Remedy("Ask somebody.")
CLEAR = Remedy("Clear it.", ("clear-cache", "--site", "amazon"))

Patched = pytest.MonkeyPatch


def profiles(home: Path) -> tuple[Profile, ...]:
    return find_profiles(Home.at(home), load_brands()).profiles


def check(
    name: str,
    verdict: Verdict,
    *,
    confidence: Confidence = Confidence.MEDIUM,
    remedy: Remedy | None = None,
    cause: Cause = Cause.BROWSER,
) -> Check[object]:
    answer = Answer(verdict, f"{name} says so.", ("because",), remedy)
    return Check(name, name.title(), cause, confidence, lambda _: answer)


def diagnosed(monkeypatch: Patched, home: Path, *checks: Check[object]) -> Diagnosis:
    monkeypatch.setattr(examination, "PROFILE_CHECKS", checks)
    monkeypatch.setattr(examination, "COMPUTER_CHECKS", ())
    chromium(home)
    found = profiles(home)
    return diagnose(examine(AMAZON, LOGIN, found, Computer(AMAZON), now=NOW), found)


def test_a_problem_comes_before_a_suspicion_and_the_surer_before_the_less_sure(
    monkeypatch: Patched, tmp_path: Path
) -> None:
    diagnosis = diagnosed(
        monkeypatch,
        tmp_path,
        check("fine", Verdict.OK),
        check("rare", Verdict.PROBLEM, confidence=Confidence.LOW, remedy=ASK),
        check("sure", Verdict.SUSPICIOUS, confidence=Confidence.HIGH, remedy=ASK),
        check("bad", Verdict.PROBLEM, confidence=Confidence.HIGH, remedy=CLEAR),
        check("dark", Verdict.CANNOT_TELL),
    )
    assert [each.check for each in diagnosis.findings] == ["bad", "rare", "sure"]
    assert diagnosis.likeliest
    assert diagnosis.likeliest.check == "bad"
    assert diagnosis.remedy == CLEAR
    assert len(diagnosis.examination.observations) == 5


def test_a_check_that_fails_cannot_tell_and_stops_nothing(
    monkeypatch: Patched, tmp_path: Path
) -> None:
    def fail(_: object) -> Answer:
        raise RuntimeError("a secret of the profile")

    broken: Check[object] = Check("broken", "Broken", Cause.CODE, Confidence.LOW, fail)
    nothing: Check[object] = Check("n", "N", Cause.CODE, Confidence.LOW, lambda _: None)
    diagnosis = diagnosed(monkeypatch, tmp_path, broken, nothing, check("x", Verdict.PROBLEM))
    first, second = diagnosis.examination.observations
    assert first.answer.verdict is Verdict.CANNOT_TELL
    assert first.answer.evidence == ("RuntimeError",)
    assert "secret" not in str(diagnosis)
    assert second.check == "x"


@pytest.mark.parametrize("check", PROFILE_CHECKS, ids=lambda check: check.id)
def test_no_check_stops_at_a_profile_full_of_nonsense(
    check: Check[object], tmp_path: Path, monkeypatch: Patched
) -> None:
    for number, make in enumerate((chromium, firefox)):
        profile = make(tmp_path / str(number)).path
        for name in (
            *("Preferences", "Secure Preferences", "Login Data", "History", "Cookies"),
            *("prefs.js", "logins.json", "places.sqlite", "cookies.sqlite", "permissions.sqlite"),
            *("extensions.json", "serviceworker.txt", "compatibility.ini"),
        ):
            (profile / name).write_bytes(b'{"profile": [\xff\x00' * 30)
        (profile / "Service Worker" / "Database").mkdir(parents=True)
        (profile / "Service Worker" / "Database" / "CURRENT").write_bytes(b"\xff")
        monkeypatch.setattr(examination, "PROFILE_CHECKS", (check,))
        found = profiles(tmp_path / str(number))
        observations = examine(AMAZON, LOGIN, found, Computer(AMAZON), now=NOW).observations
        assert {each.check for each in observations} <= {check.id, "hosts-file", "network"}


def test_a_profile_that_cannot_be_opened_is_said_so(tmp_path: Path) -> None:
    chromium(tmp_path)
    (profile,) = profiles(tmp_path)
    gone = replace(profile, path=tmp_path / "gone")
    seen = examine(AMAZON, LOGIN, [gone, profile], Computer(AMAZON), now=NOW).observations
    (first, *_) = [each for each in seen if each.profile]
    assert first.answer.verdict is Verdict.CANNOT_TELL
    assert len(seen) > len(COMPUTER_CHECKS) + len(PROFILE_CHECKS) - 2


def test_a_line_of_the_hosts_file_is_named_first(tmp_path: Path) -> None:
    chromium(tmp_path)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "hosts").write_text("0.0.0.0 www.amazon.co.jp\n")
    found = profiles(tmp_path)
    computer = Computer(AMAZON, root=tmp_path, platform="linux", interfaces=("tun0",))
    diagnosis = diagnose(examine(AMAZON, LOGIN, found, computer, now=NOW), found)
    assert diagnosis.likeliest
    assert diagnosis.likeliest.check == "hosts-file"
    assert "www.amazon.co.jp" in diagnosis.likeliest.answer.evidence[0]
    assert {"network", "hosts-file"} <= {each.check for each in diagnosis.findings}


def test_without_findings_another_installed_browser_is_named(tmp_path: Path) -> None:
    chromium(tmp_path)
    firefox(tmp_path)
    found = profiles(tmp_path)
    mine = [profile for profile in found if profile.brand == "chromium"]
    nothing = Examination(AMAZON, LOGIN, tuple(mine), ())
    diagnosis = diagnose(nothing, found)
    assert diagnosis.likeliest is None
    assert "Mozilla Firefox" in diagnosis.remedy.sentence or "Firefox" in diagnosis.remedy.sentence
    alone = diagnose(nothing, mine)
    assert alone.remedy.command == ("clear-cache", "--site", "amazon")
    assert diagnosis.unseen == (Cause.CREDENTIALS, Cause.CODE, Cause.CAPTCHA, Cause.TAKEN_OVER)


def test_the_help_page_is_that_of_the_marketplace_else_of_the_language() -> None:
    pages = (Help("a.com", "https://a.com/h", "en"), Help("a.co.jp", "https://a.co.jp/h", "ja"))
    login = Login(help=pages)
    assert login.help_for(["a.co.jp"], "en") == "https://a.co.jp/h"
    assert login.help_for([], "ja") == "https://a.co.jp/h"
    assert login.help_for([], "fr") == "https://a.com/h"
    assert Login().help_for([], "en") is None


@pytest.mark.parametrize(
    ("name", "partners"),
    [
        ("session-id", ("session-token",)),
        ("session-token", ("session-id",)),
        ("at-main", ("x-main",)),
        ("x-acbjp", ("at-acbjp",)),
        ("at-", ()),
        ("other", ()),
    ],
)
def test_partners_of_a_cookie(name: str, partners: tuple[str, ...]) -> None:
    assert LOGIN.partners(name) == partners


def test_every_check_has_its_own_name() -> None:
    everything: list[Check[Any]] = [*PROFILE_CHECKS, *COMPUTER_CHECKS]
    assert len({check.id for check in everything}) == len(everything)
    assert len({check.title for check in everything}) == len(everything)
    page = Path(__file__).parent.parent / "docs" / "reference" / "doctor.md"
    text = page.read_text("utf-8")
    for each in everything:
        assert f"| `{each.id}` |" in text, each.id
        assert f"{each.cause.number} | {each.confidence.name.lower()} |" in text


def test_an_answer_that_is_fine_is_no_finding() -> None:
    assert not ok("Fine.").is_finding
