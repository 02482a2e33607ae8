"""The manual page: what the help says, and understood by the programs that show it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from loginfix.cli.manual import _text, manual
from loginfix.cli.reference import commands

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "loginfix.1"
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80"}


def tool(name: str) -> str:
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"there is no {name} here")
    return program


def test_the_page_is_what_the_help_says() -> None:
    assert PAGE.read_text("utf-8") == manual(), (
        "run: python -m loginfix.cli.manual > docs/reference/loginfix.1"
    )


@pytest.mark.parametrize(
    ("text", "escaped"),
    [("--yes", r"\-\-yes"), ("a\\b", r"a\eb"), (".SH X", r"\&.SH X"), ("'tis", r"\&'tis")],
)
def test_no_text_is_taken_for_a_request(text: str, escaped: str) -> None:
    assert _text(text) == escaped


def test_a_line_that_wraps_before_a_dot_is_no_request_either() -> None:
    wrapped = _text("x" * 70 + " .json or .txt")
    assert wrapped.splitlines()[1] == r"\&.json or .txt"


def test_groff_has_nothing_to_say_against_it_and_shows_every_command_and_option() -> None:
    ran = subprocess.run(
        [tool("man"), "--warnings", "--local-file", str(PAGE)],
        env=ENVIRONMENT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert ran.stderr == ""
    shown = " ".join(re.sub(r".\x08", "", ran.stdout).split())
    for ctx in commands():
        assert ctx.command_path in shown
        for param in ctx.command.params:
            for option in param.opts if param.param_type_name == "option" else ():
                assert option in shown


def test_mandoc_misses_nothing_but_a_date(tmp_path: Path) -> None:
    # A page that is made from the help has no date of its own: the version says how old it is.
    page = tmp_path / "loginfix.1"
    dated = PAGE.read_text("utf-8").replace('.TH LOGINFIX 1 ""', '.TH LOGINFIX 1 "2026-11-27"')
    page.write_text(dated, encoding="utf-8")
    command = [tool("mandoc"), "-Tlint", "-Wwarning", str(page)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, "")
