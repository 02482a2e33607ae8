"""The files of schedulers, held against what their makers publish."""

import plistlib
import shutil
import subprocess
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.schedule.launchd import agent, read_agent
from loginfix.schedule.model import Entry
from loginfix.schedule.systemd import _unquoted
from loginfix.schedule.systemd_units import calendar, read_entry, service_text, timer_text
from loginfix.schedule.task_xml import NAMESPACE, read_task, split_arguments, task
from loginfix.schedule.timing import Timing

TIMES = [("day", "03:00"), ("week", "00:00"), ("month", "23:59"), ("mon,thu", "12:30")]
times = pytest.mark.parametrize(("every", "at"), TIMES)
COMMAND = ("/opt/my py/bin/python", "-m", "loginfix", "schedule", "run", "amazon")


def entry(every: str = "day", at: str = "03:00") -> Entry:
    return Entry("amazon", COMMAND, Timing.parse(every, at))


@pytest.mark.live
@pytest.mark.parametrize(
    ("every", "at", "normal"),
    [
        ("day", "03:00", "*-*-* 03:00:00"),
        ("week", "00:00", "Sun *-*-* 00:00:00"),
        ("month", "23:59", "*-*-01 23:59:00"),
        ("mon,thu,sat", "12:30", "Mon,Thu,Sat *-*-* 12:30:00"),
    ],
)
def test_systemd_understands_the_time(every: str, at: str, normal: str) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here")
    event = calendar(Timing.parse(every, at))
    done = subprocess.run(
        ["systemd-analyze", "calendar", event], capture_output=True, text=True, check=True
    )
    assert f"Normalized form: {normal}" in done.stdout


def test_specifiers_and_quotes_are_no_such_thing_to_systemd() -> None:
    words = ("/a b/python", "100%", "%%H", '"', "\\", "$HOME", "")
    service = service_text(Entry("x", words, entry().timing))
    line = r'ExecStart=:"/a b/python" "100%%" "%%%%H" "\"" "\\" "$HOME" ""'
    assert line in service.splitlines()
    assert read_entry("x", service, timer_text(Entry("x", words, entry().timing))) is not None


@pytest.mark.parametrize("odd", ["Bob's", '"q"', "back\\slash"])
def test_a_program_that_systemd_does_not_take_is_started_by_the_shell(odd: str) -> None:
    made = Entry("x", (f"/{odd}/python", "-m"), entry().timing)
    service = service_text(made)
    assert 'ExecStart=:"/bin/sh" "-c" ' in service
    assert read_entry("x", service, timer_text(made)) == made


def test_the_units_catch_up_and_spread_and_tell_skipped_from_failed() -> None:
    timer, service = timer_text(entry()), service_text(entry())
    assert "Persistent=true" in timer
    assert "RandomizedDelaySec=" in timer
    assert "WantedBy=timers.target" in timer
    assert "SuccessExitStatus=4 15" in service
    assert "Type=oneshot" in service


@pytest.mark.parametrize(
    ("shown", "value"),
    [
        ("/home/x", "/home/x"),
        ("$'/home/my x'", "/home/my x"),
        (r"$'/home/\303\274\'\x41'", "/home/ü'A"),
    ],
)
def test_the_managers_own_variables_are_understood(shown: str, value: str) -> None:
    assert _unquoted(shown) == value


# launchd.plist(5): the keys used here, their types, and the ranges of a calendar interval.
AGENT_KEYS = {
    "Label": str,
    "ProgramArguments": list,
    "StartCalendarInterval": list,
    "RunAtLoad": bool,
    "ProcessType": str,
    "LowPriorityIO": bool,
}
INTERVAL = {"Minute": (0, 59), "Hour": (0, 23), "Day": (1, 31), "Weekday": (0, 7)}


@times
def test_an_agent_has_only_documented_keys(every: str, at: str) -> None:
    data = plistlib.loads(agent(entry(every, at)))
    assert {key: type(value) for key, value in data.items()} == AGENT_KEYS
    assert data["ProcessType"] in ("Background", "Standard", "Adaptive", "Interactive")
    assert data["ProgramArguments"] == list(COMMAND)
    for interval in data["StartCalendarInterval"]:
        assert {"Minute", "Hour"} <= interval.keys() <= INTERVAL.keys()
        for key, value in interval.items():
            assert INTERVAL[key][0] <= value <= INTERVAL[key][1]


