"""``loginfix`` alone at a terminal: led through the whole job, as a person sees it."""

import re
import shlex
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

import synthetic
from fake_browsers import files_below
from loginfix.errors import ExitCode
from recorder.recordings import unpack
from test_docs import understand

if sys.platform != "linux":
    pytest.skip("pseudo-terminals, homes in Linux' layout", allow_module_level=True)

from terminals import Terminal, printed
from test_cli_processes import backups, running_firefox

WHICH_SITE = "(Enter for amazon): "
ANYWAY = "See what that would remove? Type y for yes: "
WHICH = "Type 1 or 2 (Enter for 1): "
SURE = "Remove this from your browsers? Type y for yes: "
CLOSED = "s to leave it out: "
LEFT = ["example.org", "notamazon.com"]
TWO_SHOPS = [
    ("www.amazon.co.jp", "ubid-acbjp"),
    ("www.amazon.com", "ubid-main"),
    synthetic.OTHER,
    synthetic.LOOK_ALIKE,
]
"""Cookies for which doctor advises something that is not clearing."""


def alone(home: Path) -> Terminal:
    return Terminal(home, NO_COLOR="1")


def commands(seen: str) -> list[str]:
    """The commands that were named."""
    return [line.strip() for line in printed(seen) if re.match(r" +loginfix [a-z]", line)]


def test_it_leads_from_what_is_there_to_what_to_do_next(tmp_path: Path) -> None:
    unpack("firefox-esr-153", tmp_path)
    with alone(tmp_path) as guide:
        seen = guide.until(WHICH_SITE)
        assert "Firefox (default-esr)  closed" in seen
        assert "Prime Video" in seen
        guide.type("\n")
        seen += guide.until(WHICH)
        assert "The login cookies do not fit together" in seen
        guide.type("2\n")
        seen += guide.until(SURE)
        assert "Amazon: this would be removed" in seen
        assert not backups(tmp_path)
        guide.type("y\n")
        seen += guide.rest()
    assert guide.code == ExitCode.DONE
    assert "Amazon was removed" in seen
    assert "Next: start the browser, open Amazon and log in." in seen
    (backup,) = backups(tmp_path)
    named = commands(seen)
    for command in (
        "loginfix browsers",
        "loginfix sites",
        "loginfix doctor --site amazon",
        "loginfix clear-cache --site amazon --dry-run",
        "loginfix clear-cache --site amazon",
        f"loginfix restore {backup.stem}",
    ):
        assert command in named
    for command in named:
        understand(shlex.split(command)[1:])


