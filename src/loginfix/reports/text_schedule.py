"""The texts of ``schedule``, and of its notifications."""

from collections.abc import Iterable
from datetime import datetime

from loginfix.errors import Problem
from loginfix.reports.layout import (
    BAD,
    BLANK,
    GOOD,
    HEADING,
    QUIET,
    WARNING,
    Line,
    Lines,
    Paragraph,
    fields,
    table,
)
from loginfix.reports.sizes import human_size, human_time
from loginfix.schedule.log import Outcome, RunRecord
from loginfix.schedule.model import Note, Schedule
from loginfix.schedule.results import (
    Change,
    ScheduleChange,
    ScheduledRun,
    ScheduleList,
    ScheduleLog,
    ScheduleStatus,
)
from loginfix.schedule.running import BUSY, LEFT_ALONE, PAUSED, RUNNING

NOTIFICATION_TITLE = "loginfix: {name}"

_NONE = "Nothing is scheduled."
_NONE_NEXT = "Schedule a cleanup with: loginfix schedule add --site amazon --every week --at 03:00"
_HEADINGS = ("Schedule", "Sites", "When", "Next", "Last run")
_PAUSED = "paused"
_UNKNOWN = "-"
_NEVER = "never"
_DAILY = "every day at {at}"
_MONTHLY = "on the first of every month at {at}"
_WEEKLY = "every {days} at {at}"
_AND = " and "
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CHANGES = {
    Change.ADDED: "The schedule {name} was added.",
    Change.REPLACED: "The schedule {name} was changed.",
    Change.PAUSED: "The schedule {name} is paused: it does not run until you resume it.",
    Change.RESUMED: "The schedule {name} runs again.",
    Change.REMOVED: "The schedule {name} was removed. Its backups stay: see loginfix backups list.",
}
_NOTES = {
    Note.NO_LINGER: "It runs while you are logged in; what was missed is caught up at your next"
    " login. To have it run at any time: loginctl enable-linger",
    Note.NO_CATCH_UP: "cron does not catch up what was missed while the computer was off or"
    " asleep.",
    Note.ONLY_SLEEP_CATCH_UP: "What was missed while the computer was asleep is caught up, but not"
    " what was missed while it was off or you were logged out.",
    Note.DAEMON_NOT_SEEN: "cron does not seem to be running, so nothing will happen until it is.",
}
_WAITS = "up to {minutes} minutes for an open browser"
_KEEPS = "the newest {count} of its backups"
_YES, _NO = "yes", "no"
_CALLS = "It calls:"
_CLEARED = "{sites}: {items} items ({size}) were backed up and removed."
_NOTHING = "{sites}: nothing was found, so nothing was changed."
_PARTIAL_RUNNING = "{cleared} A browser stayed open and was left alone."
_PARTIAL = "{cleared} Something was left alone; see loginfix schedule log {name}."
_PARTIAL_NOTHING = "{sites}: nothing could be removed; see loginfix schedule log {name}."
_SKIPPED = {
    RUNNING: "{sites}: skipped this time, because a browser was open all the while.",
    BUSY: "{sites}: skipped this time, because another loginfix was at work all the while.",
    PAUSED: "{sites}: skipped, because the schedule is paused. To run it: loginfix schedule resume"
    " {name}",
}
_FAILED = "{sites}: the run failed. {message}"
_NO_RUNS = "There was no run yet."
_LOG_HEADINGS = ("When", "Schedule", "Result", "Items", "Size", "Exit", "Backup")


def schedule_list(it: ScheduleList) -> Lines:
    """A line for each schedule, and what is wrong."""
    if it.schedules:
        rows = [
            (
                each.schedule.name,
                ", ".join(each.schedule.selection.sites),
                when(each.schedule),
                _next(each),
                f"{human_time(each.last.started)} {each.last.result}" if each.last else _NEVER,
            )
            for each in it.schedules
        ]
        yield from table(_HEADINGS, rows, right=())
        yield from _notes(note for each in it.schedules for note in each.notes)
    else:
        yield Paragraph(_NONE)
        yield Paragraph(_NONE_NEXT, QUIET)
    yield from _problems(it.problems)


