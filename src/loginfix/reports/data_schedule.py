"""The results of ``schedule`` as plain data, for JSON; see ``data``."""

from loginfix.reports.data import Data, problem
from loginfix.schedule.log import RunRecord
from loginfix.schedule.results import (
    ScheduleChange,
    ScheduledRun,
    ScheduleList,
    ScheduleLog,
    ScheduleStatus,
)


def schedule_list(it: ScheduleList) -> Data:
    """The data of ``schedule list``."""
    return {"schedules": [details(each) for each in it.schedules]}


def details(it: ScheduleStatus) -> Data:
    """The data of ``schedule show``."""
    schedule, chosen = it.schedule, it.schedule.selection
    installed = it.installed
    command = installed.entry.command if installed and installed.entry else ()
    return {
        "name": schedule.name,
        "sites": list(chosen.sites),
        "groups": list(chosen.groups),
        "without_groups": list(chosen.without_groups),
        "browsers": list(chosen.browsers),
        "profiles": list(chosen.profiles),
        "only": sorted(chosen.only),
        "keep": sorted(chosen.keep),
        "keep_cookies": list(chosen.keep_cookies),
        "every": schedule.timing.every,
        "at": schedule.timing.at,
        "window_minutes": schedule.window,
        "keep_backups": schedule.keep_backups,
        "encrypt_to": list(schedule.encrypt_to),
        "close_browser": schedule.close_browser,
        "notify": schedule.notify,
        "paused": schedule.paused,
        "scheduler": schedule.scheduler,
        "description": str(it.description),
        "entry": installed and {"place": installed.place, "command": list(command)},
        "next": it.next_time and it.next_time.isoformat(timespec="seconds"),
        "last": it.last and _record(it.last),
        "notes": list(it.notes),
        "problems": [problem(each) for each in it.problems],
    }


def change(it: ScheduleChange) -> Data:
    """The data of ``schedule add``, ``pause``, ``resume`` and ``remove``."""
    return {
        "name": it.name,
        "change": str(it.change),
        "schedule": it.status and details(it.status),
    }


def run(it: ScheduledRun) -> Data:
    """The data of ``schedule run``: its line in the log, and how many of its backups stay."""
    return {**_record(it.record), "keep_backups": it.keep_backups}


def log(it: ScheduleLog) -> Data:
    """The data of ``schedule log``."""
    return {"runs": [_record(each) for each in it.runs]}


def _record(it: RunRecord) -> Data:
    return {**it.as_data(), "problems": [problem(each) for each in it.problems]}
