"""What a person sees while waiting, and that Ctrl-C ends a run cleanly at any time."""

import io
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

import synthetic
from fake_browsers import files_below
from loginfix.errors import ExitCode
from loginfix.progress import Doing, counted, silent
from loginfix.reports.waiting import Waiting
from recorder.recordings import unpack

CLEAR = ("clear-cache", "--site", "amazon")
SLOW_LOOK = (
    "import time\n"
    "from loginfix.clearing import plan\n"
    "look = plan.look\n"
    "def slow(*arguments):\n"
    "    time.sleep(0.03)\n"
    "    return look(*arguments)\n"
    "plan.look = slow"
)
CLEARED = ["example.org", "notamazon.com"]
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="pseudo-terminals, Linux' layout")


def console(**more: object) -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=80, **more)  # type: ignore[arg-type]


def shown(on: Console) -> str:
    assert isinstance(on.file, io.StringIO)
    return on.file.getvalue()


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


# What is told


def test_things_are_counted_as_they_are_done() -> None:
    told: list[Doing] = []
    assert list(counted(told.append, "Looking", "ab", 2)) == ["a", "b"]
    assert told == [Doing("Looking", done, 2) for done in (0, 1, 2)]


# What is shown


def test_the_line_says_what_is_done_and_how_much_of_it_and_how_long_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    on = console()
    waiting = Waiting(on)
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    on.get_time = lambda: now[0]
    for done in range(1, 31):
        now[0] += 1
        waiting.show(Doing("Looking at Firefox (default)", done, 3000))
    waiting.stop()
    last = plain(shown(on)).split("\r")[-2]
    assert "Looking at Firefox (default)" in last
    assert "30 of 3,000, 49:30 left" in last
    assert len(last.rstrip("\n")) <= 80


def test_where_nothing_can_be_counted_the_time_so_far_is_shown() -> None:
    on = console()
    waiting = Waiting(on)
    waiting.show(Doing("Putting everything back"))
    waiting.stop()
    assert re.search(r"Putting everything back.* 00:0\d", plain(shown(on)))


def test_the_line_is_erased_and_the_cursor_is_back() -> None:
    on = console()
    waiting = Waiting(on)
    waiting.show(Doing("Looking", 1, 2))
    waiting.stop()
    waiting.stop()
    assert shown(on).endswith("\x1b[?25h\r\x1b[1A\x1b[2K")


@pytest.mark.parametrize("name", ["\x1b[2J", "[red]", "日本語" * 40, "long " * 40])
def test_no_name_breaks_the_line(name: str) -> None:
    on = console()
    waiting = Waiting(on)
    waiting.show(Doing(f"Looking at {name}", 12_345, 67_890))
    waiting.stop()
    text = plain(shown(on))
    assert "\x1b[2J" not in shown(on)
    assert "12,345 of 67,890" in text
    assert text.count("\n") == 1


def test_a_terminal_that_cannot_erase_gets_a_line_for_each_step() -> None:
    on = console(_environ={"TERM": "dumb"})
    waiting = Waiting(on)
    for doing in (Doing("Looking", 1, 2), Doing("Looking", 2, 2), Doing("Changing")):
        waiting.show(doing)
    waiting.stop()
    assert shown(on) == "Looking\nChanging\n"


# At a terminal, in a process of its own

if sys.platform == "linux":
    from terminals import MAIN, Terminal, environment

    def slowly(home: Path, preparation: str, *arguments: str, **extra: str) -> Terminal:
        program = (sys.executable, "-c", f"{preparation}\n{MAIN}")
        return Terminal(home, *CLEAR, *arguments, program=program, **extra)


@on_linux
def test_a_long_look_shows_how_far_it_is_and_leaves_nothing_of_that(tmp_path: Path) -> None:
    unpack("firefox-esr-153", tmp_path)
    with slowly(tmp_path, SLOW_LOOK, "--dry-run") as terminal:
        text = terminal.rest()
    assert re.search(r"Looking at Firefox.*[1-9]\d* of 23, \d\d:\d\d left", plain(text))
    assert "Looking at" not in text.rpartition("\x1b[2K")[2]
    assert "this would be removed" in text.rpartition("\x1b[2K")[2]


