"""One line of ours in the text of a crontab; every other line is bytes that are not looked at.

Libraries that read and write whole crontabs put foreign lines into their own form, so the text is
only ever cut and joined here. Facts: crontab(5), and ``do_command.c`` of Vixie's cron, where a
percent sign ends the command unless a backslash is before it.
"""

import re
import shlex
from collections.abc import Iterator
from contextlib import suppress

from loginfix.errors import UsageError
from loginfix.schedule.model import Entry
from loginfix.schedule.timing import WEEKDAYS, Timing
from loginfix.words import say

LONGEST_COMMAND = 998
"""Bytes: Vixie's cron has room for 1000, with an end."""

_MARK = " >/dev/null # loginfix:"
_OURS = re.compile(
    rb"(\d+) (\d+) (\*|1) \* (\*|[0-6](?:,[0-6])*) (.*) >/dev/null # loginfix:([a-z0-9-]+)\r?\n?"
)


def line_of(entry: Entry) -> bytes:
    """The line of an entry. What a run prints is dropped; its errors are mailed, as is usual.

    Raises:
        UsageError: The command is too long for cron.
    """
    command = " ".join(map(_quote, entry.command)) + _MARK + entry.id
    text = command.encode("utf-8")
    if len(text) > LONGEST_COMMAND:
        raise UsageError(
            say("The paths in the command are too long for cron."),
            next_step=say(
                "Choose another scheduler with --with, or install loginfix in a shorter path."
            ),
        )
    return f"{entry.timing.crontab} ".encode("ascii") + text + b"\n"


def with_entry(content: bytes, entry: Entry) -> bytes:
    """The crontab with this entry, in the place of the one of its id, else at the top.

    At the top no setting of the person, such as another SHELL, is in force yet. A last line
    without a newline gets one: cron takes no file without.
    """
    line, lines, found = line_of(entry), [], False
    for each in _lines(content):
        if _id_of(each) != entry.id:
            lines.append(each)
        elif not found:
            lines.append(line)
            found = True
    return _ended(b"".join(lines if found else [line, *lines]))


def without_entry(content: bytes, entry_id: str) -> bytes:
    """The crontab without this entry."""
    kept = b"".join(each for each in _lines(content) if _id_of(each) != entry_id)
    return kept if kept == content else _ended(kept)


def entries(content: bytes) -> Iterator[tuple[str, Entry | None]]:
    """Every entry of ours with its id; None for one that is not as we write it."""
    for line in _lines(content):
        match = _OURS.fullmatch(line)
        if match is None:
            continue
        minute, hour, monthday, weekdays, command, entry_id = match.groups()
        identifier = entry_id.decode("ascii")
        entry = None
        with suppress(ValueError, UsageError):
            words = shlex.split(command.decode("utf-8").replace("\\%", "%"))
            days = "" if weekdays == b"*" else weekdays.decode("ascii")
            every = ",".join(WEEKDAYS[(int(day) - 1) % 7] for day in days.split(",") if day)
            if monthday == b"1":
                every = "month" if not every else "?"
            at = f"{int(hour):02}:{int(minute):02}"
            entry = Entry(identifier, tuple(words), Timing.parse(every or "day", at))
        yield identifier, entry


def _id_of(line: bytes) -> str | None:
    match = _OURS.fullmatch(line)
    return match[6].decode("ascii") if match else None


def _lines(content: bytes) -> list[bytes]:
    """Lines end with a line feed only: what else Python knows is content."""
    return re.findall(rb"[^\n]*\n|[^\n]+\Z", content)


def _ended(content: bytes) -> bytes:
    return content if not content or content.endswith(b"\n") else content + b"\n"


def _quote(word: str) -> str:
    """A word for the shell, without any backslash that cron and shells could both mean.

    A backslash of the word stands in quotes of its own: no cron takes it for an escape there.
    """
    parts = [part for part in re.split(r"(['\\])", word) if part]
    quoted = ['"\'"' if part == "'" else "'" + part.replace("%", "\\%") + "'" for part in parts]
    return "".join(quoted) or "''"
