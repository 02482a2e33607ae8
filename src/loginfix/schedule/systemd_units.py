"""The text of our systemd units, and reading it back.

Facts: systemd.service(5) "COMMAND LINES" for quoting, systemd.unit(5) for specifiers, and
systemd.time(7) for calendar events.
"""

import re
from collections.abc import Sequence

from loginfix.errors import ExitCode
from loginfix.schedule.model import Entry
from loginfix.schedule.timing import Timing

SERVICE = """\
# Made by loginfix schedule add. To change or remove it: loginfix schedule --help
[Unit]
Description=loginfix, schedule {id}

[Service]
Type=oneshot
ExecStart={command}
SuccessExitStatus={success}
Nice=10
"""
TIMER = """\
# Made by loginfix schedule add. To change or remove it: loginfix schedule --help
[Unit]
Description=loginfix, schedule {id}

[Timer]
OnCalendar={calendar}
Persistent=true
RandomizedDelaySec=5min

[Install]
WantedBy=timers.target
"""

# systemd takes no program with these in its path, so the shell starts it.
_UNSAFE = frozenset("'\"\\")
_BY_SHELL = ("/bin/sh", "-c", 'exec "$0" "$@"')

_SUCCESS = (ExitCode.PARTIAL, ExitCode.SKIPPED)
_EXEC = re.compile(r"^ExecStart=:(.*)$", re.MULTILINE)
_CALENDAR = re.compile(
    r"^OnCalendar=(?:([A-Za-z,]+) )?\*-\*-(\*|01) (\d\d:\d\d):00$", re.MULTILINE | re.ASCII
)
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


def service_text(entry: Entry) -> str:
    """The unit that runs the command once.

    Skipped and partial runs are no failures to systemd. The colon keeps ``$`` as it is.
    """
    by_shell = () if _UNSAFE.isdisjoint(entry.command[0]) else _BY_SHELL
    return SERVICE.format(
        id=entry.id,
        command=":" + quote((*by_shell, *entry.command)),
        success=" ".join(str(int(code)) for code in _SUCCESS),
    )


def timer_text(entry: Entry) -> str:
    """The unit that starts it, also after the time was missed, spread over five minutes."""
    return TIMER.format(id=entry.id, calendar=calendar(entry.timing))


def calendar(timing: Timing) -> str:
    """A timing as a calendar event."""
    date = "*-*-01" if timing.first_of_month else "*-*-*"
    days = timing.every.title() + " " if timing.weekdays else ""
    return f"{days}{date} {timing.at}:00"


def quote(command: Sequence[str]) -> str:
    """Words as one command line: every one quoted, specifiers and escapes doubled."""
    return " ".join(
        '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'
        for word in command
    )


def read_entry(entry_id: str, service: str, timer: str) -> Entry | None:
    """The entry that two units stand for; None if they are not as we write them."""
    command, when = _EXEC.search(service), _CALENDAR.search(timer)
    if command is None or when is None:
        return None
    words = tuple(
        re.sub(r"\\(.)", r"\1", word).replace("%%", "%") for word in _WORD.findall(command[1])
    )
    if words[: len(_BY_SHELL)] == _BY_SHELL:
        words = words[len(_BY_SHELL) :]
    every = "month" if when[2] == "01" else when[1] or "day"
    entry = Entry(entry_id, words, Timing.parse(every, when[3]))
    same = service == service_text(entry) and timer == timer_text(entry)
    return entry if same else None