@on_linux
@pytest.mark.parametrize(
    ("arguments", "extra"), [(("--quiet",), {}), ((), {"LOGINFIX_CLEAR_CACHE_QUIET": "1"})]
)
def test_whoever_wants_quiet_has_it(
    tmp_path: Path, arguments: tuple[str, ...], extra: dict[str, str]
) -> None:
    synthetic.firefox(tmp_path)
    with Terminal(tmp_path, *CLEAR, "--dry-run", *arguments, **extra) as terminal:
        text = terminal.rest()
    assert "Looking at" not in text
    assert "\x1b[2K" not in text
    assert "this would be removed" in text


@on_linux
@pytest.mark.parametrize(
    ("arguments", "extra", "coloured"),
    [
        ((), {}, True),
        (("--no-color",), {}, False),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"TERM": "dumb"}, False),
    ],
)
def test_colours_are_for_terminals_that_have_them_and_people_who_want_them(
    tmp_path: Path, arguments: tuple[str, ...], extra: dict[str, str], *, coloured: bool
) -> None:
    synthetic.firefox(tmp_path)
    with Terminal(tmp_path, *CLEAR, "--yes", *arguments, **extra) as terminal:
        text = terminal.rest()
    assert bool(re.search(r"\x1b\[[0-9;]*3[0-9]m", text)) is coloured
    assert "\x1b" not in text or extra.get("TERM") != "dumb"


@on_linux
@pytest.mark.parametrize(("extra", "escapes"), [({}, False), ({"FORCE_COLOR": "1"}, True)])
def test_without_a_terminal_there_is_only_the_result(
    tmp_path: Path, extra: dict[str, str], *, escapes: bool
) -> None:
    synthetic.firefox(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "loginfix", *CLEAR, "--dry-run"],
        env=environment(tmp_path, TERM="xterm-256color", **extra),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == ExitCode.DONE
    assert done.stderr == ""
    assert ("\x1b[1m" in done.stdout) is escapes


# Ctrl-C


@on_linux
def test_an_interrupted_look_changes_nothing_and_says_so(tmp_path: Path) -> None:
    unpack("firefox-esr-153", tmp_path)
    before = files_below(tmp_path)
    with slowly(tmp_path, SLOW_LOOK, "--yes") as terminal:
        terminal.until("0 of ")
        terminal.process.send_signal(signal.SIGINT)
        text = terminal.rest()
    assert terminal.code == ExitCode.INTERRUPTED
    assert "Nothing in your browsers was changed" in text
    assert "\x1b[?25h" in text  # the cursor
    assert files_below(tmp_path) == before


@on_linux
@pytest.mark.parametrize("after", [("commit",), ("commit", "undo")])
def test_what_was_changed_already_is_put_back_whatever_is_pressed(
    tmp_path: Path, after: tuple[str, ...]
) -> None:
    firefox = synthetic.firefox(tmp_path)
    with slowly(tmp_path, interrupted(*after), "--yes") as terminal:
        text = terminal.rest()
    assert terminal.code == ExitCode.INTERRUPTED
    assert "Putting everything back" in text
    assert "Nothing in your browsers was changed" in text
    assert firefox.hosts() == sorted(host for host, _ in synthetic.COOKIES)
    assert not list(tmp_path.rglob(".loginfix-*"))


@on_linux
def test_what_is_done_when_it_is_pressed_is_finished_and_told(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    with slowly(tmp_path, interrupted("finish"), "--yes") as terminal:
        text = terminal.rest()
    assert terminal.code == ExitCode.DONE
    assert "Amazon was removed" in text
    assert "loginfix restore" in text
    assert firefox.hosts() == CLEARED
    assert not list(tmp_path.rglob(".loginfix-*"))


def interrupted(*steps: str) -> str:
    """A program in which Ctrl-C is pressed at these steps of a transaction."""
    return (
        "import os, signal\n"
        "from loginfix.clearing.transaction import Transaction\n"
        "def pressing(step):\n"
        "    def press(self, *rest):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        return step(self, *rest)\n"
        "    return press\n"
        f"for name in {steps}:\n"
        "    setattr(Transaction, name, pressing(getattr(Transaction, name)))"
    )


def test_nobody_is_told_what_nobody_waits_for() -> None:
    assert silent(Doing("Looking")) is None  # type: ignore[func-returns-value]
