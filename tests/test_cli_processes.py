"""The program as a person or a script meets it: real processes, exit codes, output, questions."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import synthetic
from fake_browsers import dead_pid
from loginfix.errors import ExitCode

if sys.platform != "linux":
    pytest.skip("homes in Linux' layout, pseudo-terminals", allow_module_level=True)

from terminals import MAIN, PROGRAM, Terminal, environment

SCHEMA = Draft202012Validator(
    json.loads(
        Path(__file__).parent.parent.joinpath("docs/reference/json-schema.json").read_text("utf-8")
    )
)
CLEAR = ("clear-cache", "--site", "amazon")
DRY_RUN = (*CLEAR, "--dry-run")
FOR_SURE = (*CLEAR, "--yes")


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on standard output, checked against the schema."""
        decoded: dict[str, Any] = json.loads(self.out)
        SCHEMA.validate(decoded)
        assert decoded["exit_code"] == self.code
        return decoded


def loginfix(home: Path, *arguments: str, **extra: str) -> Ended:
    return run(home, *PROGRAM, *arguments, **extra)


def run(home: Path, *command: str, **extra: str) -> Ended:
    done = subprocess.run(
        command,
        env=environment(home, **extra),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    for text in (done.stdout, done.stderr):
        assert synthetic.SECRET not in text
        assert "Traceback" not in text
    return Ended(done.returncode, done.stdout, done.stderr)


def loginfix_after(home: Path, preparation: str) -> Ended:
    """The program clearing the site, after a line of Python that makes its life harder."""
    return run(home, sys.executable, "-c", f"{preparation}\n{MAIN}", *FOR_SURE)


def everything(home: Path) -> dict[str, tuple[int, str]]:
    """Time and content of every file below a home, and the time of every directory."""
    return {
        str(path.relative_to(home)): (
            path.stat().st_mtime_ns,
            sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in home.rglob("*")
    }


def backups(home: Path) -> list[Path]:
    return sorted((home / ".local/share/loginfix/backups").glob("*.loginfix"))


@contextmanager
def running_firefox(profile: synthetic.SyntheticProfile) -> Iterator[None]:
    """A process called firefox that holds the lock of a profile."""
    code = (
        "import fcntl, sys\n"
        "file = open(sys.argv[1], 'w')\n"
        "fcntl.lockf(file, fcntl.LOCK_EX)\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        ["firefox", "-c", code, profile.path / ".parentlock"],
        executable=sys.executable,
        # Python looks for its library beside the name it was given.
        env={**os.environ, "PYTHONHOME": sys.base_prefix},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield
        finally:
            process.communicate()


# Done, nothing, partial


def test_a_site_is_taken_out_and_put_back(tmp_path: Path) -> None:
    firefox, chromium = synthetic.firefox(tmp_path), synthetic.chromium(tmp_path)
    before = firefox.hosts(), chromium.hosts()

    cleared = loginfix(tmp_path, *FOR_SURE)
    assert cleared.code == ExitCode.DONE
    assert firefox.hosts() == chromium.hosts() == ["example.org", "notamazon.com"]

    (backup,) = backups(tmp_path)
    command = f"loginfix restore {backup.stem}"
    assert f"\n  {command}\n" in cleared.out
    restored = loginfix(tmp_path, *command.split()[1:], "--yes")
    assert restored.code == ExitCode.DONE
    assert (firefox.hosts(), chromium.hosts()) == before
    assert loginfix(tmp_path, "restore", "--yes").code == ExitCode.NOTHING_FOUND


def test_nothing_of_the_site_is_not_the_same_as_done(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path, [synthetic.OTHER])
    for arguments in (FOR_SURE, DRY_RUN):
        ended = loginfix(tmp_path, *arguments)
        assert ended.code == ExitCode.NOTHING_FOUND
        assert "Nothing of Amazon was found" in ended.out
    assert not backups(tmp_path)


def test_what_is_damaged_is_left_alone_and_named_and_the_rest_is_done(tmp_path: Path) -> None:
    firefox, chromium = synthetic.firefox(tmp_path), synthetic.chromium(tmp_path)
    firefox.cookies.write_bytes(b"SQLite format 3\0" + b"damaged" * 500)
    damaged = firefox.cookies.read_bytes()
    for arguments in (DRY_RUN, FOR_SURE):
        ended = loginfix(tmp_path, *arguments)
        assert ended.code == ExitCode.PARTIAL
        assert str(firefox.cookies) in ended.out.replace("\n", " ")
    assert firefox.cookies.read_bytes() == damaged
    assert chromium.hosts() == ["example.org", "notamazon.com"]


def test_a_dry_run_changes_not_one_byte(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path)
    synthetic.chromium(tmp_path)
    before = everything(tmp_path)
    assert loginfix(tmp_path, *DRY_RUN).code == ExitCode.DONE
    assert loginfix(tmp_path, *DRY_RUN, "--json").code == ExitCode.DONE
    assert everything(tmp_path) == before


# Refused, each for its own reason


def test_without_a_browser_there_is_nothing_to_work_on(tmp_path: Path) -> None:
    for arguments in (FOR_SURE, DRY_RUN, ("browsers",)):
        assert loginfix(tmp_path, *arguments).code == ExitCode.NO_BROWSERS


def test_what_cannot_be_meant_is_refused(tmp_path: Path) -> None:
    assert loginfix(tmp_path, "clear-cache").code == ExitCode.USAGE
    assert loginfix(tmp_path, "clear-cache", "--json").json["status"] == "error"


def test_an_error_is_on_standard_error_with_its_next_step(tmp_path: Path) -> None:
    ended = loginfix(tmp_path, "clear-cache", "--site", "amazn")
    assert ended.code == ExitCode.USAGE
    assert ended.out == ""
    assert ended.err.startswith("Error: ")
    assert "amazon" in ended.err


def test_without_a_terminal_and_without_yes_nothing_happens(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path)
    before = everything(tmp_path)
    ended = loginfix(tmp_path, *CLEAR)
    assert ended.code == ExitCode.NOT_CONFIRMED
    assert "--yes" in ended.err
    assert everything(tmp_path) == before


def test_a_running_browser_is_named_and_refused(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    with running_firefox(firefox):
        ended = loginfix(tmp_path, *FOR_SURE)
        assert ended.code == ExitCode.BROWSER_RUNNING
        assert "Close Firefox" in ended.out
        made = loginfix(tmp_path, *FOR_SURE, "--json").json
        assert made["error"]["code"] == "browser-running"
        assert made["data"]["skipped"] == [str(firefox.path)]
        assert loginfix(tmp_path, *DRY_RUN).code == ExitCode.DONE
        assert "Firefox (default) is open (" in loginfix(tmp_path, "browsers").out
    assert len(firefox.hosts()) == len(synthetic.COOKIES)
    assert not backups(tmp_path)


def test_a_running_browser_does_not_keep_the_others_from_being_cleared(tmp_path: Path) -> None:
    firefox, chromium = synthetic.firefox(tmp_path), synthetic.chromium(tmp_path)
    with running_firefox(firefox):
        ended = loginfix(tmp_path, *FOR_SURE)
    assert ended.code == ExitCode.PARTIAL
    assert "Close Firefox" in ended.out
    assert chromium.hosts() == ["example.org", "notamazon.com"]
    assert len(firefox.hosts()) == len(synthetic.COOKIES)


def test_a_browser_that_is_asked_closes_and_is_cleared(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    with running_firefox(firefox):
        ended = loginfix(tmp_path, *FOR_SURE, "--close-browser")
    assert ended.code == ExitCode.DONE
    assert firefox.hosts() == ["example.org", "notamazon.com"]


def test_a_backup_that_cannot_be_written_stops_everything(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    before = everything(firefox.path)
    room = 40_960  # for the edited copy of the cookies, not for the backup
    ended = loginfix_after(
        tmp_path, f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))"
    )
    assert ended.code == ExitCode.BACKUP_FAILED
    assert "Nothing was removed" in ended.err
    assert everything(firefox.path) == before
    assert not backups(tmp_path)


@pytest.mark.parametrize("kind", ["file", "pipe", "link to nowhere"])
def test_no_backup_is_made_where_something_else_has_the_name_of_the_folder(
    tmp_path: Path, kind: str
) -> None:
    firefox = synthetic.firefox(tmp_path)
    before = everything(firefox.path)
    in_the_way = tmp_path / "kept" / "loginfix-backups"
    in_the_way.parent.mkdir()
    match kind:
        case "file":
            in_the_way.write_text("mine", "ascii")
        case "pipe":
            os.mkfifo(in_the_way)
        case _:
            in_the_way.symlink_to("nowhere")
    ended = loginfix(tmp_path, *FOR_SURE, "--backup-dir", str(in_the_way.parent))
    assert ended.code == ExitCode.BACKUP_FAILED
    assert str(in_the_way) in ended.err.replace("\n", "")
    assert everything(firefox.path) == before
    assert list(in_the_way.parent.iterdir()) == [in_the_way]


def test_a_folder_that_is_no_profile_cannot_be_read(tmp_path: Path) -> None:
    ended = loginfix(tmp_path, *FOR_SURE, "--profile-dir", str(tmp_path))
    assert ended.code == ExitCode.PROFILE_UNREADABLE
    assert str(tmp_path) in ended.err


def test_a_damaged_backup_is_not_put_back(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    assert loginfix(tmp_path, *FOR_SURE).code == ExitCode.DONE
    assert loginfix(tmp_path, "backups", "verify").code == ExitCode.DONE
    (backup,) = backups(tmp_path)
    content = bytearray(backup.read_bytes())
    at = content.index(b"session-id")
    content[at] ^= 1
    backup.write_bytes(content)
    for arguments in (("restore", "--yes"), ("restore", "--dry-run"), ("backups", "verify")):
        ended = loginfix(tmp_path, *arguments, "--json")
        assert ended.code == ExitCode.BACKUP_DAMAGED
        assert str(backup) in ended.json["error"]["message"]
    assert firefox.hosts() == ["example.org", "notamazon.com"]


def test_two_runs_at_once_do_not_meet(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    data = tmp_path / ".local/share/loginfix"
    data.mkdir(parents=True)
    with data.joinpath("lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert loginfix(tmp_path, *FOR_SURE).code == ExitCode.BUSY
    assert len(firefox.hosts()) == len(synthetic.COOKIES)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root could write to another user's profile")
def test_root_does_not_write_into_the_profile_of_somebody_else(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    os.chown(firefox.path, 4711, 4711)
    assert loginfix(tmp_path, *FOR_SURE).code == ExitCode.REFUSED
    assert len(firefox.hosts()) == len(synthetic.COOKIES)


# What is chosen


def test_an_unusual_profile_is_cleared_and_found_again(tmp_path: Path) -> None:
    profile = synthetic.firefox(tmp_path / "elsewhere")
    home = tmp_path / "home"
    home.mkdir()
    unusual = ("--profile-dir", str(profile.path))
    assert loginfix(home, *FOR_SURE, *unusual).code == ExitCode.DONE
    assert len(profile.hosts()) == 2
    assert loginfix(home, "restore", "--yes").code == ExitCode.DONE
    assert len(profile.hosts()) == len(synthetic.COOKIES)


def test_another_home_has_its_own_backups(tmp_path: Path) -> None:
    other, own = tmp_path / "other person", tmp_path / "own"
    own.mkdir()
    profile = synthetic.firefox(other)
    cleared = loginfix(own, *FOR_SURE, "--home", str(other))
    assert cleared.code == ExitCode.DONE
    assert len(backups(other)) == 1
    assert not everything(own)
    assert f"--home '{other}'" in cleared.out
    assert loginfix(own, "restore", "--yes", "--home", str(other)).code == ExitCode.DONE
    assert len(profile.hosts()) == len(synthetic.COOKIES)


def test_json_never_asks(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path)
    with Terminal(tmp_path, *CLEAR, "--json") as terminal:
        assert json.loads(terminal.rest())["error"]["code"] == "not-confirmed"
    assert terminal.code == ExitCode.NOT_CONFIRMED


# At a terminal


QUESTION = "Type y for yes: "


def test_a_person_sees_the_plan_and_says_yes(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    with Terminal(tmp_path, *CLEAR, NO_COLOR="1") as terminal:
        shown = terminal.until(QUESTION)
        for words in ("Looking at Firefox", "this would be removed", "amazon.com (1) and 1 more"):
            assert words in shown
        assert len(firefox.hosts()) == len(synthetic.COOKIES)
        terminal.type("y\n")
        assert "Amazon was removed" in terminal.rest()
    assert terminal.code == ExitCode.DONE
    assert firefox.hosts() == ["example.org", "notamazon.com"]


@pytest.mark.parametrize("answer", ["n\n", "\n", "yellow\n", "\x04"])
def test_any_other_answer_is_no(tmp_path: Path, answer: str) -> None:
    synthetic.firefox(tmp_path)
    before = everything(tmp_path)
    with Terminal(tmp_path, *CLEAR) as terminal:
        terminal.until(QUESTION)
        terminal.type(answer)
        assert "you did not say yes" in terminal.rest()
    assert terminal.code == ExitCode.NOT_CONFIRMED
    assert everything(tmp_path) == before


def test_a_restore_shows_what_would_come_back_and_asks(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    assert loginfix(tmp_path, *FOR_SURE).code == ExitCode.DONE
    with Terminal(tmp_path, "restore") as terminal:
        assert "This would be put back" in terminal.until(QUESTION)
        assert len(firefox.hosts()) == 2
        terminal.type("yes\n")
    assert terminal.code == ExitCode.DONE
    assert len(firefox.hosts()) == len(synthetic.COOKIES)


def test_nobody_is_asked_when_there_is_nothing_to_do(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    with running_firefox(firefox), Terminal(tmp_path, *CLEAR) as terminal:
        assert QUESTION not in terminal.rest()
    assert terminal.code == ExitCode.BROWSER_RUNNING
    with Terminal(tmp_path, "clear-cache", "--site", "example.net") as terminal:
        assert QUESTION not in terminal.rest()
    assert terminal.code == ExitCode.NOTHING_FOUND


def test_an_interruption_says_that_nothing_happened(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path)
    before = everything(tmp_path)
    with Terminal(tmp_path, *CLEAR) as terminal:
        terminal.until(QUESTION)
        terminal.process.send_signal(signal.SIGINT)
        assert "Nothing in your browsers was changed" in terminal.rest()
    assert terminal.code == ExitCode.INTERRUPTED
    assert everything(tmp_path) == before


def test_an_interruption_in_the_middle_leaves_everything_as_it_was(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    before = everything(firefox.path)
    ended = loginfix_after(
        tmp_path,
        "import os, signal\n"
        "from loginfix.clearing.transaction import Transaction\n"
        "commit = Transaction.commit\n"
        "def interrupted(self, progress):\n"
        "    commit(self, progress)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "Transaction.commit = interrupted",
    )
    assert ended.code == ExitCode.INTERRUPTED
    assert "Nothing in your browsers was changed" in ended.err
    assert firefox.hosts() == sorted(host for host, _ in synthetic.COOKIES)
    assert set(everything(firefox.path)) == set(before)
    assert not backups(tmp_path)


def test_the_next_run_removes_private_copies_that_a_killed_one_left(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    abandoned = temporary / f"loginfix-{2**22 + 1}-abc"  # above every process number
    abandoned.mkdir(parents=True)
    (abandoned / "copy").write_bytes(b"sessions")
    synthetic.firefox(tmp_path)
    assert loginfix(tmp_path, *FOR_SURE, TMPDIR=str(temporary)).code == ExitCode.DONE
    assert not list(temporary.iterdir())


def test_a_killed_run_is_finished_by_recover(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    ended = loginfix_after(
        tmp_path,
        "import os, signal\n"
        "from loginfix.clearing.transaction import Transaction\n"
        "Transaction.commit = lambda *_: os.kill(os.getpid(), signal.SIGKILL)",
    )
    assert ended.code == -signal.SIGKILL
    recovered = loginfix(tmp_path, "recover", "--json")
    assert recovered.code == ExitCode.DONE
    assert [each["action"] for each in recovered.json["data"]["runs"]] == ["finished"]
    assert firefox.hosts() == ["example.org", "notamazon.com"]
    assert loginfix(tmp_path, "recover").code == ExitCode.NOTHING_FOUND


@pytest.mark.skipif(sys.platform == "win32", reason="Chromium has no such lock there")
def test_a_lock_that_a_killed_run_left_is_removed_though_no_record_names_it(tmp_path: Path) -> None:
    chromium = synthetic.chromium(tmp_path)
    lock = chromium.path.parent / "SingletonLock"
    lock.symlink_to(f"loginfix-{dead_pid()}")
    recovered = loginfix(tmp_path, "recover", "--json")
    assert recovered.code == ExitCode.DONE
    assert recovered.json["data"]["unlocked"] == [str(chromium.path.parent)]
    assert not lock.is_symlink()
    assert loginfix(tmp_path, "recover").code == ExitCode.NOTHING_FOUND


def test_something_unexpected_is_one_sentence_and_the_details_are_to_be_had(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path)
    preparation = (
        "import loginfix.api.clear as library\n"
        "def broken(*_, **__): raise KeyError('a value that is nobody else\\'s business')\n"
        "library.clear = broken"
    )
    ended = loginfix_after(tmp_path, preparation)
    assert ended.code == ExitCode.FAILED
    assert "KeyError" in ended.err
    assert "business" not in ended.err
    assert "report" in ended.err
    detailed = subprocess.run(
        [sys.executable, "-c", f"{preparation}\n{MAIN}", *FOR_SURE, "--debug"],
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert detailed.returncode == ExitCode.FAILED
    assert "Traceback" in detailed.stderr


@pytest.mark.parametrize(("extra", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_can_be_had_or_not(tmp_path: Path, extra: dict[str, str], coloured: bool) -> None:  # noqa: FBT001  a parameter of the test
    synthetic.firefox(tmp_path)
    with Terminal(tmp_path, *DRY_RUN, **extra) as terminal:
        shown = terminal.rest()
    # Bold and dim are no colours: NO_COLOR leaves them.
    assert ("\x1b[33m" in shown or "\x1b[1;32m" in shown or "\x1b[1m" in shown) or not coloured
    assert not ("\x1b[33m" in shown or "\x1b[1;32m" in shown) or coloured


def test_output_that_is_not_read_to_its_end_is_no_failure(tmp_path: Path) -> None:
    for arguments in (("sites",), ("sites", "--json")):
        with subprocess.Popen(
            [*PROGRAM, *arguments],
            env=environment(tmp_path),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == ExitCode.DONE


def test_a_locale_without_letters_is_no_failure(tmp_path: Path) -> None:
    synthetic.firefox(tmp_path, name="アマゾン")
    ended = loginfix(tmp_path, *DRY_RUN, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert ended.code == ExitCode.DONE
    assert r"\u30a2" in ended.out
