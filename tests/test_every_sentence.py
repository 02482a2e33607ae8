"""No sentence reaches a person but through ``loginfix.words``: in the code, and when it runs.

The code is searched for texts that go into errors, problems and reports as they are. Then the
program is run in a language in which every sentence is ⟦in brackets⟧: what is left outside of them
cannot be translated.
"""

import ast
import gettext
import html
import re
import sqlite3
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

import loginfix
import synthetic
from loginfix import words
from loginfix.cli import program
from loginfix.cli.click_words import translate_click
from loginfix.cli.reference import commands
from loginfix.errors import LoginfixError

ROOT = Path(loginfix.__file__).parent
MODULES = [path for path in sorted(ROOT.rglob("*.py")) if "formats" not in path.parts]
DOORS = {"say", "say_count", "message"}
# What takes sentences, and at which place they begin.
TAKERS = {
    **dict.fromkeys(("Paragraph", "Line", "Remedy", "ok", "cannot_tell", "Doing"), 0),
    **dict.fromkeys(("Problem", "Answer", "damaged", "unsafe"), 1),
}
A_WORD = re.compile(r"[A-Za-z]{2,}")
COMMAND = "loginfix "  # is the same in every language


def errors() -> set[str]:
    """The names of all our error classes."""
    for path in MODULES:
        if path.stem != "__main__":
            parts = path.relative_to(ROOT.parent).with_suffix("").parts
            import_module(".".join(parts).removesuffix(".__init__"))
    found, new = set[type](), {LoginfixError}
    while new:
        found |= new
        new = {sub for each in new for sub in each.__subclasses__()} - found
    return {each.__name__ for each in found if each.__module__.startswith("loginfix")}


def texts(node: ast.expr) -> Iterator[str]:
    """The texts that an argument may come to, as far as they stand in it and are sentences."""
    match node:
        case ast.Constant(value=str(text)) if " " in text and A_WORD.search(text):
            if not text.startswith(COMMAND):
                yield text
        case ast.JoinedStr(values=parts):
            fixed = " ".join(str(it.value) for it in parts if isinstance(it, ast.Constant))
            if A_WORD.search(fixed) and not fixed.startswith(COMMAND):
                yield fixed
        case ast.IfExp(body=one, orelse=other):
            yield from texts(one)
            yield from texts(other)
        case ast.BinOp(left=one, right=other):
            yield from texts(one)
            yield from texts(other)
        case ast.Tuple(elts=several) | ast.List(elts=several):
            for each in several:
                yield from texts(each)


