"""Running the programs of the system, and telling a person on the desktop."""

import sys
from pathlib import Path

import pytest

from loginfix.errors import SchedulerError
from loginfix.schedule import notify, programs
from loginfix.schedule.programs import run_program

EVIL = "\"; touch /tmp/owned; $(reboot) '\n-x"


def test_a_program_gets_its_words_its_input_and_the_c_locale(tmp_path: Path) -> None:
    code = "import os, sys; sys.stdout.write(sys.argv[1] + os.environ['LC_ALL'] + os.environ['X'])"
    code += (
        "; sys.stdout.write(sys.stdin.read()); print(' oh \\n no', file=sys.stderr); sys.exit(3)"
    )
    done = run_program(sys.executable, "-c", code, "a b", content=b"in", environment={"X": "y"})
    assert (done.code, done.output, done.error) == (3, b"a bCyin", "oh no")
    assert not list(tmp_path.iterdir())


def test_a_program_that_is_not_there_has_failed() -> None:
    done = run_program("no-such-program-at-all")
    assert done.code == 127
    assert "no-such-program-at-all" in done.error


def test_a_program_that_does_not_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_SECONDS", 0.1)
    with pytest.raises(SchedulerError, match="did not answer"):
        run_program(sys.executable, "-c", "import time; time.sleep(30)")


@pytest.mark.parametrize(
    ("platform", "program"),
    [("linux", "notify-send"), ("darwin", "terminal-notifier"), ("win32", "powershell")],
)
def test_each_system_has_its_program_and_no_text_becomes_a_command(
    platform: str, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    commands = list(notify._commands("title", EVIL))
    assert commands[0][0] == program
    for command in commands:
        # As a word of its own, or by a variable: never within another word.
        assert all(EVIL not in word or word == EVIL for word in command)
    if platform == "linux":
        assert commands[0][-3:] == ["--", "title", EVIL]


def test_without_any_program_nothing_is_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(notify, "_PATH", str(tmp_path))
    assert not notify.notify("title", "text")


def test_the_message_bus_is_found_without_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert notify._session() == {}
    (tmp_path / "bus").touch()
    assert notify._session() == {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path / 'bus'}"}
