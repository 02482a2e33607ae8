"""The crontab is the person's: every line but ours stays byte for byte."""

import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.errors import SchedulerError, UsageError
from loginfix.schedule.cron import Cron
from loginfix.schedule.crontab_text import entries, line_of, with_entry, without_entry
from loginfix.schedule.model import Entry
from loginfix.schedule.programs import Completed
from loginfix.schedule.timing import Timing
from scheduler_doubles import Programs

ENTRY = Entry("amazon", ("/usr/bin/python3", "-m", "loginfix"), Timing.parse("week", "03:00"))
OTHER = Entry("other", ("/usr/bin/python3", "x"), Timing.parse("day", "04:00"))
FOREIGN = [
    b"",
    b"# only a comment\n",
    b"0  3 * * *\t/bin/x   # aligned\n@yearly y\n\n\n",
    b'SHELL=/usr/bin/fish\nMAILTO=""\n* * * * * echo 50\\% %in\n',
    b"carriage returns\r\n* * * * * x\r\n",
    b"odd bytes \xff\x00\x85\x0b\x0c\x1c\x1d\n\xe3\x82\xa2\n",
    b"no end of line, and \xff",
    b"# 0 3 * * * 'x' >/dev/null # loginfix:amazon\n",
    b"0 3 * * * x # loginfix:amazon\n",
    b"# 1 header\n# 2 header\n",
]
foreign = pytest.mark.parametrize("content", FOREIGN)
lines = st.binary(max_size=300)


def ended(content: bytes) -> bytes:
    return content if not content or content.endswith(b"\n") else content + b"\n"


@foreign
def test_adding_keeps_every_other_byte(content: bytes) -> None:
    assert with_entry(content, ENTRY) == line_of(ENTRY) + ended(content)


@given(lines)
def test_adding_and_removing_any_crontab_gives_it_back(content: bytes) -> None:
    both = with_entry(with_entry(content, ENTRY), OTHER)
    assert both.endswith(ended(content))
    assert without_entry(without_entry(both, "amazon"), "other") == ended(content)
    assert [each for _, each in entries(both)][:2] == [OTHER, ENTRY]


@foreign
def test_removing_what_is_not_there_changes_nothing(content: bytes) -> None:
    assert without_entry(content, "amazon") == content


@foreign
def test_changing_is_done_in_place(content: bytes) -> None:
    before = ended(content) + line_of(ENTRY) + b"# after\n"
    changed = Entry(ENTRY.id, ENTRY.command, Timing.parse("day", "12:34"))
    assert with_entry(before, changed) == ended(content) + line_of(changed) + b"# after\n"


def test_a_line_twice_becomes_one() -> None:
    assert with_entry(line_of(ENTRY) * 2, ENTRY) == line_of(ENTRY)


def as_cron_runs_it(command: str, *, doubled: bool) -> str:
    """What a cron gives to the shell (Vixie's ``do_command.c``): an unescaped ``%`` ends it.

    Some versions take two backslashes for one, others leave them.
    """
    given, escaped = "", False
    for character in command:
        if escaped and (character == "%" or (doubled and character == "\\")):
            given = given[:-1] + character
            escaped = False
        elif not escaped and character == "%":
            return given
        else:
            given += character
            escaped = character == "\\" and not escaped
    return given


@pytest.mark.parametrize("doubled", ["doubled", ""])
def test_the_command_is_quoted_for_every_cron_and_the_shell(doubled: str) -> None:
    words = (
        "/a b/py",
        "it's",
        "100%",
        "\\%",
        "\\\\",
        "$HOME",
        "`x`",
        '"',
        "日本",
        "",
        "*",
        "\\",
        "%%",
    )
    text = line_of(Entry("x", words, ENTRY.timing)).decode()
    command = as_cron_runs_it(text.split(" ", 5)[5], doubled=bool(doubled))
    assert command.endswith(" >/dev/null # loginfix:x\n")
    shown = subprocess.run(
        ["/bin/sh", "-c", "exec printf '%s\\n' " + command.replace(">/dev/null", "")],
        capture_output=True,
        check=True,
    ).stdout.decode()
    assert shown == "\n".join(words) + "\n"


