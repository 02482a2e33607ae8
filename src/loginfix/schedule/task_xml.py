"""The XML of a task for Windows' Task Scheduler, and reading it back.

Facts: [MS-TSCH] 2.5, the task schema, for elements and their order; CommandLineToArgvW for how a
program's arguments are one string.
"""

import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator

from loginfix.errors import UsageError
from loginfix.schedule.model import Entry
from loginfix.schedule.timing import Timing
from loginfix.words import say

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# Any day of the past: the first run is the next one.
_EVER_SINCE = "2026-01-01"
# Waiting for a browser included; the default of three days would do as well.
_LIMIT = "P1D"
_SETTINGS = {
    "MultipleInstancesPolicy": "IgnoreNew",
    "DisallowStartIfOnBatteries": "false",
    "StopIfGoingOnBatteries": "false",
    "StartWhenAvailable": "true",
    "RunOnlyIfNetworkAvailable": "false",
    "WakeToRun": "false",
    "ExecutionTimeLimit": _LIMIT,
    "Priority": "7",
}


def task(entry: Entry, user: str) -> str:
    """The task of an entry: run as ``user``, only when logged on, caught up when missed.

    Raises:
        UsageError: Task Scheduler would replace something in a path.
    """
    for word in entry.command:
        # Neither has an escape: %NAME% is a variable, $(Arg0) an argument.
        if word.count("%") > 1 or "$(" in word:
            raise UsageError(
                say(
                    "{word!r} cannot be written into Task Scheduler, which replaces % and $( in"
                    " it.",
                    word=word,
                ),
                next_step=say("Move or rename that file or directory."),
            )
    root = ET.Element("Task", {"version": "1.2", "xmlns": NAMESPACE})
    about = ET.SubElement(root, "RegistrationInfo")
    ET.SubElement(about, "Description").text = f"loginfix, schedule {entry.id}"
    _trigger(ET.SubElement(root, "Triggers"), entry.timing)
    principal = ET.SubElement(ET.SubElement(root, "Principals"), "Principal", {"id": "Author"})
    ET.SubElement(principal, "UserId").text = user
    ET.SubElement(principal, "LogonType").text = "InteractiveToken"
    ET.SubElement(principal, "RunLevel").text = "LeastPrivilege"
    settings = ET.SubElement(root, "Settings")
    for name, value in _SETTINGS.items():
        ET.SubElement(settings, name).text = value
    action = ET.SubElement(ET.SubElement(root, "Actions", {"Context": "Author"}), "Exec")
    ET.SubElement(action, "Command").text = entry.command[0]
    ET.SubElement(action, "Arguments").text = subprocess.list2cmdline(entry.command[1:])
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-16"?>\n' + ET.tostring(root, encoding="unicode")


def read_task(entry_id: str, text: str) -> Entry | None:
    """The entry that a task stands for; None if it runs something else or at other times."""
    try:
        root = ET.fromstring(text.partition("?>")[2])  # noqa: S314  see above
        command = _text(root, "Actions/Exec/Command").strip('"')
        words = tuple(split_arguments(_text(root, "Actions/Exec/Arguments")))
        return Entry(entry_id, (command, *words), _timing(root))
    except (ET.ParseError, LookupError, UsageError, ValueError):
        return None


def split_arguments(line: str) -> Iterator[str]:
    """Take a command line apart as CommandLineToArgvW does."""
    word, quoted, started, backslashes = "", False, False, 0
    for character in line + " ":
        if character == "\\":
            backslashes += 1
            started = True
            continue
        if character == '"':
            word += "\\" * (backslashes // 2)
            if backslashes % 2:
                word += '"'
            else:
                quoted = not quoted
            started = True
        else:
            word += "\\" * backslashes
            if character in " \t" and not quoted:
                if started:
                    yield word
                word, started = "", False
            else:
                word += character
                started = True
        backslashes = 0


def _trigger(parent: ET.Element, timing: Timing) -> None:
    trigger = ET.SubElement(parent, "CalendarTrigger")
    ET.SubElement(trigger, "Enabled").text = "true"
    ET.SubElement(trigger, "StartBoundary").text = f"{_EVER_SINCE}T{timing.at}:00"
    ET.SubElement(trigger, "RandomDelay").text = "PT5M"
    if timing.first_of_month:
        by_month = ET.SubElement(trigger, "ScheduleByMonth")
        ET.SubElement(ET.SubElement(by_month, "DaysOfMonth"), "Day").text = "1"
        months = ET.SubElement(by_month, "Months")
        for month in _MONTHS:
            ET.SubElement(months, month)
    elif timing.weekdays:
        by_week = ET.SubElement(trigger, "ScheduleByWeek")
        ET.SubElement(by_week, "WeeksInterval").text = "1"
        days = ET.SubElement(by_week, "DaysOfWeek")
        for day in timing.weekdays:
            ET.SubElement(days, _DAYS[day])
    else:
        by_day = ET.SubElement(trigger, "ScheduleByDay")
        ET.SubElement(by_day, "DaysInterval").text = "1"


def _timing(root: ET.Element) -> Timing:
    triggers = list(_get(root, "Triggers"))
    if len(triggers) != 1:
        raise ValueError("not one trigger")
    start = _text(root, "Triggers/CalendarTrigger/StartBoundary")
    at = start.partition("T")[2][:5]
    if root.find(_path("Triggers/CalendarTrigger/ScheduleByMonth")) is not None:
        return Timing.parse("month", at)
    days = root.find(_path("Triggers/CalendarTrigger/ScheduleByWeek/DaysOfWeek"))
    if days is None:
        _get(root, "Triggers/CalendarTrigger/ScheduleByDay")
        return Timing.parse("day", at)
    return Timing.parse(",".join(day.tag.rpartition("}")[2] for day in days), at)


def _get(root: ET.Element, path: str) -> ET.Element:
    found = root.find(_path(path))
    if found is None:
        raise LookupError(path)
    return found


def _text(root: ET.Element, path: str) -> str:
    return _get(root, path).text or ""


def _path(path: str) -> str:
    return "/".join(f"{{{NAMESPACE}}}{part}" for part in path.split("/"))
