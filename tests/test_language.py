"""Which language is spoken: as asked for, as set, or as the system has it."""

import plistlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from loginfix import words
from loginfix.cli import language
from loginfix.cli.language import asked_for, chosen, of_the_system
from loginfix.cli.program import main

JAPANESE = {"LANG": "ja_JP.UTF-8"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--lang", "ja", "browsers"], "ja"),
        (["browsers", "--lang=ja"], "ja"),
        (["--lang", "ja", "browsers", "--lang", "en"], "en"),
        (["browsers", "--", "--lang", "ja"], None),
        (["browsers", "--lang"], None),
        (["--lang", "tlh"], None),
        ([], None),
    ],
)
def test_a_command_line_names_it_before_or_after_the_verb(
    arguments: list[str], expected: str | None
) -> None:
    assert asked_for(arguments) == expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        (JAPANESE, "ja"),
        ({"LANG": "ja"}, "ja"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({**JAPANESE, "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({**JAPANESE, "LC_ALL": ""}, "ja"),
        ({**JAPANESE, "LC_ALL": "C.UTF-8"}, "en"),
        ({**JAPANESE, "LC_ALL": "POSIX"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:ja:en"}, "ja"),
        ({"LANG": "C", "LANGUAGE": "ja"}, "en"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "ja"}, "en"),
        ({"LANGUAGE": "ja"}, "en"),
    ],
)
def test_the_environment_names_it_as_for_gettext(
    environment: dict[str, str], expected: str
) -> None:
    assert of_the_system(environment, "linux") == expected


def test_macos_has_it_in_the_settings_of_the_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert of_the_system({}, "darwin") == "en"
    settings = tmp_path / "Library/Preferences/.GlobalPreferences.plist"
    settings.parent.mkdir(parents=True)
    settings.write_bytes(plistlib.dumps({"AppleLanguages": ["de-DE", "ja-JP", "en-US"]}))
    assert of_the_system({}, "darwin") == "ja"
    assert of_the_system({"LANG": "en_US.UTF-8"}, "darwin") == "en"
    settings.write_bytes(b"damaged")
    assert of_the_system({}, "darwin") == "en"


def test_windows_has_it_as_the_language_of_the_menus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_of_windows", lambda: ["ja_JP"])
    assert of_the_system({}, "win32") == "ja"
    assert of_the_system({"LANG": "en_US.UTF-8"}, "win32") == "en"


def test_the_command_line_comes_before_the_setting_and_that_before_the_system() -> None:
    set_to_japanese = {"LANG": "en_US.UTF-8", "LOGINFIX_LANG": "ja"}
    assert chosen([], set_to_japanese) == "ja"
    assert chosen(["--lang", "en"], {**set_to_japanese, **JAPANESE}) == "en"
    assert chosen([], {"LOGINFIX_LANG": "tlh", **JAPANESE}) == "ja"


@pytest.mark.parametrize("arguments", [["--help", "--lang", "ja"], ["--lang", "ja", "sites", "-h"]])
def test_help_is_in_the_language_wherever_it_is_named(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.output.startswith("使い方: loginfix")
    assert "この説明を表示して終了します。" in result.output


def test_an_error_of_the_command_line_is_in_the_language() -> None:
    result = CliRunner().invoke(main, ["clear-cache", "--lang", "ja"])
    assert "エラー: 必要なオプションがありません '--site'" in result.output
    result = CliRunner().invoke(main, ["sites", "--nope", "--lang", "ja"])
    assert "「--nope」というオプションはありません。" in result.output


def test_the_next_run_speaks_its_own_language() -> None:
    CliRunner().invoke(main, ["sites", "--lang", "ja"])
    assert words.language() == "ja"
    result = CliRunner().invoke(main, ["sites"])
    assert words.language() == "en"
    assert "Amazon shops" in result.output


def test_help_is_in_the_language_of_each_run() -> None:
    pages = [CliRunner().invoke(main, ["sites", "-h", "--lang", each]) for each in ("ja", "en")]
    assert "この説明を表示して終了します。" in pages[0].output
    assert "Show this message and exit." in pages[1].output


def test_sites_have_names_in_both_languages() -> None:
    assert "Amazon ショッピング" in CliRunner().invoke(main, ["sites", "--lang", "ja"]).output


def test_another_language_is_refused_in_the_one_of_the_system() -> None:
    result = CliRunner().invoke(main, ["--lang", "tlh", "sites"])
    assert result.exit_code == 2
    assert "'tlh' is not one of 'en', 'ja'" in result.output
