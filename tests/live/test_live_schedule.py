"""Real schedulers fire an entry that clears a recorded profile; nothing is left to doubles."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from live.binaries import chromium_binary
from live.schedulers import Machine, cron_daemon, systemd_manager, wait_until
from live.starting import started
from live.test_live_locks import CHROMIUM_FLAGS
from loginfix.clearing.runlock import run_lock
from oracle import Oracle
from recorder.recordings import Recording, unpack

pytestmark = pytest.mark.live

ODD = 'Bob\'s 100% $HOME "日本" \\x'
FOREIGN = (
    b"MAILTO=nobody\n# \xff caf\xe9\n"
    b"0  3 * * *  /bin/true  # as it is \\r\r\n@yearly /bin/false %x\n"
)
NEXT_MINUTE = 60
# Enough to write the entry before its minute begins.
SECONDS_TO_ADD = 15


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / ODD
    path.mkdir()
    return path


@pytest.fixture
def python(directory: Path) -> Path:
    """This virtual environment once more, at an odd path."""
    environment = Path(sys.prefix)
    copy = directory / "environment"
    (copy / "bin").mkdir(parents=True)
    shutil.copy(environment / "pyvenv.cfg", copy)
    (copy / "lib").symlink_to(environment / "lib")
    (copy / "bin/python").symlink_to(Path(sys.executable).resolve())
    return copy / "bin/python"


@pytest.fixture
def recording(directory: Path) -> Recording:
    return unpack("firefox-esr-153", directory / "home")


def soon() -> datetime:
    """The next minute that leaves time to write an entry."""
    now = datetime.now().astimezone() + timedelta(seconds=SECONDS_TO_ADD)
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


def add(machine: Machine, python: Path, recording: Recording, at: datetime, scheduler: str) -> None:
    when = ("--every", "day", "--at", f"{at:%H:%M}", "--window", "0")
    arguments = ("--site", "amazon", *when, "--with", scheduler)
    home = ("--home", str(recording.home))
    done = machine.run(str(python), "-m", "loginfix", "schedule", "add", *arguments, *home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{at:%H:%M}" in done.stdout


def schedule(machine: Machine, recording: Recording, verb: str, *names: str) -> dict[str, Any]:
    told = machine.loginfix("schedule", verb, *names, "--json", "--home", str(recording.home))
    data: dict[str, Any] = json.loads(told)["data"]
    return data


def wait_for_run(recording: Recording, at: datetime) -> dict[str, Any]:
    """The first line of the log, once it is there."""
    path = log_of(recording)
    wait_until(path.exists, at.timestamp() - time.time() + 2 * NEXT_MINUTE)
    line: dict[str, Any] = json.loads(path.read_text("ascii"))
    return line


def log_of(recording: Recording) -> Path:
    return recording.home / ".local/share/loginfix/schedules/amazon.jsonl"


def is_locked(path: Path) -> bool:
    """Whether any process holds a lock on the file."""
    return f":{path.stat().st_ino} " in Path("/proc/locks").read_text("ascii")


def how_it_ends(machine: Machine, service: str) -> tuple[str, str]:
    """Start a service, and say what systemd makes of its end: result and exit code."""
    machine.run("systemctl", "--user", "start", service)
    shown = machine.run("systemctl", "--user", "show", service, "-p", "Result,ExecMainStatus")
    told = dict(line.split("=", 1) for line in shown.stdout.splitlines())
    return told["Result"], told["ExecMainStatus"]


def check_cleared(recording: Recording, ran: dict[str, Any], at: datetime) -> None:
    """The run began at its time, and the site is gone."""
    assert (ran["outcome"], ran["exit_code"]) == ("cleared", 0)
    assert abs(datetime.fromisoformat(ran["started"]) - at) < timedelta(seconds=NEXT_MINUTE)
    assert ran["bytes"] > 0
    (backup,) = ran["backups"]
    assert (recording.home / f".local/share/loginfix/backups/{backup}.loginfix").is_file()
    assert Oracle(recording).unexplained(recording.profile / "cookies.sqlite") == {}


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Machine]:
    with systemd_manager(tmp_path) as machine:
        yield machine


def test_a_systemd_timer_clears_a_recorded_profile(
    systemd: Machine, python: Path, recording: Recording
) -> None:
    units = systemd.home / ".config/systemd/user"
    # What an administrator may do as well; the test has no five minutes.
    drop_in = units / "loginfix-.timer.d/now.conf"
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text("[Timer]\nRandomizedDelaySec=0\nAccuracySec=1s\n")
    at = soon()
    add(systemd, python, recording, at, "systemd")
    (timer,) = units.glob("loginfix-*.timer")
    verified = systemd.run("systemd-analyze", "--user", "verify", str(timer))
    assert (verified.returncode, verified.stderr) == (0, "")
    (listed,) = schedule(systemd, recording, "list")["schedules"]
    assert datetime.fromisoformat(listed["next"]) == at
    assert listed["entry"]["command"][0] == str(python)
    assert listed["notes"] == ["no-linger"]
    ran = wait_for_run(recording, at)
    check_cleared(recording, ran, at)
    (listed,) = schedule(systemd, recording, "list")["schedules"]
    assert listed["last"] == ran
    assert datetime.fromisoformat(listed["next"]) == at + timedelta(days=1)

    service = timer.with_suffix(".service").name
    with run_lock(log_of(recording).parent):
        assert how_it_ends(systemd, service) == ("success", "15")
    description = recording.home / ".config/loginfix/schedules/amazon.json"
    content = description.read_text("utf-8")
    description.write_text(content.replace('"amazon"', '"amazom"'))
    assert how_it_ends(systemd, service) == ("exit-code", "2")
    description.write_text(content)
    results = [each["result"] for each in schedule(systemd, recording, "log")["runs"]]
    assert results == ["failed: unknown-site", "skipped: busy", "cleared"]

    # A computer that was off for three days.
    systemd.run("systemctl", "--user", "stop", timer.name)
    stamp = systemd.home / f".local/share/systemd/timers/stamp-{timer.name}"
    os.utime(stamp, (at.timestamp() - 3 * 86400,) * 2)
    systemd.run("systemctl", "--user", "start", timer.name)
    wait_until(lambda: len(log_of(recording).read_text("ascii").splitlines()) == 4)

    os.utime(stamp, (at.timestamp() - 3 * 86400,) * 2)
    assert schedule(systemd, recording, "pause", "amazon")["change"] == "paused"
    assert not list(units.glob("loginfix-amazon*"))
    # Nothing was missed meanwhile, so resuming does not run it.
    schedule(systemd, recording, "resume", "amazon")
    timers = systemd.run("systemctl", "--user", "list-timers", "--all").stdout
    assert timer.name in timers
    time.sleep(1)
    assert len(schedule(systemd, recording, "log")["runs"]) == 4
    schedule(systemd, recording, "remove", "amazon")
    timers = systemd.run("systemctl", "--user", "list-timers", "--all").stdout
    assert "loginfix" not in timers
    assert not [path for path in systemd.home.rglob("*loginfix-amazon*") if path.is_file()]


@pytest.fixture
def cron(tmp_path: Path) -> Iterator[Machine]:
    with cron_daemon(tmp_path) as machine:
        yield machine


def test_a_cron_daemon_clears_a_recorded_profile(
    cron: Machine, python: Path, recording: Recording, tmp_path: Path
) -> None:
    table = tmp_path / "crontab"
    table.write_bytes(FOREIGN)
    assert cron.run("crontab", str(table)).returncode == 0
    at = soon()
    add(cron, python, recording, at, "cron")
    installed = cron.run("crontab", "-l").stdout
    assert installed.count("loginfix:") == 1
    (listed,) = schedule(cron, recording, "list")["schedules"]
    assert datetime.fromisoformat(listed["next"]) == at
    assert listed["entry"]["command"][0] == str(python)
    assert listed["notes"] == ["no-catch-up"]
    ran = wait_for_run(recording, at)
    check_cleared(recording, ran, at)
    schedule(cron, recording, "remove", "amazon")
    # Not by "crontab -l", which shows some characters as escapes.
    header = "tail -n +4 /var/spool/cron/crontabs/root"
    assert cron.run("sh", "-c", f"{header} | cmp - '{table}'").returncode == 0


def test_cron_that_cannot_be_written_changes_nothing(cron: Machine) -> None:
    told = refused_by_cron(cron, "mount -o remount,ro /var/spool/cron")
    assert "Read-only" in told["message"]


def test_cron_that_a_person_may_not_use_changes_nothing(cron: Machine) -> None:
    deny = "cp -a /etc /run/etc; echo nobody > /run/etc/cron.deny; mount --bind /run/etc /etc"
    nobody = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
    told = refused_by_cron(cron, deny, "env", "HOME=/run/home", *nobody)
    assert "not allowed" in told["message"]


def refused_by_cron(cron: Machine, trouble: str, *through: str) -> dict[str, Any]:
    """Try to add a schedule in a home of anybody's; gives the error."""
    made = cron.run("sh", "-ec", f"mkdir /run/home; chmod 777 /run/home; {trouble}")
    assert made.returncode == 0, made.stderr
    words = ("schedule", "add", "--site", "amazon", "--every", "day", "--at", "03:00")
    options = ("--with", "cron", "--json", "--home", "/run/home")
    done = cron.run(*through, sys.executable, "-m", "loginfix", *words, *options)
    told = json.loads(done.stdout)
    assert (done.returncode, told["error"]["code"]) == (16, "scheduler-failed"), told
    assert cron.run("find", "/run/home", "-type", "f").stdout == ""
    error: dict[str, Any] = told["error"]
    assert error["next_step"]
    return error


