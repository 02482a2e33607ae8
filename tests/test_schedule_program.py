"""``loginfix schedule`` as a person types it, on doubles of all schedulers."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

import synthetic
from loginfix.clearing.runlock import run_lock
from loginfix.cli.program import main
from loginfix.errors import BackupFailedError, ExitCode, SchedulerError
from loginfix.schedule import priority
from loginfix.schedule.clock import Clock
from loginfix.schedule.launcher import Context, check_starts, launcher, parse_command
from loginfix.schedule.model import Entry
from scheduler_doubles import Programs, schedulers
from test_cli_processes import running_firefox
from test_cli_program import SCHEMA as SCHEMA_OF_ALL
from test_cli_program import Ended

WEEKLY = ("add", "--site", "amazon", "--every", "week", "--at", "03:00")
SCHEMA: Draft202012Validator = SCHEMA_OF_ALL


class Person:
    """Somebody with a home, browsers and schedulers."""

    def __init__(self, home: Path, programs: Programs) -> None:
        self.home = home
        self.programs = programs
        self.config = home / ".config/loginfix/schedules"
        self.data = home / ".local/share/loginfix"

    def schedule(self, *arguments: str, **environment: str) -> Ended:
        command = ["schedule", *arguments, "--home", str(self.home)]
        result = CliRunner().invoke(main, command, env=environment)
        assert synthetic.SECRET not in result.output
        return Ended(result.exit_code, result.stdout, result.stderr)

    def done(self, *arguments: str) -> dict[str, Any]:
        """What a command that succeeds gives."""
        ended = self.schedule(*arguments, "--json")
        assert ended.code == ExitCode.DONE, ended.out
        data: dict[str, Any] = ended.json["data"]
        return data

    def refused(self, *arguments: str) -> dict[str, Any]:
        """Why a command fails; nothing may have changed."""
        before = self.state()
        ended = self.schedule(*arguments, "--json")
        error: dict[str, Any] = ended.json["error"]
        assert self.state() == before
        assert error["next_step"]
        return {**error, "exit": ended.code}

    def listed(self, name: str = "amazon") -> dict[str, Any]:
        data: dict[str, Any] = self.schedule("show", name, "--json").json["data"]
        return data

    def problems(self) -> list[str]:
        return [each["code"] for each in self.schedule("list", "--json").json["problems"]]

    def backups(self) -> list[str]:
        return sorted(path.stem for path in (self.data / "backups").glob("*.loginfix"))

    def state(self) -> dict[str, bytes]:
        """Everything of ours but locks, and everything that the schedulers have."""
        own = {
            str(path): path.read_bytes()
            for directory in (self.home / ".config/loginfix", self.data)
            for path in directory.rglob("*")
            if path.is_file() and path.name != "lock"
        }
        return own | self.programs.state()


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    home = tmp_path / "a home"
    home.mkdir()
    machine = tmp_path / "machine"
    machine.mkdir()
    programs = Programs(machine)
    monkeypatch.setattr("loginfix.cli.schedules.system_schedulers", lambda: schedulers(programs))
    # Starting a Python for every schedule takes its time; two tests are about it.
    monkeypatch.setattr("loginfix.schedule.manage.check_starts", lambda: None)
    return Person(home, programs)


@pytest.fixture
def firefox(person: Person) -> synthetic.SyntheticProfile:
    return synthetic.firefox(person.home)


class TestAdding:
    def test_description_and_entry_are_both_there(self, person: Person) -> None:
        made = person.done(*WEEKLY, "--group", "aws", "--only", "cache", "--notify")
        assert made["change"] == "added"
        assert made["schedule"] == person.listed()
        assert person.listed()["scheduler"] == "systemd"
        assert person.listed()["next"] == "2026-11-29T03:04:32+00:00"
        assert (person.listed()["groups"], person.listed()["only"]) == (["aws"], ["cache"])
        command = person.listed()["entry"]["command"]
        assert command[0] == sys.executable
        assert command[-5:] == ["schedule", "run", "amazon", "--home", str(person.home)]
        description = json.loads((person.config / "amazon.json").read_text("utf-8"))
        assert (description["every"], description["at"]) == ("sun", "03:00")
        assert person.problems() == []

    @pytest.mark.parametrize("name", ["systemd", "cron", "launchd", "task-scheduler"])
    def test_the_scheduler_that_is_named_is_used(self, person: Person, name: str) -> None:
        assert person.done(*WEEKLY, "--with", name)["schedule"]["scheduler"] == name
        person.done("pause", "amazon")
        assert person.listed()["entry"] is None
        assert person.listed()["paused"]
        person.done("resume", "amazon")
        assert person.listed()["entry"]
        assert person.problems() == []
        person.done("remove", "amazon")
        assert person.state() == {}

    def test_one_can_be_changed_to_another_scheduler(self, person: Person) -> None:
        person.done(*WEEKLY, "--with", "cron")
        words = ("add", "--site", "amazon", "--every", "day", "--at", "04:00", "--with", "launchd")
        assert person.refused(*words)["code"] == "schedule-exists"
        assert person.done(*words, "--replace")["change"] == "replaced"
        assert (person.listed()["every"], person.listed()["scheduler"]) == ("day", "launchd")
        assert not (person.programs.directory / "crontab").exists()
        assert person.problems() == []

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (("--site", "amazon", "--every", "day", "--at", "25:00"), "usage"),
            (("--site", "amazon", "--every", "never", "--at", "03:00"), "usage"),
            (("--site", "amazom", "--every", "day", "--at", "03:00"), "unknown-site"),
            (("--site", "co.jp", "--every", "day", "--at", "03:00"), "unknown-site"),
            ((*WEEKLY[1:], "--group", "nothing-such"), "unknown-site"),
            ((*WEEKLY[1:], "--only", "cache", "--keep", "cache"), "usage"),
            ((*WEEKLY[1:], "--browser", "netscape"), "usage"),
            ((*WEEKLY[1:], "--profile", "nobody"), "usage"),
            ((*WEEKLY[1:], "--name", "../x"), "usage"),
            ((*WEEKLY[1:], "--name", ""), "usage"),
            ((*WEEKLY[1:], "--with", "at"), "usage"),
            ((*WEEKLY[1:], "--keep-backups", "0"), "usage"),
            ((*WEEKLY[1:], "--window", "100000"), "usage"),
        ],
    )
    @pytest.mark.usefixtures("firefox")
    def test_what_cannot_be_meant_changes_nothing(
        self, person: Person, arguments: tuple[str, ...], code: str
    ) -> None:
        error = person.refused("add", *arguments)
        assert (error["code"], error["exit"]) == (code, ExitCode.USAGE)
        assert person.state() == {}

    @pytest.mark.parametrize("before", ["nothing", "another"])
    def test_an_entry_that_cannot_be_made_leaves_no_description(
        self, person: Person, before: str
    ) -> None:
        if before == "another":
            person.done(*WEEKLY)
        person.programs.fail = "start"
        words = ("add", "--site", "amazon", "--every", "day", "--at", "04:00", "--replace")
        error = person.refused(*words)
        assert (error["code"], error["exit"]) == ("scheduler-failed", ExitCode.SCHEDULER_FAILED)
        assert "no rights" in error["message"]

    def test_a_description_that_cannot_be_written_leaves_no_entry(self, person: Person) -> None:
        person.config.parent.mkdir(parents=True)
        person.config.write_text("in the way")
        error = person.refused(*WEEKLY)
        assert error["exit"] == ExitCode.SCHEDULER_FAILED
        assert str(person.config) in error["message"]

    def test_without_a_scheduler_nothing_is_changed(
        self, person: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("loginfix.cli.schedules.system_schedulers", tuple)
        error = person.refused(*WEEKLY)
        assert error["exit"] == ExitCode.SCHEDULER_FAILED
        assert "no scheduler" in error["message"]

    def test_a_program_that_does_not_start_is_not_scheduled(
        self, person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr("loginfix.schedule.manage.check_starts", check_starts)
        for broken, words in (("gone", "No such file"), ("false", "exit code 1")):
            program = tmp_path / broken
            if broken == "false":
                program.symlink_to("/bin/false")
            monkeypatch.setattr(sys, "executable", str(program))
            assert words in person.refused(*WEEKLY)["message"]

    def test_a_program_that_starts_is_scheduled(
        self, person: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("loginfix.schedule.manage.check_starts", check_starts)
        person.done(*WEEKLY)

    def test_a_path_that_is_no_text_is_refused(
        self, person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        odd = tmp_path / "new\nline"
        odd.symlink_to(sys.executable)
        monkeypatch.setattr(sys, "executable", str(odd))
        assert "not text" in person.refused(*WEEKLY)["message"]


class TestUnknown:
    @pytest.mark.parametrize("verb", ["show", "run", "pause", "resume", "remove", "log"])
    def test_an_unknown_schedule_is_an_error_that_names_the_others(
        self, person: Person, verb: str
    ) -> None:
        person.done(*WEEKLY)
        error = person.refused(verb, "amazn")
        assert (error["code"], error["exit"]) == ("unknown-schedule", ExitCode.USAGE)
        assert "amazon" in error["next_step"]

    @pytest.mark.parametrize(
        "change",
        [
            {"every": "never"},
            {"window_minutes": True},
            {"keep_backups": 0},
            {"sites": "amazon"},
            {"only": ["passwords"]},
            {"extra": 1},
            {"format": 2},
            {"sites": []},
        ],
    )
    def test_a_description_that_is_not_understood_is_named_and_never_run(
        self, person: Person, change: dict[str, Any]
    ) -> None:
        person.done(*WEEKLY)
        path = person.config / "amazon.json"
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **change}))
        error = person.refused("run", "amazon")
        assert (error["code"], error["exit"]) == ("bad-configuration", ExitCode.BAD_CONFIGURATION)
        assert str(path) in error["message"]
        ended = person.schedule("list", "--json")
        assert ended.code == ExitCode.PARTIAL
        assert ended.json["problems"][0]["code"] == "bad-configuration"
        person.done(*WEEKLY, "--replace")
        assert person.problems() == []

    def test_a_description_that_is_no_json_can_be_removed(self, person: Person) -> None:
        person.done(*WEEKLY)
        (person.config / "amazon.json").write_bytes(b"\xff{")
        assert person.problems() == ["bad-configuration"]
        person.done("remove", "amazon")
        assert person.state() == {}


class TestWarnings:
    def test_a_description_without_an_entry(self, person: Person) -> None:
        person.done(*WEEKLY, "--with", "cron")
        (person.programs.directory / "crontab").unlink()
        assert person.problems() == ["entry-missing"]
        person.done("resume", "amazon")
        assert person.problems() == []

    def test_an_entry_without_a_description(self, person: Person) -> None:
        person.done(*WEEKLY, "--with", "cron")
        (person.config / "amazon.json").unlink()
        assert person.problems() == ["entry-without-description"]
        ended = person.schedule("list")
        assert "loginfix schedule remove amazon --home" in ended.out
        person.done("remove", "amazon")
        assert person.state() == {}
        assert person.problems() == []

    def test_an_entry_of_another_home_that_is_well_is_not_named(
        self, person: Person, tmp_path: Path
    ) -> None:
        other = Person(tmp_path / "other home", person.programs)
        other.home.mkdir()
        other.done(*WEEKLY)
        person.done(*WEEKLY)
        assert person.problems() == other.problems() == []
        (other.config / "amazon.json").unlink()
        assert person.problems() == ["entry-without-description"]

    @pytest.mark.parametrize("scheduler", ["systemd", "cron"])
    def test_an_interpreter_that_is_gone(
        self,
        person: Person,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        scheduler: str,
    ) -> None:
        python = tmp_path / "python"
        python.symlink_to(sys.executable)
        with monkeypatch.context() as patched:
            patched.setattr(sys, "executable", str(python))
            person.done(*WEEKLY, "--with", scheduler)
        python.unlink()
        assert person.problems() == ["interpreter-gone"]
        assert str(python) in person.schedule("list").out
        person.done("resume", "amazon")
        assert person.problems() == []

    def test_an_interpreter_that_has_no_loginfix_any_more(
        self, person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        python = tmp_path / "python"
        python.write_text("#!/bin/sh\necho No module named loginfix >&2; exit 1\n")
        python.chmod(0o755)
        with monkeypatch.context() as patched:
            patched.setattr(sys, "executable", str(python))
            person.done(*WEEKLY)
        assert person.problems() == ["interpreter-gone"]
        assert "No module named loginfix" in person.listed()["problems"][0]["message"]

    def test_an_entry_that_somebody_changed(self, person: Person) -> None:
        person.done(*WEEKLY, "--with", "cron")
        table = person.programs.directory / "crontab"
        table.write_bytes(table.read_bytes().replace(b"0 3 * * 0", b"0 3 * * 1"))
        assert person.problems() == ["entry-changed"]
        person.done("resume", "amazon")
        assert person.problems() == []

    def test_a_scheduler_that_does_not_answer(self, person: Person) -> None:
        person.done(*WEEKLY)
        person.programs.fail = "show-environment"
        assert person.problems() == ["scheduler-failed"]
        for verb in ("pause", "resume", "remove"):
            error = person.refused(verb, "amazon")
            assert error["exit"] == ExitCode.SCHEDULER_FAILED

    def test_an_entry_in_two_schedulers(self, person: Person) -> None:
        person.done(*WEEKLY, "--with", "cron")
        table = (person.programs.directory / "crontab").read_bytes()
        person.done(*WEEKLY, "--with", "systemd", "--replace")
        assert person.problems() == []
        (person.programs.directory / "crontab").write_bytes(table)
        assert person.problems() == ["entry-twice"]
        person.done("resume", "amazon")
        assert person.problems() == []
        assert not (person.programs.directory / "crontab").exists()

    def test_a_paused_schedule_that_still_has_an_entry(self, person: Person) -> None:
        person.done(*WEEKLY, "--with", "cron")
        table = (person.programs.directory / "crontab").read_bytes()
        person.done("pause", "amazon")
        (person.programs.directory / "crontab").write_bytes(table)
        assert person.problems() == ["entry-left"]


class TestRunning:
    def test_it_clears_and_writes_it_down(
        self, person: Person, firefox: synthetic.SyntheticProfile
    ) -> None:
        person.done(*WEEKLY)
        ran = person.done("run", "amazon")
        assert firefox.hosts() == ["example.org", "notamazon.com"]
        assert ran["result"] == "cleared"
        assert ran["backups"] == person.backups()
        assert {**person.listed()["last"], "keep_backups": 5} == ran
        assert person.done("run", "amazon")["result"] == "nothing-found"
        runs = person.done("log", "amazon")["runs"]
        assert [each["result"] for each in runs] == ["nothing-found", "cleared"]
        assert person.done("log", "--last", "1")["runs"] == runs[:1]

    def test_only_what_the_schedule_says(
        self, person: Person, firefox: synthetic.SyntheticProfile
    ) -> None:
        chromium = synthetic.chromium(person.home)
        person.done(*WEEKLY, "--browser", "chromium", "--keep-cookie", synthetic.SHOP[1])
        person.done("run", "amazon")
        assert len(firefox.hosts()) == len(synthetic.COOKIES)
        assert chromium.hosts() == ["example.org", "notamazon.com", synthetic.SHOP[0]]

    def test_a_running_browser_is_skipped_with_its_own_exit_code(
        self, person: Person, firefox: synthetic.SyntheticProfile
    ) -> None:
        person.done(*WEEKLY, "--window", "0")
        with running_firefox(firefox):
            ended = person.schedule("run", "amazon", "--json")
            assert ended.code == ExitCode.SKIPPED
            assert ended.json["error"]["code"] == "browser-running"
            assert ended.json["data"]["result"] == "skipped: running"
        assert len(firefox.hosts()) == len(synthetic.COOKIES)
        assert person.backups() == []
        assert person.listed()["last"]["result"] == "skipped: running"

    def test_it_waits_until_the_browser_is_closed(
        self,
        person: Person,
        firefox: synthetic.SyntheticProfile,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        person.done(*WEEKLY)
        chromium = synthetic.chromium(person.home)
        browser = running_firefox(firefox)
        browser.__enter__()
        pauses = []

        def sleep(_: Clock, seconds: float) -> None:
            pauses.append(seconds)
            # Meanwhile the closed one is done, and another run could work.
            assert chromium.hosts() == ["example.org", "notamazon.com"]
            with run_lock(person.data / "schedules"):
                pass
            if len(pauses) == 2:
                browser.__exit__(None, None, None)

        monkeypatch.setattr(Clock, "sleep", sleep)
        ran = person.done("run", "amazon")
        assert pauses == [30, 60]
        assert (ran["result"], ran["attempts"], len(ran["backups"])) == ("cleared", 3, 2)
        assert firefox.hosts() == ["example.org", "notamazon.com"]

    def test_a_browser_is_closed_only_where_the_schedule_says_so(
        self, person: Person, firefox: synthetic.SyntheticProfile
    ) -> None:
        person.done(*WEEKLY, "--window", "0", "--close-browser")
        with running_firefox(firefox):
            assert person.done("run", "amazon")["result"] == "cleared"
        assert firefox.hosts() == ["example.org", "notamazon.com"]

    def test_one_run_of_a_user_at_a_time(
        self, person: Person, firefox: synthetic.SyntheticProfile
    ) -> None:
        person.done(*WEEKLY, "--window", "0")
        for lock in (person.data / "schedules", person.data):
            with run_lock(lock):
                ended = person.schedule("run", "amazon", "--json")
            assert ended.code == ExitCode.SKIPPED
            assert ended.json["data"]["result"] == "skipped: busy"
        assert len(firefox.hosts()) == len(synthetic.COOKIES)

    def test_a_paused_schedule_does_not_run(
        self, person: Person, firefox: synthetic.SyntheticProfile
    ) -> None:
        person.done(*WEEKLY)
        person.done("pause", "amazon")
        ended = person.schedule("run", "amazon")
        assert ended.code == ExitCode.SKIPPED
        assert "resume" in ended.out
        assert len(firefox.hosts()) == len(synthetic.COOKIES)

    def test_its_own_old_backups_go_and_nobody_elses(self, person: Person) -> None:
        person.done(*WEEKLY, "--keep-backups", "2")
        person.done(*WEEKLY, "--name", "other")
        clear = ["clear-cache", "--site", "amazon", "--yes", "--home", str(person.home)]
        kept: list[str] = []
        own: list[str] = []
        for number in range(4):
            for ours, command in (
                (False, clear),
                (False, ["schedule", "run", "other", "--home", str(person.home)]),
                (True, ["schedule", "run", "amazon", "--home", str(person.home)]),
            ):
                before = set(person.backups())
                with fresh_firefox(person.home):
                    assert CliRunner().invoke(main, command).exit_code == ExitCode.DONE
                (new,) = set(person.backups()) - before
                (own if ours else kept).append(new)
            assert number < 2 or own[number - 2] not in person.backups()
        broken = person.data / "backups/20200101-000000-amazon.loginfix"
        broken.write_bytes(b"not a backup")
        assert set(person.backups()) == {*kept, *own[-2:], broken.stem}
        assert person.listed()["last"]["pruned"] == [own[1]]

    @pytest.mark.usefixtures("firefox")
    def test_it_gives_way_to_everything_else(
        self, person: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person.done(*WEEKLY)
        asked: list[str] = []
        monkeypatch.setattr(priority, "give_way", lambda: asked.append("lower"))
        person.done("list")
        assert asked == []
        person.done("run", "amazon")
        assert asked == ["lower"]

    def test_a_failure_is_written_down_and_has_its_own_code(
        self,
        person: Person,
        firefox: synthetic.SyntheticProfile,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def fail(*_: Any, **__: Any) -> None:
            raise BackupFailedError("The disk is full.", next_step="Free some space.")

        person.done(*WEEKLY)
        monkeypatch.setattr("loginfix.cli.schedule_run.clear", fail)
        ended = person.schedule("run", "amazon", "--json")
        assert ended.code == ExitCode.BACKUP_FAILED
        assert person.listed()["last"]["result"] == "failed: backup-failed"
        assert person.listed()["last"]["exit_code"] == ExitCode.BACKUP_FAILED
        assert len(firefox.hosts()) == len(synthetic.COOKIES)

    def test_a_computer_that_is_switched_off_meanwhile_leaves_a_record(
        self, person: Person, firefox: synthetic.SyntheticProfile
    ) -> None:
        person.done(*WEEKLY)
        command = [sys.executable, "-m", "loginfix", "schedule", "run", "amazon"]
        with (
            running_firefox(firefox),
            subprocess.Popen([*command, "--home", str(person.home)], stderr=subprocess.PIPE) as run,
        ):
            looked = person.data / "schedules" / "lock"
            while not looked.exists():
                time.sleep(0.05)
            time.sleep(0.5)
            run.terminate()
            assert run.wait(30) == ExitCode.INTERRUPTED
        assert person.listed()["last"]["result"] == "failed: interrupted"
        assert len(firefox.hosts()) == len(synthetic.COOKIES)

    def test_a_log_that_cannot_be_written_is_told_and_stops_nothing(
        self, person: Person, firefox: synthetic.SyntheticProfile
    ) -> None:
        person.done(*WEEKLY)
        (person.data / "schedules").mkdir(parents=True)
        (person.data / "schedules/amazon.jsonl").mkdir()
        ended = person.schedule("run", "amazon", "--json")
        assert ended.code == ExitCode.DONE
        assert [each["code"] for each in ended.json["problems"]] == ["log-not-written"]
        assert firefox.hosts() == ["example.org", "notamazon.com"]

    @pytest.mark.usefixtures("firefox")
    def test_a_notification_is_shown_only_where_asked_for(
        self, person: Person, tmp_path: Path
    ) -> None:
        told = tmp_path / "told"
        program = tmp_path / "bin/notify-send"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{told}"\n')
        program.chmod(0o755)
        path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
        person.done(*WEEKLY)
        person.schedule("run", "amazon", PATH=path)
        assert not told.exists()
        person.done(*WEEKLY, "--notify", "--replace")
        person.schedule("run", "amazon", PATH=path)
        assert told.read_text().splitlines()[-2:] == [
            "loginfix: amazon",
            "amazon: nothing was found, so nothing was changed.",
        ]
        program.write_text("#!/bin/sh\nexit 1\n")
        assert person.schedule("run", "amazon", PATH=path).code == ExitCode.DONE

    def test_it_runs_in_the_poorest_environment(
        self, person: Person, firefox: synthetic.SyntheticProfile
    ) -> None:
        """No HOME, no PATH, no locale, a working directory with a module in the way."""
        person.done(*WEEKLY)
        command = person.listed()["entry"]["command"]
        for module in ("loginfix", "click", "json"):
            (person.home / f"{module}.py").write_text("raise SystemExit(99)")
        done = subprocess.run(
            command, env={}, cwd=person.home, capture_output=True, check=False, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert firefox.hosts() == ["example.org", "notamazon.com"]


@contextmanager
def fresh_firefox(home: Path) -> Iterator[None]:
    """A Firefox with the site in it, gone afterwards."""
    profile = synthetic.firefox(home)
    yield
    for path in profile.path.iterdir():
        path.unlink()
    profile.path.rmdir()


class TestCommand:
    def test_what_moves_our_directories_goes_along(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            monkeypatch.delenv(name, raising=False)
        assert Context.of(None) == Context()
        assert Context.of(None).entry_id("amazon") == "amazon"
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c d"))
        monkeypatch.setenv("XDG_DATA_HOME", "relative")
        moved = Context.of(None)
        command = moved.command("amazon")
        assert command[:3] == (
            "/usr/bin/env",
            f"HOME={tmp_path}",
            f"XDG_CONFIG_HOME={tmp_path / 'c d'}",
        )
        parsed = parse_command(command)
        assert parsed is not None
        assert (parsed.program, parsed.name, parsed.context) == (launcher(), "amazon", moved)
        assert parsed.config == tmp_path / "c d/loginfix"
        assert moved.entry_id("amazon") != Context.of(tmp_path).entry_id("amazon") != "amazon"

    def test_another_home_has_the_default_layout(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_CONFIG_HOME", "/elsewhere")
        other = Context.of(tmp_path)
        assert "/elsewhere" not in " ".join(other.command("amazon"))
        parsed = parse_command(other.command("amazon"))
        assert parsed is not None
        assert parsed.config == tmp_path / ".config/loginfix"

    def test_a_frozen_program_is_its_own_launcher(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "frozen", True, raising=False)
        assert launcher() == (sys.executable,)
        monkeypatch.setattr(sys, "executable", "")
        with pytest.raises(SchedulerError, match="where it is"):
            launcher()

    @pytest.mark.parametrize(
        "command",
        [(), ("/x",), ("/x", "schedule"), ("/x", "schedule", "run", "a", "--yes"), ("a=b",)],
    )
    def test_any_other_command_is_none_of_ours(self, command: tuple[str, ...]) -> None:
        assert parse_command(command) is None

    def test_an_entry_is_neutral(self) -> None:
        assert Entry.__slots__ == ("id", "command", "timing")

    def test_a_program_without_a_console_still_runs(self) -> None:
        """As ``pythonw.exe``, which has no standard output."""
        code = (
            "import sys; sys.stdout = sys.stderr = None; sys.argv = ['loginfix', 'sites'];"
            "from loginfix.cli import main; main()"
        )
        done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
