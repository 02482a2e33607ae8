"""The results of ``schedule`` in both forms, held like the others in ``test_reports_views``."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from loginfix.clearing.selection import Selection
from loginfix.errors import ExitCode, Problem
from loginfix.reports import text_schedule
from loginfix.reports.views import _VIEWS
from loginfix.schedule import results
from loginfix.schedule.log import Outcome, RunRecord
from loginfix.schedule.model import Entry, Installed, Note, Schedule
from loginfix.schedule.results import (
    Change,
    ScheduleChange,
    ScheduledRun,
    ScheduleList,
    ScheduleLog,
    ScheduleStatus,
)
from loginfix.schedule.timing import Timing
from loginfix.stores.model import Category
from test_reports_views import (
    BACKUP_ID,
    DAMAGED,
    EVIL,
    IS_OPEN,
    MARKED,
    SCHEMA,
    Case,
    as_json,
    as_text,
    declared,
    keys,
)

START = datetime(2026, 11, 24, 3, 0, 7, tzinfo=UTC)
GONE = Problem("interpreter-gone", "It cannot run.", "Run: loginfix schedule resume amazon")
SCHEDULE = Schedule(
    name="amazon",
    selection=Selection(
        sites=("amazon", "example.org"),
        groups=("aws",),
        without_groups=("video",),
        browsers=("chrome",),
        profiles=(EVIL,),
        only=frozenset({Category.CACHE, Category.COOKIES}),
        keep=frozenset({Category.HISTORY}),
        keep_cookies=("ubid-main",),
    ),
    timing=Timing.parse("Mon,Thu", "03:00"),
    notify=True,
    close_browser=True,
    scheduler="systemd",
)
RECORD = RunRecord(
    schedule="amazon",
    started=START,
    ended=START + timedelta(seconds=20),
    outcome=Outcome.CLEARED,
    exit_code=ExitCode.DONE,
    items=12,
    size=3200,
    attempts=2,
    backups=(BACKUP_ID,),
    pruned=("20261001-000000-amazon",),
)
NOTHING = replace(RECORD, outcome=Outcome.NOTHING_FOUND, items=0, size=0, backups=(), pruned=())
SKIPPED = replace(
    NOTHING,
    outcome=Outcome.SKIPPED,
    exit_code=ExitCode.SKIPPED,
    reason="running",
    problems=(DAMAGED, IS_OPEN),
)
FAILED = replace(
    NOTHING,
    outcome=Outcome.FAILED,
    exit_code=ExitCode.BACKUP_FAILED,
    reason="backup-failed",
    problems=(DAMAGED,),
)
PARTIAL = replace(RECORD, outcome=Outcome.PARTIAL, exit_code=ExitCode.PARTIAL, reason="left-alone")
ENTRY = Installed(
    "amazon", "/units/x.timer", Entry("amazon", ("/usr/bin/python", EVIL), SCHEDULE.timing)
)
STATUS = ScheduleStatus(
    SCHEDULE,
    Path("/c/schedules/amazon.json"),
    ENTRY,
    START + timedelta(days=2),
    SKIPPED,
    (Note.NO_LINGER,),
)
BROKEN = replace(STATUS, installed=None, next_time=None, last=None, problems=(GONE,))
PAUSED = replace(STATUS, schedule=replace(SCHEDULE, paused=True), installed=None, next_time=None)


def ran(record: RunRecord) -> ScheduledRun:
    return ScheduledRun(record, SCHEDULE.selection.sites, SCHEDULE.keep_backups)


CASES = [
    Case(
        "list",
        "schedule list",
        ScheduleList((STATUS, PAUSED)),
        ExitCode.DONE,
        ("every Monday and Thursday at 03:00", "skipped: running", "paused", "enable-linger"),
    ),
    Case(
        "list-with-problems",
        "schedule list",
        ScheduleList((BROKEN,), (DAMAGED,)),
        ExitCode.PARTIAL,
        (GONE.message, GONE.next_step, DAMAGED.message, "never"),
    ),
    Case("no-schedules", "schedule list", ScheduleList(()), ExitCode.DONE, ("schedule add",)),
    Case(
        "details",
        "schedule show",
        STATUS,
        ExitCode.DONE,
        ("amazon, example.org", "aws", "ubid-main", MARKED, "/units/x.timer", "120 minutes"),
    ),
    Case("broken", "schedule show", BROKEN, ExitCode.PARTIAL, (GONE.message,)),
    *(
        Case(
            f"change-{change}-{command}",
            f"schedule {command}",
            ScheduleChange(change, "amazon", status),
            ExitCode.DONE,
            (words,),
        )
        for change, command, status, words in (
            (Change.ADDED, "add", STATUS, "was added"),
            (Change.ADDED, "add", BROKEN, GONE.message),
            (Change.REPLACED, "add", STATUS, "was changed"),
            (Change.PAUSED, "pause", STATUS, "does not run until"),
            (Change.PAUSED, "pause", BROKEN, "does not run until"),
            (Change.RESUMED, "resume", STATUS, "runs again"),
            (Change.RESUMED, "resume", BROKEN, "runs again"),
            (Change.REMOVED, "remove", None, "was removed"),
        )
    ),
    Case("cleared", "schedule run", ran(RECORD), ExitCode.DONE, ("12 items (3.1 KiB)",)),
    Case("nothing", "schedule run", ran(NOTHING), ExitCode.DONE, ("nothing was found",)),
    Case("skipped", "schedule run", ran(SKIPPED), ExitCode.SKIPPED, ("a browser was open",)),
    Case("failed", "schedule run", ran(FAILED), ExitCode.BACKUP_FAILED, ("the run failed",)),
    Case("partial", "schedule run", ran(PARTIAL), ExitCode.PARTIAL, ("Something was left alone",)),
    Case(
        "partial-open",
        "schedule run",
        ran(replace(PARTIAL, reason="running")),
        ExitCode.PARTIAL,
        ("A browser stayed open",),
    ),
    Case(
        "partial-nothing",
        "schedule run",
        ran(replace(PARTIAL, items=0)),
        ExitCode.PARTIAL,
        ("nothing could be removed",),
    ),
    Case(
        "log",
        "schedule log",
        ScheduleLog((SKIPPED, RECORD)),
        ExitCode.DONE,
        ("skipped: running", "cleared", BACKUP_ID, IS_OPEN.message),
    ),
    Case("no-log", "schedule log", ScheduleLog(()), ExitCode.NOTHING_FOUND, ("no run yet",)),
]
COMMANDS = sorted({case.command for case in CASES})
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@every_case
def test_a_result_says_in_words_what_a_person_needs(case: Case) -> None:
    text = " ".join(as_text(case.result).split())
    for words in case.says:
        assert words in text


@every_case
def test_no_text_can_control_the_terminal(case: Case) -> None:
    text = as_text(case.result)
    assert not [each for each in text if not (each.isprintable() or each == "\n")]


@every_case
def test_a_result_ends_with_its_exit_code_and_follows_the_schema(case: Case) -> None:
    assert case.result.exit_code is case.code
    Draft202012Validator(SCHEMA).validate(as_json(case))


def test_the_error_of_a_skipped_run_is_what_was_in_the_way() -> None:
    (case,) = [case for case in CASES if case.name == "skipped"]
    assert as_json(case)["error"]["code"] == "browser-running"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_schema_pins_every_key_of_a_command_and_no_other(command: str) -> None:
    made = {key for case in CASES if case.command == command for key in keys(as_json(case)["data"])}
    assert made == set(declared(SCHEMA["$defs"][command]))


def test_every_kind_of_result_has_a_view() -> None:
    kinds = {kind for kind in vars(results).values() if hasattr(kind, "exit_code")}
    assert {kind.__name__ for kind in kinds - {RunRecord}} <= set(_VIEWS)


@pytest.mark.parametrize(
    ("every", "words"),
    [
        ("day", "every day at 03:00"),
        ("week", "every Sunday at 03:00"),
        ("month", "on the first of every month at 03:00"),
        ("mon,wed,fri", "every Monday, Wednesday and Friday at 03:00"),
    ],
)
def test_times_are_told_in_words(every: str, words: str) -> None:
    timing = Timing.parse(every, "3:00")
    assert text_schedule.when(replace(SCHEDULE, timing=timing)) == words
