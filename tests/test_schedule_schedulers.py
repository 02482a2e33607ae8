"""What every scheduler has to do: the same tests for all, on doubles of their programs."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loginfix.errors import SchedulerError, UsageError
from loginfix.schedule.choose import NAMES, choose
from loginfix.schedule.model import Entry
from loginfix.schedule.scheduler import Scheduler
from loginfix.schedule.timing import WEEKDAYS, Timing
from scheduler_doubles import Programs, schedulers

COMMAND = (
    '/opt/Bob\'s %H $HOME/日本語 \\ "x"/python',
    "-m",
    "loginfix",
    "",
    "a\\%b",
    ";",
    "C:\\x\\",
)
ENTRY = Entry("amazon", COMMAND, Timing.parse("sun", "03:00"))
WINDOWS = "task-scheduler"
# What each program is asked to do last, to have it fail.
LAST_WORD = {"systemd": "start", "cron": "-", "launchd": "bootstrap", WINDOWS: "/Create"}

words = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
commands = st.lists(words, min_size=1, max_size=5).map(lambda rest: ("/bin/x", *rest))
days = st.one_of(
    st.sampled_from(["day", "month"]),
    st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(",".join),
)
timings = st.builds(
    lambda every, hour, minute: Timing.parse(every, f"{hour}:{minute:02}"),
    days,
    st.integers(0, 23),
    st.integers(0, 59),
)


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    return Programs(tmp_path)


@pytest.fixture(params=NAMES)
def scheduler(request: pytest.FixtureRequest, programs: Programs) -> Scheduler:
    return choose(schedulers(programs), request.param)


@pytest.fixture
def entry(scheduler: Scheduler) -> Entry:
    return for_(scheduler, ENTRY)


def for_(scheduler: Scheduler, entry: Entry) -> Entry:
    """Without what Windows has no way to write, which is refused there."""
    if scheduler.name != WINDOWS:
        return entry
    command = tuple(word.replace("%", "x") for word in entry.command)
    return replace(entry, command=tuple(word.replace("$(", "y") for word in command))


def test_the_tests_are_of_every_scheduler(programs: Programs) -> None:
    assert tuple(each.name for each in schedulers(programs)) == NAMES


def test_an_entry_is_read_back_as_it_was_installed(scheduler: Scheduler, entry: Entry) -> None:
    assert scheduler.why_not() is None
    assert list(scheduler.installed()) == []
    scheduler.install(entry)
    (installed,) = scheduler.installed()
    assert (installed.id, installed.entry) == ("amazon", entry)
    assert installed.place
    scheduler.notes()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(command=commands, timing=timings)
@pytest.mark.parametrize("name", NAMES)
def test_any_command_at_any_time_comes_back(
    name: str, tmp_path: Path, command: tuple[str, ...], timing: Timing
) -> None:
    scheduler = choose(schedulers(Programs(tmp_path)), name)
    entry = for_(scheduler, Entry("x", command, timing))
    scheduler.install(entry)
    (installed,) = scheduler.installed()
    assert installed.entry == entry


def test_installing_again_changes_the_entry(scheduler: Scheduler, entry: Entry) -> None:
    scheduler.install(entry)
    changed = replace(entry, timing=Timing.parse("month", "23:59"))
    scheduler.install(changed)
    assert [each.entry for each in scheduler.installed()] == [changed]


def test_entries_are_told_apart(scheduler: Scheduler, entry: Entry) -> None:
    other = replace(entry, id="amazon-2", timing=Timing.parse("day", "00:00"))
    scheduler.install(entry)
    scheduler.install(other)
    assert {each.id: each.entry for each in scheduler.installed()} == {
        "amazon": entry,
        "amazon-2": other,
    }
    scheduler.remove("amazon")
    assert [each.entry for each in scheduler.installed()] == [other]


def test_removing_leaves_nothing(scheduler: Scheduler, entry: Entry, programs: Programs) -> None:
    scheduler.install(entry)
    assert programs.state()
    scheduler.remove("amazon")
    assert programs.state() == {}


def test_removing_what_is_not_there_is_fine(scheduler: Scheduler) -> None:
    scheduler.remove("amazon")


def test_the_next_time_is_in_the_future_of_the_timing(scheduler: Scheduler, entry: Entry) -> None:
    scheduler.install(entry)
    upcoming = scheduler.next_time(entry)
    assert upcoming is not None
    assert upcoming.tzinfo is not None
    assert upcoming.astimezone(UTC) > datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("before", ["nothing", "an entry"])
def test_what_fails_changes_nothing(
    scheduler: Scheduler, entry: Entry, programs: Programs, before: str
) -> None:
    if before == "an entry":
        scheduler.install(entry)
    state = programs.state()
    programs.fail = LAST_WORD[scheduler.name]
    with pytest.raises(SchedulerError, match="no rights") as caught:
        scheduler.install(replace(entry, timing=Timing.parse("day", "12:00")))
    assert caught.value.next_step
    assert programs.state() == state


def test_an_entry_that_somebody_changed_is_not_taken_for_ours(
    scheduler: Scheduler, entry: Entry, programs: Programs
) -> None:
    scheduler.install(entry)
    for path in programs.directory.rglob("*"):
        if path.is_file() and path.name != "lock":
            content = path.read_bytes()
            encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
            text = content.decode(encoding).replace("03:00", "04:00").replace("0 3 * *", "0 4 * *")
            text = text.replace("<integer>3</integer>", "<integer>4</integer>")
            path.write_bytes(text.encode(encoding))
    (installed,) = scheduler.installed()
    assert installed.id == "amazon"
    assert installed.entry is None or installed.entry.timing.at == "04:00"


def test_task_scheduler_refuses_what_it_would_replace(programs: Programs) -> None:
    scheduler = choose(schedulers(programs), WINDOWS)
    for path in ("C:\\%TEMP%\\python.exe", "C:\\$(Arg0)\\python.exe"):
        with pytest.raises(UsageError, match="replaces"):
            scheduler.install(replace(ENTRY, command=(path,)))
    assert list(scheduler.installed()) == []


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_here_cannot_be_forced(name: str, programs: Programs) -> None:
    programs.fail = {"systemd": "show-environment", "cron": "-l", "launchd": "print"}.get(
        name, "/Query"
    )
    with pytest.raises(SchedulerError, match="cannot be used"):
        choose(schedulers(programs), name)
    assert choose(schedulers(programs)).name != name


def test_without_any_the_reasons_are_told(tmp_path: Path) -> None:
    with pytest.raises(SchedulerError, match="no scheduler") as caught:
        choose(())
    assert caught.value.exit_code == 16
    assert "--with" in caught.value.next_step
    assert not list(tmp_path.iterdir())