def test_a_command_that_is_too_long_for_cron_is_refused() -> None:
    with pytest.raises(UsageError, match="too long"):
        line_of(Entry("x", ("/" + "x" * 1000,), ENTRY.timing))


def test_two_at_once_lose_no_line(tmp_path: Path) -> None:
    """A crontab program that is slow between reading and writing; each its own process."""
    table = tmp_path / "table"
    table.write_bytes(b"# mine\n")
    program = tmp_path / "crontab"
    program.write_text(
        f"""#!{sys.executable}
import pathlib, sys, time
table = pathlib.Path({str(table)!r})
if sys.argv[1] == "-l":
    sys.stdout.buffer.write(table.read_bytes())
    sys.stdout.flush()
    time.sleep(0.2)
else:
    table.write_bytes(sys.stdin.buffer.read())
"""
    )
    program.chmod(0o755)
    code = (
        "import sys; from pathlib import Path; from loginfix.schedule.cron import Cron;"
        "from loginfix.schedule.model import Entry; from loginfix.schedule.timing import Timing;"
        f"Cron(Path({str(tmp_path / 'lock')!r})).install("
        "Entry(sys.argv[1], ('/x',), Timing.parse('day', '03:00')))"
    )
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}

    def add(name: str) -> None:
        command = [sys.executable, "-c", code, name]
        subprocess.run(command, env=environment, check=True, timeout=60)

    names = ["a", "b", "c", "d"]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, names))
    assert {each for each, _ in entries(table.read_bytes())} == set(names)
    assert table.read_bytes().endswith(b"# mine\n")


def test_control_characters_that_cron_shows_as_escapes_survive(tmp_path: Path) -> None:
    programs = Programs(tmp_path)
    table = tmp_path / "crontab"
    content = b"* * * * * x\r\n# \b \\b \\r\n"
    table.write_bytes(content)
    cron = Cron(tmp_path / "lock", programs)
    cron.install(ENTRY)
    assert table.read_bytes() == line_of(ENTRY) + content
    cron.remove("amazon")
    assert table.read_bytes() == content
    programs.fail = "-e"
    with pytest.raises(SchedulerError, match="as it is"):
        cron.install(ENTRY)
    assert table.read_bytes() == content


def test_a_crontab_of_only_ours_goes_with_it(tmp_path: Path) -> None:
    cron = Cron(tmp_path / "lock", Programs(tmp_path))
    cron.install(ENTRY)
    cron.remove("amazon")
    assert not (tmp_path / "crontab").exists()


def test_a_crontab_that_is_not_taken_as_written_is_put_back(tmp_path: Path) -> None:
    class Mangling(Programs):
        def crontab(self, word: str, content: bytes) -> Completed:
            return super().crontab(word, content.replace(b"loginfix:", b"mangled:"))

    table = tmp_path / "crontab"
    table.write_bytes(b"# mine\n")
    with pytest.raises(SchedulerError, match="as it was written"):
        Cron(tmp_path / "lock", Mangling(tmp_path)).install(ENTRY)
    assert table.read_bytes() == b"# mine\n"


def test_a_crontab_is_written_in_a_second_of_its_own(tmp_path: Path) -> None:
    # cron(8) takes a crontab changed twice in a second, and read in between, for unchanged.
    table = tmp_path / "crontab"
    table.write_bytes(b"# mine\n")
    Cron(tmp_path / "lock", Programs(tmp_path)).install(ENTRY)
    first = int(table.stat().st_mtime)
    Cron(tmp_path / "lock", Programs(tmp_path)).remove("amazon")
    assert int(table.stat().st_mtime) > first


def test_a_read_back_command_is_what_a_shell_would_take() -> None:
    (command,) = [each for _, each in entries(line_of(ENTRY))]
    assert command == ENTRY
    assert shlex.split(line_of(ENTRY).decode())[5:8] == list(ENTRY.command)