def unsaid(path: Path, takers: dict[str, int]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in DOORS:
            # A sentence that is put together here is in no catalogue.
            yield from (ast.unparse(it) for it in node.args if isinstance(it, ast.JoinedStr))
            continue
        taken = node.args[takers[name] :] if name in takers else []
        taken += [it.value for it in node.keywords if it.arg == "next_step" or name in takers]
        for each in taken:
            yield from texts(each)


def test_the_search_finds_what_is_not_said(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        'raise UsageError(f"There is no {x}.", next_step="Take another." if y else say("No."))\n'
        'Problem("code", say(f"It is {x}."), message("Nothing."))\n'
        'Paragraph(f"{x}: {y}"); Line("loginfix"); Line(say("All is well."))\n'
    )
    found = list(unsaid(path, {**TAKERS, "UsageError": 0}))
    assert found == ["There is no  .", "Take another.", "f'It is {x}.'"]


def test_no_text_reaches_a_person_as_it_is() -> None:
    takers = TAKERS | dict.fromkeys(errors(), 0)
    assert len(takers) > len(TAKERS) + 20
    found = {path.name: sentences for path in MODULES if (sentences := list(unsaid(path, takers)))}
    assert found == {}


def test_constants_of_reports_are_messages() -> None:
    for path in sorted((ROOT / "reports").glob("text_*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Assign):
                assert list(texts(node.value)) == [], path


class Bracketed(gettext.NullTranslations):
    """A language that shows where each sentence begins and ends."""

    def gettext(self, message: str) -> str:
        # By paragraphs, of which a list of commands shows the first.
        return "\n\n".join(f"⟦{each}⟧" for each in message.split("\n\n"))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


@pytest.fixture
def bracketed(monkeypatch: pytest.MonkeyPatch) -> None:
    def use(_: str) -> None:
        monkeypatch.setattr(words, "_chosen", Bracketed())

    use("")
    translate_click()
    monkeypatch.setattr(program, "use", use)
    # One line a row: what stands beside each other in a table must not be mixed.
    monkeypatch.setenv("COLUMNS", "400")


TWO_WORDS = re.compile(r"[A-Za-z]{2,}[.,:;]? [A-Za-z]{2,}")
# What is not a sentence: commands and paths, names of profiles and of what extensions are called.
NAMES = re.compile(
    r"(?:sudo )?loginfix [a-z].*|\S*/\S*|amazon\.[a-z].*|\S*\.[a-z]\S*"
    r"|Mozilla Firefox|Google Chrome|Person \d|\[OPTIONS\].*|[A-Z]{2,}(?: \S+)*|Amazon[\w ,()]*"
)


def outside(text: str) -> str:
    """What is in no brackets."""
    depth, left = 0, []
    for letter in text:
        depth += (letter == "⟦") - (letter == "⟧")
        if depth == 0 and letter != "⟧":
            left.append(letter)
    assert depth == 0, text
    return "".join(left)


def sentences_outside(text: str) -> list[str]:
    return [
        line
        for line in outside(text).splitlines()
        if TWO_WORDS.search(NAMES.sub("", line.replace("⟧", "")))
    ]


def test_what_is_outside_of_brackets_is_found() -> None:
    assert sentences_outside("⟦Nothing was ⟦done⟧ here. To do it:⟧\n  loginfix sites") == []
    assert sentences_outside("⟦Size⟧  Nothing was done.") == ["  Nothing was done."]


@pytest.mark.usefixtures("bracketed")
@pytest.mark.parametrize("ctx", list(commands()), ids=lambda ctx: ctx.command_path)
def test_help_can_be_translated(ctx: object) -> None:
    help_page = getattr(ctx, "get_help")()  # noqa: B009  a click.Context
    assert "⟦" in help_page
    assert sentences_outside(help_page) == []


RUNS: tuple[tuple[str, ...], ...] = (
    ("browsers",),
    ("sites",),
    ("clear-cache", "--site", "amazon", "--dry-run"),
    ("trace", "--site", "amazon"),
    ("doctor", "--site", "amazon"),
    ("clear-cache", "--site", "amazon", "--yes"),
    ("clear-cache", "--site", "amazon", "--yes"),
    ("trace", "--site", "amazon"),
    ("backups", "list"),
    ("backups", "verify"),
    ("backups", "prune", "--keep", "5", "--dry-run"),
    ("restore", "--dry-run"),
    ("restore", "--yes"),
    ("restore", "--yes"),
    ("recover",),
    ("config",),
    ("config", "clear-cache"),
    ("clear-cache", "--site", "amazon", "--dry-run", "--verbose"),
    ("clear-cache", "--site", "amazon", "--dry-run", "--report", "/nowhere/at/all.html"),
    ("clear-cache", "--site", "amazon", "--dry-run", "--report", "report.doc"),
    ("clear-cache", "--site", "amazon", "--dry-run", "--user", "nobody-such"),
    ("schedule", "list"),
    ("schedule", "log"),
    ("schedule", "show", "nothing-such"),
    ("clear-cache",),
    ("clear-cache", "--site", "amazn", "--yes"),
    ("clear-cache", "--site", "co.jp", "--yes"),
    ("clear-cache", "--site", "amazon", "--only", "passwords"),
    ("clear-cache", "--site", "amazon", "--browser", "netscape"),
    ("clear-cache", "--site", "amazon", "--profile", "Nobody"),
    ("clear-cache", "--site", "amazon"),
    ("clear-cache", "--site", "amazon", "--lang"),
    ("clear-cache", "--site", "amazon", "extra"),
    ("clear-cache", "--sight", "amazon"),
    ("clearcache",),
    ("backups", "prune"),
    ("backups", "prune", "--keep", "many"),
    ("backups", "show", "20000101"),
    ("schedule", "add", "--site", "amazon", "--every", "now", "--at", "03:00"),
)


@pytest.mark.usefixtures("bracketed")
def test_all_that_a_run_says_can_be_translated(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path)
    synthetic.chromium(tmp_path)
    for arguments in RUNS:
        result = CliRunner().invoke(program.main, [*arguments, "--home", str(tmp_path)])
        assert "⟦" in result.output, arguments
        assert sentences_outside(result.output) == [], arguments


@pytest.mark.usefixtures("bracketed")
def test_what_is_wrong_with_a_backup_can_be_translated(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path)
    where = ["--home", str(tmp_path)]
    CliRunner().invoke(program.main, ["clear-cache", "--site", "amazon", "--yes", *where])
    (backup,) = (tmp_path / ".local/share/loginfix/backups").glob("*.loginfix")
    with sqlite3.connect(backup) as database:
        database.execute("UPDATE rows SET before = 'x'")
    database.close()
    for arguments in (["backups", "verify"], ["restore", "--yes"]):
        result = CliRunner().invoke(program.main, [*arguments, *where])
        assert "damaged" in result.output
        assert sentences_outside(result.output) == []


@pytest.mark.usefixtures("bracketed")
@pytest.mark.parametrize(
    "arguments", [("clear-cache", "--yes"), ("doctor",), ("clear-cache", "--dry-run")]
)
def test_a_written_report_can_be_translated(arguments: tuple[str, ...], tmp_path: Path) -> None:
    synthetic.firefox(tmp_path)
    page, text = tmp_path / "report.html", tmp_path / "report.md"
    reports = ["--report", str(page), "--report", str(text)]
    verb, *options = arguments
    run = [verb, "--site", "amazon", *options, *reports, "--home", str(tmp_path)]
    result = CliRunner().invoke(program.main, run)
    assert page.is_file(), result.output
    assert sentences_outside(text.read_text("utf-8")) == []
    body = "".join(page.read_text("utf-8").partition("<body")[1:])
    seen = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", "\n", body, flags=re.DOTALL)
    assert "⟦" in seen
    assert sentences_outside(html.unescape(seen)) == []
