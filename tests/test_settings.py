"""``config.toml``: what it sets, below what; and what is said of one that is not understood."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import synthetic
from loginfix.cli.program import main
from loginfix.cli.reference import commands
from loginfix.cli.settings import FILE, SETTINGS, setting_of
from loginfix.errors import ExitCode
from loginfix.words import LANGUAGES, use
from test_cli_program import Ended

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="homes in Linux' layout")
PAGE = Path(__file__).parent.parent / "docs" / "reference" / "configuration.md"


class Person:
    """Somebody with a home, browsers and settings."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.file = home / ".config" / "loginfix" / FILE

    def write(self, text: str) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(text, encoding="utf-8")

    def run(self, *arguments: str, **environment: str) -> Ended:
        result = CliRunner().invoke(main, arguments, env=environment)
        return Ended(result.exit_code, result.stdout, result.stderr)

    def effective(self, *command: str, **environment: str) -> dict[str, tuple[Any, str]]:
        """Value and source of each setting."""
        made = self.run("config", *command, "--json", **environment)
        assert made.code == ExitCode.DONE, made.err
        values = made.json["data"]["values"]
        return {each["name"]: (each["value"], each["source"]) for each in values}


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    synthetic.firefox(tmp_path)
    synthetic.chromium(tmp_path)
    yield Person(tmp_path)
    use(LANGUAGES[0])


def test_an_option_wins_over_the_environment_that_over_the_file_that_over_nothing(
    person: Person,
) -> None:
    said = {"LOGINFIX_CLEAR_CACHE_BROWSER": "firefox"}
    option = ("clear-cache", "--browser", "chrome")
    assert person.effective("clear-cache")["--browser"] == ([], "default")
    person.write('browser = ["chromium"]')
    assert person.effective("clear-cache")["--browser"] == (["chromium"], "file")
    assert person.effective("clear-cache", **said)["--browser"] == (["firefox"], "environment")
    assert person.effective(*option, **said)["--browser"] == (["chrome"], "option")
    prune = ("backups", "prune", "--keep", "3")
    assert person.effective(*prune)["--keep"] == (3, "option")
    assert person.run("config", *prune, "--json").json["data"]["command"] == "backups prune"


def test_a_run_takes_them(person: Person) -> None:
    assert person.run("clear-cache", "--dry-run").code == ExitCode.USAGE
    person.write('site = ["amazon"]\nbrowser = ["chromium"]\nonly = ["cookies"]\n')
    made = person.run("clear-cache", "--dry-run", "--json")
    assert [each["brand"] for each in made.json["data"]["profiles"]] == ["chromium"]
    assert made.json["data"]["categories"] == ["cookies"]
    made = person.run("clear-cache", "--dry-run", "--json", "--browser", "firefox")
    assert [each["brand"] for each in made.json["data"]["profiles"]] == ["firefox"]
    assert person.run("doctor", "--json").json["data"]["site"]["name"] == "amazon"


def test_a_command_about_one_site_takes_none_of_several(person: Person) -> None:
    person.write('site = ["amazon", "example.org"]')
    assert person.run("doctor").code == ExitCode.USAGE
    assert person.run("trace", "--json").json["data"]["site"]["name"] == "amazon,example.org"


def test_the_language_is_set_below_the_environment(person: Person) -> None:
    person.write('lang = "ja"')
    assert person.effective(LOGINFIX_LANG="")["lang"] == ("ja", "file")
    assert person.effective(LOGINFIX_LANG="en")["lang"] == ("en", "environment")
    assert person.effective("--lang", "en")["lang"] == ("en", "option")
    assert "Any other site" in person.run("sites", LOGINFIX_LANG="en").out
    assert "Any other site" not in person.run("sites", LOGINFIX_LANG="").out


def test_backups_go_where_the_person_keeps_them_in_a_folder_of_their_own(person: Person) -> None:
    folder = person.home / "Documents"
    folder.mkdir(mode=0o755)
    person.write('backup-dir = "~/Documents"\nkeep-backups = 0')
    cleared = person.run("clear-cache", "--site", "amazon", "--yes", "--json")
    assert cleared.code == ExitCode.DONE, cleared.out
    (backup,) = (folder / "loginfix-backups").glob("*.loginfix")
    assert folder.stat().st_mode & 0o777 == 0o755
    command = cleared.json["data"]["backup"]["restore_command"]
    assert command.endswith(f"--backup-dir {folder}")
    assert len(person.run("backups", "list", "--json").json["data"]["backups"]) == 1
    other = person.run("backups", "list", "--home", str(person.home), "--json")
    assert other.json["data"]["backups"] == []
    assert person.run("restore", "--yes").code == ExitCode.DONE
    going = person.run("backups", "prune", "--dry-run", "--json").json["data"]["going"]
    assert [each["id"] for each in going] == [backup.stem]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('lang = "en"\nbrowsr = ["chrome"]', ("line 2", "browsr", "browser")),
        ('[site]\nname = "amazon"', ("line 1", "site", "list of texts")),
        ("\nquiet = 1", ("line 2", "quiet", "true or false", "quiet = true")),
        ("keep-days = -1", ("line 1", "keep-days", "number")),
        ('backup-dir = "backups"', ("line 1", "backup-dir", "path")),
        ('lang = "tlh"', ("line 1", "lang")),
        ("lang = = 1", ("line 1",)),
        ("yes = true", ("line 1", "yes", "is not known")),
    ],
)
def test_what_is_not_understood_is_said_with_its_line(
    person: Person, text: str, words: tuple[str, ...]
) -> None:
    person.write(text)
    for command in ("config", "sites", "clear-cache"):
        made = person.run(command, "--json")
        assert made.code == ExitCode.BAD_CONFIGURATION
        error = made.json["error"]
        assert error["code"] == "bad-configuration"
        assert error["path"] == str(person.file)
        for word in (str(person.file), *words):
            assert word in error["message"] + error["next_step"], word
    assert person.run("clear-cache", "--help").code == ExitCode.DONE
    assert len(synthetic.COOKIES) == len(synthetic.firefox(person.home / "other").hosts())


def test_nothing_that_makes_a_run_bolder_can_be_set() -> None:
    bold = {"yes", "overwrite", "from-elsewhere", "close-browser", "drop-locked-sessions", "undo"}
    bold |= {"all-users", "user", "home", "user-data-dir", "profile-dir", "replace", "dry-run"}
    assert not bold & set(SETTINGS)


def test_every_setting_is_an_option_of_a_command() -> None:
    known = {
        setting_of(ctx.command_path.partition(" ")[2], param)
        for ctx in commands()
        for param in ctx.command.params
        if isinstance(param, click.Option)
    }
    assert known >= set(SETTINGS)


def test_the_page_lists_exactly_what_can_be_set() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert rows == list(SETTINGS)


def test_the_example_of_the_page_is_understood(person: Person) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    person.write(example)
    made = person.run("config")
    assert made.code == ExitCode.DONE
    assert str(person.file) in made.out
    assert "chrome, firefox" in made.out


def test_a_group_or_nonsense_is_no_command(person: Person) -> None:
    assert person.run("config", "backups").code == ExitCode.USAGE
    assert person.run("config", "no-such-verb").code == ExitCode.USAGE
    assert json.loads(person.run("config", "sites", "--json").out)["command"] == "config"
