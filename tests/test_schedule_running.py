"""One scheduled run: waiting, giving up, and what it writes down."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loginfix.browsers.model import Profile
from loginfix.clearing.plan import Plan, Request
from loginfix.clearing.results import ClearedProfile, ClearResult
from loginfix.errors import BackupFailedError, BusyError, ExitCode, Problem
from loginfix.schedule.clock import Clock
from loginfix.schedule.log import Outcome, RunLog, RunRecord
from loginfix.schedule.running import (
    Tried,
    keep_trying,
    record_of,
    record_of_failure,
    record_of_pause,
)
from loginfix.sites.catalog import load_catalog
from test_reports_views import FOUND, OTHER, PROFILE

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
PLAN = Plan(Request(load_catalog().resolve("amazon")), ())
OPEN = Problem("browser-running", "It is open.", "Close it.", PROFILE.path)
DAMAGED = Problem("damaged-file", "It is damaged.", "Nothing to do.", Path("/x"))
NOTHING = ClearResult(PLAN, ())


@dataclass
class FakeClock(Clock):
    """Passes when slept; ``extra`` seconds more, as a computer that was put to sleep."""

    moment: datetime = START
    pauses: list[float] = field(default_factory=list)
    extra: float = 0

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.moment += timedelta(seconds=seconds + self.extra)


@dataclass
class Attempts:
    """Gives prepared answers, the last one for ever; notes what it was asked for."""

    answers: list[ClearResult | Exception]
    asked: list[frozenset[Path] | None] = field(default_factory=list)

    def __call__(self, only: frozenset[Path] | None) -> ClearResult:
        self.asked.append(only)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def cleared(*profiles: Profile, problems: Iterable[Problem] = ()) -> ClearResult:
    done = tuple(ClearedProfile(each, (FOUND,)) for each in profiles)
    return ClearResult(PLAN, done, backup_id="20261124-030000-amazon", problems=tuple(problems))


def waiting(*profiles: Profile, done: Iterable[Profile] = ()) -> ClearResult:
    result = replace(cleared(*done) if done else NOTHING, skipped=profiles)
    return replace(result, problems=tuple(replace(OPEN, path=each.path) for each in profiles))


def busy() -> BusyError:
    return BusyError("Another loginfix is at work.", next_step="Wait.")


def try_(answers: list[ClearResult | Exception], minutes: int = 120) -> tuple[Tried, FakeClock]:
    clock = FakeClock()
    tried = keep_trying(Attempts(answers), window=timedelta(minutes=minutes), clock=clock)
    return tried, clock


def record(tried: Tried) -> RunRecord:
    return record_of("amazon", tried, started=START, ended=START)


def test_a_closed_browser_is_cleared_at_once() -> None:
    tried, clock = try_([cleared(PROFILE)])
    assert clock.pauses == []
    made = record(tried)
    assert (made.result, made.exit_code, made.attempts) == ("cleared", ExitCode.DONE, 1)
    assert (made.items, made.size) == (FOUND.items, FOUND.size)
    assert made.backups == ("20261124-030000-amazon",)


def test_nothing_found_is_a_success() -> None:
    made = record(try_([NOTHING])[0])
    assert (made.result, made.exit_code) == ("nothing-found", ExitCode.DONE)


def test_a_running_browser_is_tried_again_with_longer_pauses_until_the_window_ends() -> None:
    tried, clock = try_([waiting(PROFILE)])
    assert clock.pauses[:6] == [30, 60, 120, 240, 480, 600]
    assert max(clock.pauses) == 600
    assert sum(clock.pauses) == 120 * 60
    made = record(tried)
    assert (made.result, made.exit_code) == ("skipped: running", ExitCode.SKIPPED)
    assert made.problems == (OPEN,)
    assert made.attempts == len(clock.pauses) + 1


def test_a_browser_that_is_closed_meanwhile_is_cleared() -> None:
    tried, clock = try_([waiting(PROFILE), waiting(PROFILE), cleared(PROFILE)])
    assert clock.pauses == [30, 60]
    made = record(tried)
    assert (made.result, made.attempts, made.problems) == ("cleared", 3, ())


def test_only_what_was_open_is_tried_again() -> None:
    attempts = Attempts([waiting(OTHER, done=[PROFILE]), cleared(OTHER)])
    tried = keep_trying(attempts, window=timedelta(minutes=5), clock=FakeClock())
    assert attempts.asked == [None, frozenset({OTHER.path})]
    made = record(tried)
    assert (made.result, made.items, len(made.backups)) == ("cleared", 2 * FOUND.items, 2)


def test_what_was_cleared_counts_when_another_browser_stays_open() -> None:
    made = record(try_([waiting(OTHER, done=[PROFILE]), waiting(OTHER)], 1)[0])
    assert (made.result, made.exit_code) == ("partial: running", ExitCode.PARTIAL)
    assert made.problems == (replace(OPEN, path=OTHER.path),)


def test_without_a_window_there_is_one_attempt() -> None:
    tried, clock = try_([waiting(PROFILE)], 0)
    assert (tried.attempts, clock.pauses) == (1, [])


def test_another_run_at_work_is_waited_for_too() -> None:
    made = record(try_([busy(), busy(), cleared(PROFILE)])[0])
    assert (made.result, made.attempts) == ("cleared", 3)
    made = record(try_([busy()], 1)[0])
    assert (made.result, made.exit_code) == ("skipped: busy", ExitCode.SKIPPED)
    assert [each.code for each in made.problems] == ["busy"]


def test_nothing_is_done_after_the_window_by_a_computer_that_slept() -> None:
    clock = FakeClock(extra=8 * 3600)
    attempts = Attempts([waiting(PROFILE)])
    tried = keep_trying(attempts, window=timedelta(minutes=60), clock=clock)
    assert len(attempts.asked) == 1
    assert record(tried).result == "skipped: running"


def test_what_was_left_alone_is_told() -> None:
    made = record(try_([cleared(PROFILE, problems=[DAMAGED])])[0])
    assert (made.result, made.exit_code) == ("partial: left-alone", ExitCode.PARTIAL)
    made = record(try_([replace(NOTHING, problems=(DAMAGED,))])[0])
    assert (made.result, made.exit_code) == ("partial: left-alone", ExitCode.PARTIAL)


def test_a_failure_is_written_down_with_its_code() -> None:
    error = BackupFailedError("The disk is full.", next_step="Free some space.")
    made = record_of_failure("amazon", error, started=START, ended=START)
    assert (made.result, made.exit_code) == ("failed: backup-failed", ExitCode.BACKUP_FAILED)
    made = record_of_failure("amazon", ValueError("secret"), started=START, ended=START)
    assert (made.result, made.exit_code) == ("failed: unexpected", ExitCode.FAILED)
    assert "secret" not in made.problems[0].message


def test_a_clock_of_the_system_goes_on() -> None:
    clock = Clock()
    before = clock.now()
    clock.sleep(0.01)
    assert clock.now() > before


class TestLog:
    def test_records_come_back_as_they_were_written(self, tmp_path: Path) -> None:
        log = RunLog(tmp_path / "logs", "amazon")
        assert log.records() == []
        records = [
            record(try_([cleared(PROFILE)])[0]),
            record(try_([busy()], 0)[0]),
            record_of_pause("amazon", now=START),
        ]
        for each in records:
            log.append(each)
        assert log.records() == records
        assert log.path.stat().st_mode & 0o777 == 0o600
        assert all(line.startswith('{"schedule": "amazon"') for line in log.path.open())
        log.delete()
        assert log.records() == []

    def test_it_is_rotated_and_the_older_half_is_still_read(self, tmp_path: Path) -> None:
        log = RunLog(tmp_path, "amazon")
        big = replace(
            record_of_pause("amazon", now=START), problems=(replace(DAMAGED, message="x" * 50_000),)
        )
        for number in range(40):
            log.append(replace(big, items=number))
        files = sorted(path.name for path in tmp_path.iterdir())
        assert files == ["amazon.jsonl", "amazon.jsonl.1"]
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 700_000
        items = [each.items for each in log.records()]
        assert items == list(range(40 - len(items), 40))
        assert len(items) >= 6

    def test_what_a_crash_left_is_passed_over(self, tmp_path: Path) -> None:
        log = RunLog(tmp_path, "amazon")
        log.append(record_of_pause("amazon", now=START))
        with log.path.open("ab") as file:
            file.write(b'{"schedule": "ama\xff\n[]\n{"outcome": "no-such"}\n\n')
        log.append(record_of_pause("amazon", now=START))
        assert [each.outcome for each in log.records()] == [Outcome.SKIPPED] * 2

    def test_a_half_line_does_not_swallow_the_next(self, tmp_path: Path) -> None:
        log = RunLog(tmp_path, "amazon")
        log.append(record_of_pause("amazon", now=START))
        with log.path.open("ab") as file:
            file.write(b'{"schedule": "ama')
        log.append(record_of_pause("amazon", now=START))
        assert len(log.records()) == 2

    def test_a_link_in_its_place_is_not_followed(self, tmp_path: Path) -> None:
        log = RunLog(tmp_path, "amazon")
        log.path.symlink_to(tmp_path / "elsewhere")
        with pytest.raises(OSError, match="symbolic"):
            log.append(record_of_pause("amazon", now=START))