def test_an_agent_names_days_as_launchd_counts_them() -> None:
    data = plistlib.loads(agent(entry("mon,sun", "03:00")))
    assert [each["Weekday"] for each in data["StartCalendarInterval"]] == [1, 7]
    assert plistlib.loads(agent(entry("month")))["StartCalendarInterval"][0]["Day"] == 1


@given(st.binary(max_size=200))
def test_any_other_file_is_no_agent_of_ours(content: bytes) -> None:
    assert read_agent("x", content) is None


# [MS-TSCH] 2.5: what may be below each element; a list is a sequence, a set any order.
T = f"{{{NAMESPACE}}}"
TASK: dict[str, list[str] | set[str]] = {
    "Task": {"RegistrationInfo", "Triggers", "Principals", "Settings", "Actions", "Data"},
    "RegistrationInfo": {"URI", "Author", "Date", "Version", "Description", "Source"},
    "Triggers": ["CalendarTrigger"],
    "CalendarTrigger": [
        "Enabled",
        "StartBoundary",
        "EndBoundary",
        "Repetition",
        "ExecutionTimeLimit",
        "RandomDelay",
        "ScheduleByDay",
        "ScheduleByWeek",
        "ScheduleByMonth",
    ],
    "ScheduleByDay": {"DaysInterval"},
    "ScheduleByWeek": {"WeeksInterval", "DaysOfWeek"},
    "ScheduleByMonth": {"DaysOfMonth", "Months"},
    "Principals": ["Principal"],
    "Principal": {"UserId", "LogonType", "GroupId", "DisplayName", "RunLevel"},
    "Settings": {
        "AllowStartOnDemand",
        "DisallowStartIfOnBatteries",
        "StopIfGoingOnBatteries",
        "AllowHardTerminate",
        "StartWhenAvailable",
        "RunOnlyIfNetworkAvailable",
        "WakeToRun",
        "Enabled",
        "Hidden",
        "ExecutionTimeLimit",
        "Priority",
        "RunOnlyIfIdle",
        "MultipleInstancesPolicy",
    },
    "Actions": ["Exec"],
    "Exec": {"Command", "Arguments", "WorkingDirectory"},
    "DaysOfMonth": ["Day"],
    "DaysOfWeek": {
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    },
}


@times
def test_a_task_follows_the_published_schema(every: str, at: str) -> None:
    text = task(entry(every, at), "HOST\\Bob & Co")
    root = ET.fromstring(text.partition("?>")[2])  # noqa: S314  our own
    assert root.tag == f"{T}Task"
    assert root.get("version") == "1.2"
    for element in root.iter():
        name = element.tag.removeprefix(T)
        below = [child.tag.removeprefix(T) for child in element]
        allowed = TASK.get(name)
        if name == "Months":
            assert len(set(below)) == 12
        elif below or allowed:
            assert allowed is not None, name
            assert set(below) <= set(allowed), name
            assert len(set(below)) == len(below)
            if isinstance(allowed, list):
                assert below == [each for each in allowed if each in below]
    assert root.find(f"{T}Actions").get("Context") == "Author"  # type: ignore[union-attr]


def test_a_task_runs_only_when_logged_on_and_catches_up() -> None:
    text = task(entry(), "HOST\\bob")
    for words in (
        "<LogonType>InteractiveToken</LogonType>",
        "<StartWhenAvailable>true</StartWhenAvailable>",
        "<RunLevel>LeastPrivilege</RunLevel>",
        "<UserId>HOST\\bob</UserId>",
    ):
        assert words in text
    assert read_task("amazon", text) == entry()


@given(st.lists(st.text(st.sampled_from('ab \\"\t'), max_size=8)))
def test_a_windows_command_line_is_taken_apart_as_it_was_made(words: list[str]) -> None:
    assert list(split_arguments(subprocess.list2cmdline(words))) == words


@given(st.text(max_size=200))
def test_any_other_text_is_no_task_of_ours(text: str) -> None:
    assert read_task("x", text) is None
