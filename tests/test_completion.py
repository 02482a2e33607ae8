"""Completion with Tab: what is offered, and that real shells take it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

import fake_browsers
import synthetic
from loginfix.api.machine import Machine
from loginfix.cli.completion import SHELLS
from loginfix.cli.program import main
from loginfix.errors import ExitCode
from loginfix.stores.model import CATEGORIES
from test_cli_program import Ended

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="homes in Linux' layout")
BIN = str(Path(sys.executable).parent)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    synthetic.firefox(tmp_path, name="Private")
    synthetic.chromium(tmp_path)
    return tmp_path


def offered(home: Path, *words: str, begun: str = "") -> list[str]:
    first, *others = words
    completer = ShellComplete(main, {}, "loginfix", "_LOGINFIX_COMPLETE")
    items = completer.get_completions([first, "--home", str(home), *others], begun)
    return [each.value for each in items]


def test_what_is_there_is_offered(home: Path) -> None:
    assert offered(home, "clear-cache", "--browser") == ["chromium", "firefox"]
    assert offered(home, "clear-cache", "--browser", begun="f") == ["firefox"]
    assert offered(home, "doctor", "--site") == ["amazon"]
    assert offered(home, "trace", "--site", "amazon", "--group", begun="aw") == ["aws"]
    assert offered(home, "trace", "--site", "example.org", "--group") == []
    assert offered(home, "restore", "--only") == sorted(map(str, CATEGORIES))


def test_profiles_are_those_of_the_browser_by_a_name_without_quotes(home: Path) -> None:
    chosen = ("clear-cache", "--browser", "firefox", "--profile")
    assert offered(home, *chosen) == ["firefox/ab12cd34.default"]
    user_data = home / ".config" / "chrome-of-tests"
    fake_browsers.user_data(user_data, {"Profile 1": "Work", "Profile 2": "At home"})
    chosen = ("clear-cache", "--user-data-dir", str(user_data), "--profile")
    ours = [each for each in offered(home, *chosen) if "firefox" not in each]
    assert ours == ["chromium/Default", "Work"]


def test_backups_and_schedules_are_offered_by_name_and_never_opened(home: Path) -> None:
    directories = Machine(home).directories
    directories.backups.mkdir(parents=True)
    for name in ("20261124-035030-amazon", "20261125-000000-amazon"):
        directories.backups.joinpath(f"{name}.loginfix").write_bytes(b"not a backup")
    expected = ["20261125-000000-amazon", "20261124-035030-amazon"]
    assert offered(home, "restore") == expected
    completer = ShellComplete(main, {}, "loginfix", "_LOGINFIX_COMPLETE")
    for verb in ("show", "verify", "delete"):
        items = completer.get_completions(["backups", verb, "--home", str(home)], "20261124")
        assert [each.value for each in items] == expected[1:]


def test_what_cannot_be_read_is_no_error(home: Path) -> None:
    sites = Machine(home).directories.config / "sites"
    sites.mkdir(parents=True)
    sites.joinpath("broken.toml").write_text("this is no TOML", encoding="utf-8")
    assert offered(home, "doctor", "--site") == []
    assert offered(home, "clear-cache", "--only", "nonsense", "--browser") == [
        "chromium",
        "firefox",
    ]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_printed_as_it_is_and_nothing_else(shell: str) -> None:
    printed = CliRunner().invoke(main, ["completion", shell])
    assert printed.exit_code == 0
    assert f"{shell}_complete" in printed.stdout
    assert printed.stderr == ""
    made = Ended(0, CliRunner().invoke(main, ["completion", shell, "--json"]).stdout, "").json
    assert made["data"] == {"shell": shell, "script": printed.stdout}


def test_other_shells_are_refused() -> None:
    ended = CliRunner().invoke(main, ["completion", "tcsh"])
    assert ended.exit_code == ExitCode.USAGE
    assert "powershell" in ended.stderr


def typed(home: Path, shell: str, commands: str) -> str:
    """What a real shell offers."""
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} here")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "LOGINFIX_"))}
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    options = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    ran = subprocess.run(
        [program, *options, "-c", commands],
        env={**kept, "HOME": str(home), "PATH": path, "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stderr == ""
    return ran.stdout


@pytest.mark.live
def test_bash_completes(home: Path) -> None:
    answers = typed(
        home,
        "bash",
        'eval "$(loginfix completion bash)"\n'
        "COMP_WORDS=(loginfix clear-cache --browser f); COMP_CWORD=3\n"
        '_loginfix_completion loginfix; echo "${COMPREPLY[@]}"\n'
        "COMPREPLY=(); COMP_WORDS=(loginfix cle); COMP_CWORD=1\n"
        '_loginfix_completion loginfix; echo "${COMPREPLY[@]}"\n'
        "complete -p loginfix",
    )
    assert answers.splitlines()[:2] == ["firefox", "clear-cache"]
    assert answers.splitlines()[2].endswith("-F _loginfix_completion loginfix")


@pytest.mark.live
def test_fish_completes(home: Path) -> None:
    answers = typed(
        home,
        "fish",
        "loginfix completion fish | source\n"
        "complete -C 'loginfix clear-cache --browser f'\n"
        "complete -C 'loginfix cle'",
    )
    offers = [line.partition("\t")[0] for line in answers.splitlines()]
    assert offers == ["firefox", "clear-cache"]


@pytest.mark.live
def test_zsh_completes(home: Path) -> None:
    # Its own editor at a terminal of its own: what Tab makes of the line is printed by the command.
    answers = typed(
        home,
        "zsh",
        "zmodload zsh/zpty\n"
        "zpty shell 'TERM=dumb PS1= zsh -f -i'\n"
        "zpty -w shell 'autoload -Uz compinit; compinit -u -D'\n"
        'zpty -w shell \'eval "$(loginfix completion zsh)"; print -r rea""dy\'\n'
        "zpty -r shell seen '*ready*'\n"
        "zpty -w -n shell $'print -r \"<\"; loginfix clear-cache --browser f\\t'\n"
        "zpty -r shell seen '*firefox*'\n"
        "print -r -- ${seen}\n"
        "zpty -d shell\n",
    )
    assert "loginfix clear-cache --browser firefox" in answers