def test_a_real_browser_is_waited_for(tmp_path: Path) -> None:
    """Skipped while it is open; cleared by the attempt after it was closed."""
    recording = unpack("chromium-156", tmp_path / "home")
    home = ("--home", str(recording.home))
    add = ("schedule", "add", "--site", "amazon", "--every", "day", "--at", "03:00", *home)
    run = (sys.executable, "-m", "loginfix", "schedule", "run", "amazon", "--json", *home)
    with cron_daemon(tmp_path) as machine:
        machine.loginfix(*add, "--with", "cron", "--window", "0")
        browser = (chromium_binary(), *CHROMIUM_FLAGS, f"--user-data-dir={recording.user_data}")
        with started(recording.home, *browser, "--remote-debugging-port=0"):
            lock = recording.user_data / "SingletonLock"
            wait_until(lock.is_symlink)
            done = subprocess.run(run, capture_output=True, check=False, timeout=60)
            assert (done.returncode, json.loads(done.stdout)["data"]["result"]) == (
                15,
                "skipped: running",
            )
            machine.loginfix(*add, "--with", "cron", "--window", "5", "--replace")
            process = subprocess.Popen(run, stdout=subprocess.PIPE)
            # It looks while it holds its lock, and then waits without it.
            at_work = log_of(recording).with_name("lock")
            wait_until(lambda: is_locked(at_work), NEXT_MINUTE)
            wait_until(lambda: not is_locked(at_work), NEXT_MINUTE)
            assert process.poll() is None
        output, _ = process.communicate(timeout=2 * NEXT_MINUTE)
    data = json.loads(output)["data"]
    assert (process.returncode, data["result"], data["attempts"]) == (0, "cleared", 2)
    assert Oracle(recording).unexplained(recording.profile / "Cookies") == {}