def test_the_step_that_doctor_advises_is_the_first_choice(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    chromium = synthetic.chromium(tmp_path)
    with closing(sqlite3.connect(firefox.cookies)) as database, database:
        database.execute(
            "UPDATE moz_cookies SET value = ? WHERE host LIKE '%amazon%'", ["x" * 9000]
        )
    with alone(tmp_path) as guide:
        guide.until(WHICH_SITE)
        guide.type("\n")
        seen = guide.until(WHICH)
        guide.type("7\n")
        guide.until(WHICH)
        guide.type("\n")
        seen += guide.until(SURE)
        guide.type("y\n")
        guide.rest()
    advised = "loginfix clear-cache --site amazon --profile firefox/ab12cd34.default --only cookies"
    assert commands(seen).count(advised) == 2  # doctor's, and the choice
    assert f"{advised} --dry-run" in commands(seen)
    assert firefox.hosts() == LEFT
    assert len(chromium.hosts()) == len(synthetic.COOKIES)


def test_whoever_wants_no_more_than_advice_has_it(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path, TWO_SHOPS)
    before = files_below(tmp_path)
    with alone(tmp_path) as guide:
        guide.until(WHICH_SITE)
        guide.type("\n")
        guide.until(ANYWAY)
        guide.type("\n")
        assert "What no program on your computer can see" in guide.rest()
    assert files_below(tmp_path) == before


def test_a_site_that_is_not_known_is_asked_for_again(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path)
    with alone(tmp_path) as guide:
        for wrong in ("amazn", "co.jp"):
            guide.until(WHICH_SITE)
            guide.type(f"{wrong}\n")
            assert wrong in guide.until("Error: ")
        guide.until(WHICH_SITE)
        guide.type("example.org\n")
        assert "loginfix doctor --site example.org" in guide.until(SURE)
        guide.type("y\n")
    assert guide.code == ExitCode.DONE


def test_a_site_that_is_in_no_browser_is_not_asked_about(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path)
    with alone(tmp_path) as guide:
        guide.until(WHICH_SITE)
        guide.type("example.net\n")
        assert "Nothing of example.net was found" in guide.rest()
    assert guide.code == ExitCode.NOTHING_FOUND


def to(guide: Terminal, question: str) -> None:
    """Answer until a question is asked, which is left open."""
    answers = {WHICH_SITE: "\n", ANYWAY: "y\n", SURE: "y\n"}
    for each, answer in answers.items():
        guide.until(each)
        if each == question:
            return
        guide.type(answer)
    guide.until(question)


@pytest.mark.parametrize("question", [WHICH_SITE, ANYWAY, SURE])
@pytest.mark.parametrize(
    ("key", "code", "words"),
    [
        ("\x03", ExitCode.INTERRUPTED, "Nothing in your browsers was changed"),
        ("\x04", ExitCode.NOT_CONFIRMED, "Nothing was changed"),
    ],
)
def test_it_can_be_left_at_every_question(
    tmp_path: Path, question: str, key: str, code: ExitCode, words: str
) -> None:
    synthetic.firefox(tmp_path, TWO_SHOPS)
    before = files_below(tmp_path)
    with alone(tmp_path) as guide:
        to(guide, question)
        guide.type(key)
        seen = guide.rest()
    assert guide.code == code
    assert words in seen.replace("\r\n", " ")
    assert files_below(tmp_path) == before


@pytest.mark.parametrize(
    ("answer", "code", "hosts"),
    [
        ("c\n", ExitCode.DONE, LEFT),
        ("s\n", ExitCode.BROWSER_RUNNING, sorted(host for host, _ in TWO_SHOPS)),
    ],
)
def test_an_open_browser_is_asked_to_close_or_left_out(
    tmp_path: Path, answer: str, code: ExitCode, hosts: list[str]
) -> None:
    firefox = synthetic.firefox(tmp_path, TWO_SHOPS)
    with running_firefox(firefox), alone(tmp_path) as guide:
        to(guide, CLOSED)
        guide.type("\n")  # it is not closed
        guide.until(CLOSED)
        guide.type(answer)
        seen = guide.rest()
    assert guide.code == code
    assert ("loginfix clear-cache --site amazon --close-browser" in commands(seen)) is (
        code == ExitCode.DONE
    )
    assert firefox.hosts() == hosts


def test_a_browser_that_was_closed_by_hand_is_cleared(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path, TWO_SHOPS)
    with alone(tmp_path) as guide:
        with running_firefox(firefox):
            to(guide, CLOSED)
        guide.type("\n")
    assert guide.code == ExitCode.DONE
    assert firefox.hosts() == LEFT


def test_without_a_browser_it_says_so(tmp_path: Path) -> None:
    with alone(tmp_path) as guide:
        assert "No browser with a profile was found" in guide.rest()
    assert guide.code == ExitCode.NO_BROWSERS


def test_it_speaks_japanese(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path)
    with Terminal(tmp_path, "--lang", "ja", NO_COLOR="1") as guide:
        seen = guide.until("amazon): ")
        guide.type("\x03")
    assert guide.code == ExitCode.INTERRUPTED
    assert "1. このコンピューターのブラウザ" in seen
    assert "Amazon ショッピング" in seen
    assert "loginfix browsers" in commands(seen)
