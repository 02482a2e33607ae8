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
from loginfix.words import message, say, say_count

NOTIFICATION_TITLE = message("loginfix: {name}")

_NONE = message("Nothing is scheduled.")
_NONE_NEXT = message(
    "Schedule a cleanup with: loginfix schedule add --site amazon --every week --at 03:00"
)
_HEADINGS = (
    message("Schedule"),
    message("Sites"),
    message("When"),
    message("Next"),
    message("Last run"),
)
_PAUSED = message("paused")
_UNKNOWN = "-"
_NEVER = message("never")
_DAILY = message("every day at {at}")
_MONTHLY = message("on the first of every month at {at}")
_WEEKLY = message("every {days} at {at}")
_AND = message(" and ")
_DAYS = (
    message("Monday"),
    message("Tuesday"),
    message("Wednesday"),
    message("Thursday"),
    message("Friday"),
    message("Saturday"),
    message("Sunday"),
)
_CHANGES = {
    Change.ADDED: message("The schedule {name} was added."),
    Change.REPLACED: message("The schedule {name} was changed."),
    Change.PAUSED: message("The schedule {name} is paused: it does not run until you resume it."),
    Change.RESUMED: message("The schedule {name} runs again."),
    Change.REMOVED: message(
        "The schedule {name} was removed. Its backups stay: see loginfix backups list."
    ),
}
_NOTES = {
    Note.NO_LINGER: message(
        "It runs while you are logged in; what was missed is caught up at your next"
        " login. To have it run at any time: loginctl enable-linger"
    ),
    Note.NO_CATCH_UP: message(
        "cron does not catch up what was missed while the computer was off or asleep."
    ),
    Note.ONLY_SLEEP_CATCH_UP: message(
        "What was missed while the computer was asleep is caught up, but not"
        " what was missed while it was off or you were logged out."
    ),
    Note.DAEMON_NOT_SEEN: message(
        "cron does not seem to be running, so nothing will happen until it is."
    ),
}
_WAITS = message("up to {minutes} minutes for an open browser")
_KEEPS = message("the newest {count} of its backups")
_YES, _NO = message("yes"), message("no")
_CALLS = message("It calls:")
_CLEARED = message("{sites}: {items} items ({size}) were backed up and removed.")
_NOTHING = message("{sites}: nothing was found, so nothing was changed.")
_PARTIAL_RUNNING = message("{cleared} A browser stayed open and was left alone.")
_PARTIAL = message("{cleared} Something was left alone; see loginfix schedule log {name}.")
_PARTIAL_NOTHING = message("{sites}: nothing could be removed; see loginfix schedule log {name}.")
_SKIPPED = {
    RUNNING: message("{sites}: skipped this time, because a browser was open all the while."),
    BUSY: message(
        "{sites}: skipped this time, because another loginfix was at work all the while."
    ),
    PAUSED: message(
        "{sites}: skipped, because the schedule is paused. To run it: loginfix schedule resume"
        " {name}"
    ),
}
_OUTCOMES = {
    Outcome.CLEARED: message("cleared"),
    Outcome.NOTHING_FOUND: message("nothing-found"),
    Outcome.PARTIAL: message("partial"),
    Outcome.SKIPPED: message("skipped"),
    Outcome.FAILED: message("failed"),
}
_REASONS = {
    RUNNING: message("running"),
    BUSY: message("busy"),
    PAUSED: message("paused"),
    LEFT_ALONE: message("left-alone"),
}
_RESULT = message("{outcome}: {reason}")
_FAILED = message("{sites}: the run failed. {message}")
_NO_RUNS = message("There was no run yet.")
_LOG_HEADINGS = (
    message("When"),
    message("Schedule"),
    message("Result"),
    message("Items"),
    message("Size"),
    message("Exit"),
    message("Backup"),
)


def schedule_list(it: ScheduleList) -> Lines:
    """A line for each schedule, and what is wrong."""
    if it.schedules:
        rows = [
            (
                each.schedule.name,
                ", ".join(each.schedule.selection.sites),
                when(each.schedule),
                _next(each),
                f"{human_time(each.last.started)} {_result(each.last)}"
                if each.last
                else say(_NEVER),
            )
            for each in it.schedules
        ]
        yield from table(_HEADINGS, rows, right=())
        yield from _notes(note for each in it.schedules for note in each.notes)
    else:
        yield Paragraph(say(_NONE))
        yield Paragraph(say(_NONE_NEXT), QUIET)
    yield from _problems(it.problems)