def details(it: ScheduleStatus) -> Lines:
    """Everything about one schedule."""
    schedule, chosen = it.schedule, it.schedule.selection
    yield Line(schedule.name, HEADING)
    pairs = [
        ("Sites", ", ".join(chosen.sites)),
        ("When", when(schedule)),
        ("Next", _next(it)),
        ("Last run", _last(it.last)),
        ("Groups added", ", ".join(chosen.groups)),
        ("Groups left out", ", ".join(chosen.without_groups)),
        ("Browsers", ", ".join(chosen.browsers)),
        ("Profiles", ", ".join(chosen.profiles)),
        ("Only", ", ".join(sorted(chosen.only))),
        ("Kept", ", ".join(sorted(chosen.keep))),
        ("Kept cookies", ", ".join(chosen.keep_cookies)),
        ("Waits", _WAITS.format(minutes=schedule.window)),
        ("Closes browsers", _YES if schedule.close_browser else _NO),
        ("Notifies", _YES if schedule.notify else _NO),
        ("Keeps", _KEEPS.format(count=schedule.keep_backups)),
        ("Scheduler", schedule.scheduler),
        ("Entry", it.installed.place if it.installed else ""),
        ("Description", str(it.description)),
    ]
    yield from fields([(name, value) for name, value in pairs if value])
    if it.installed and it.installed.entry:
        yield BLANK
        yield Line(_CALLS, QUIET)
        yield Line(" ".join(map(repr, it.installed.entry.command)), indent=2)
    yield from _notes(it.notes)
    yield from _problems(it.problems)


def change(it: ScheduleChange) -> Lines:
    """What was done, and what comes next."""
    yield Paragraph(_CHANGES[it.change].format(name=it.name), GOOD)
    if it.status:
        yield from fields(
            [
                ("Sites", ", ".join(it.status.schedule.selection.sites)),
                ("When", when(it.status.schedule)),
                ("Next", _next(it.status)),
                ("Scheduler", it.status.schedule.scheduler),
            ]
        )
        yield from _notes(() if it.change is Change.PAUSED else it.status.notes)
        yield from _problems(it.status.problems)


def run(it: ScheduledRun) -> Lines:
    """What the run came to, in a sentence."""
    bad = it.record.outcome is Outcome.FAILED
    yield Paragraph(sentence(it), BAD if bad else HEADING)
    yield from _problems(it.problems)


def log(it: ScheduleLog) -> Lines:
    """A line for each run, newest first, and why the last ones were not as planned."""
    if not it.runs:
        yield Paragraph(_NO_RUNS)
        return
    rows = [
        (
            human_time(each.started),
            each.schedule,
            each.result,
            str(each.items),
            human_size(each.size),
            str(int(each.exit_code)),
            " ".join(each.backups) or _UNKNOWN,
        )
        for each in it.runs
    ]
    yield from table(_LOG_HEADINGS, rows, right=(3, 4, 5))
    yield from _problems(it.runs[0].problems)


def sentence(it: ScheduledRun) -> str:
    """One run in one sentence, also for a notification."""
    record = it.record
    words = {
        "sites": ", ".join(it.sites),
        "name": record.schedule,
        "items": record.items,
        "size": human_size(record.size),
        "message": record.problems[0].message if record.problems else "",
    }
    match record.outcome:
        case Outcome.CLEARED:
            text = _CLEARED
        case Outcome.NOTHING_FOUND:
            text = _NOTHING
        case Outcome.SKIPPED:
            text = _SKIPPED[record.reason]
        case Outcome.FAILED:
            text = _FAILED
        case Outcome.PARTIAL if not record.items:
            text = _PARTIAL_NOTHING
        case _:
            text = _PARTIAL if record.reason == LEFT_ALONE else _PARTIAL_RUNNING
            words["cleared"] = _CLEARED.format(**words)
    return text.format(**words)


def when(it: Schedule) -> str:
    """The times of a schedule in words."""
    timing = it.timing
    if timing.first_of_month:
        return _MONTHLY.format(at=timing.at)
    if not timing.weekdays:
        return _DAILY.format(at=timing.at)
    days = [_DAYS[day] for day in timing.weekdays]
    listed = _AND.join(filter(None, (", ".join(days[:-1]), days[-1])))
    return _WEEKLY.format(days=listed, at=timing.at)


def _next(it: ScheduleStatus) -> str:
    if it.schedule.paused:
        return _PAUSED
    moment: datetime | None = it.next_time
    return human_time(moment) if moment else _UNKNOWN


def _last(it: RunRecord | None) -> str:
    return f"{human_time(it.started)}, {it.result}" if it else _NEVER


def _notes(notes: Iterable[Note]) -> Lines:
    for number, note in enumerate(dict.fromkeys(notes)):
        if number == 0:
            yield BLANK
        yield Paragraph(_NOTES[note], QUIET)


def _problems(those: Iterable[Problem]) -> Lines:
    for it in those:
        yield BLANK
        yield Paragraph(it.message, WARNING)
        yield Paragraph(it.next_step, QUIET, indent=2)