def details(it: ScheduleStatus) -> Lines:
    """Everything about one schedule."""
    schedule, chosen = it.schedule, it.schedule.selection
    yield Line(schedule.name, HEADING)
    pairs = [
        (say("Sites"), ", ".join(chosen.sites)),
        (say("When"), when(schedule)),
        (say("Next"), _next(it)),
        (say("Last run"), _last(it.last)),
        (say("Groups added"), ", ".join(chosen.groups)),
        (say("Groups left out"), ", ".join(chosen.without_groups)),
        (say("Browsers"), ", ".join(chosen.browsers)),
        (say("Profiles"), ", ".join(chosen.profiles)),
        (say("Only"), ", ".join(sorted(chosen.only))),
        (say("Kept"), ", ".join(sorted(chosen.keep))),
        (say("Kept cookies"), ", ".join(chosen.keep_cookies)),
        (say("Waits"), say(_WAITS, minutes=schedule.window)),
        (say("Closes browsers"), say(_YES if schedule.close_browser else _NO)),
        (say("Notifies"), say(_YES if schedule.notify else _NO)),
        (say("Keeps"), say(_KEEPS, count=schedule.keep_backups)),
        (say("Encrypted to"), ", ".join(schedule.encrypt_to)),
        (say("Scheduler"), schedule.scheduler),
        (say("Entry"), it.installed.place if it.installed else ""),
        (say("Description"), str(it.description)),
    ]
    yield from fields([(name, value) for name, value in pairs if value])
    if it.installed and it.installed.entry:
        yield BLANK
        yield Line(say(_CALLS), QUIET)
        yield Line(" ".join(map(repr, it.installed.entry.command)), indent=2)
    yield from _notes(it.notes)
    yield from _problems(it.problems)


def change(it: ScheduleChange) -> Lines:
    """What was done, and what comes next."""
    yield Paragraph(say(_CHANGES[it.change], name=it.name), GOOD)
    if it.status:
        yield from fields(
            [
                (say("Sites"), ", ".join(it.status.schedule.selection.sites)),
                (say("When"), when(it.status.schedule)),
                (say("Next"), _next(it.status)),
                (say("Scheduler"), it.status.schedule.scheduler),
            ]
        )
        yield from _notes(() if it.change is Change.PAUSED else it.status.notes)
        yield from _problems(it.status.problems)


def run(it: ScheduledRun) -> Lines:
    """What the run came to, in a sentence."""
    bad = it.record.outcome is Outcome.FAILED
    yield Paragraph(sentence(it), BAD if bad else HEADING)
    if it.record.backups:
        yield Paragraph(
            say_count(
                "What was removed, logins included, lives on in its backup until there is a newer"
                " one of this schedule.",
                "What was removed, logins included, lives on in its backup until there are {count}"
                " newer ones of this schedule.",
                it.keep_backups,
            )
        )
    yield from _problems(it.problems)


def log(it: ScheduleLog) -> Lines:
    """A line for each run, newest first, and why the last ones were not as planned."""
    if not it.runs:
        yield Paragraph(say(_NO_RUNS))
        return
    rows = [
        (
            human_time(each.started),
            each.schedule,
            _result(each),
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
            words["cleared"] = say(_CLEARED, **words)
    return say(text, **words)


def _result(it: RunRecord) -> str:
    """The outcome and, where it needs one, its reason."""
    outcome = say(_OUTCOMES[it.outcome])
    if not it.reason:
        return outcome
    # Other reasons are codes of errors; the error itself stands below.
    reason = say(_REASONS[it.reason]) if it.reason in _REASONS else it.reason
    return say(_RESULT, outcome=outcome, reason=reason)


def when(it: Schedule) -> str:
    """The times of a schedule in words."""
    timing = it.timing
    if timing.first_of_month:
        return say(_MONTHLY, at=timing.at)
    if not timing.weekdays:
        return say(_DAILY, at=timing.at)
    days = [say(_DAYS[day]) for day in timing.weekdays]
    listed = say(_AND).join(filter(None, (", ".join(days[:-1]), days[-1])))
    return say(_WEEKLY, days=listed, at=timing.at)


def _next(it: ScheduleStatus) -> str:
    if it.schedule.paused:
        return say(_PAUSED)
    moment: datetime | None = it.next_time
    return human_time(moment) if moment else _UNKNOWN


def _last(it: RunRecord | None) -> str:
    return f"{human_time(it.started)}, {_result(it)}" if it else say(_NEVER)


def _notes(notes: Iterable[Note]) -> Lines:
    for number, note in enumerate(dict.fromkeys(notes)):
        if number == 0:
            yield BLANK
        yield Paragraph(say(_NOTES[note]), QUIET)


def _problems(those: Iterable[Problem]) -> Lines:
    for it in those:
        yield BLANK
        yield Paragraph(it.message, WARNING)
        yield Paragraph(it.next_step, QUIET, indent=2)
