"""launchd agents of macOS: launchd.plist(5), managed by launchctl(1)."""

import os
import plistlib
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from loginfix.errors import SchedulerError, UsageError
from loginfix.files.durable import write_private_file
from loginfix.files.plain import read_plain
from loginfix.schedule.model import Entry, Installed, Note
from loginfix.schedule.programs import Run, run_program
from loginfix.schedule.scheduler import refused, unwritable
from loginfix.schedule.timing import WEEKDAYS, Timing
from loginfix.words import say

_PREFIX = "io.github.loginfix.schedule."
_SUFFIX = ".plist"


class Launchd:
    """The agents of the person who runs this."""

    name = "launchd"
    title = "launchd"

    def __init__(
        self,
        run: Run = run_program,
        directory: Callable[[], Path] = lambda: Path.home() / "Library/LaunchAgents",
        platform: str = sys.platform,
    ) -> None:
        self._run = run
        self._where = directory
        self._platform = platform

    def why_not(self) -> str | None:
        """Why it cannot be used."""
        if self._platform != "darwin":
            return say("it is a part of macOS")
        done = self._run("launchctl", "print", _domain())
        return (
            None
            if done.code == 0
            else say("nobody is logged in at the screen ({error})", error=done.error)
        )

    def install(self, entry: Entry) -> None:
        """Write the agent's file and load it."""
        path = self._path(entry.id)
        before: bytes | None = None
        try:
            before = path.read_bytes() if path.exists() else None
            path.parent.mkdir(parents=True, exist_ok=True)
            self._unload(entry.id)
            write_private_file(path, agent(entry))
            self._load(path)
        except BaseException as error:
            with suppress(OSError, SchedulerError):
                if before is None:
                    path.unlink(missing_ok=True)
                else:
                    write_private_file(path, before)
                    self._load(path)
            if isinstance(error, OSError):
                raise unwritable(path, error) from error
            raise

    def remove(self, entry_id: str) -> None:
        """Unload the agent and remove its file."""
        path = self._path(entry_id)
        self._unload(entry_id)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(path, error) from error

    def installed(self) -> list[Installed]:
        """Read back the agents' files."""
        found = []
        for path in sorted(self._where().glob(f"{_PREFIX}*{_SUFFIX}")):
            entry_id = path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
            entry = None
            with suppress(OSError):
                entry = read_agent(entry_id, read_plain(path))
            found.append(Installed(entry_id, str(path), entry))
        return found

    def next_time(self, entry: Entry) -> datetime:
        """Reckoned: launchd itself tells nobody."""
        return entry.timing.next_after(datetime.now().astimezone())

    def notes(self) -> tuple[Note, ...]:
        """A run missed asleep is caught up, one missed switched off is not."""
        return (Note.ONLY_SLEEP_CATCH_UP,)

    def _path(self, entry_id: str) -> Path:
        return self._where() / f"{_PREFIX}{entry_id}{_SUFFIX}"

    def _load(self, path: Path) -> None:
        done = self._run("launchctl", "bootstrap", _domain(), str(path))
        if done.code:
            raise refused(self.title, say("load the agent"), done)

    def _unload(self, entry_id: str) -> None:
        # One that is not loaded is fine.
        self._run("launchctl", "bootout", f"{_domain()}/{_PREFIX}{entry_id}")


def agent(entry: Entry) -> bytes:
    """The property list of an entry."""
    return plistlib.dumps(
        {
            "Label": _PREFIX + entry.id,
            "ProgramArguments": list(entry.command),
            "StartCalendarInterval": _intervals(entry.timing),
            "RunAtLoad": False,
            "ProcessType": "Background",
            "LowPriorityIO": True,
        }
    )


def read_agent(entry_id: str, content: bytes) -> Entry | None:
    """The entry that a property list stands for; None if it is not as we write it."""
    try:
        data: dict[str, Any] = plistlib.loads(content)
        intervals = data["StartCalendarInterval"]
        days = [WEEKDAYS[each["Weekday"] - 1] for each in intervals if "Weekday" in each]
        every = "month" if "Day" in intervals[0] else ",".join(days) or "day"
        at = f"{intervals[0]['Hour']:02}:{intervals[0]['Minute']:02}"
        entry = Entry(entry_id, tuple(data["ProgramArguments"]), Timing.parse(every, at))
    except (UsageError, ValueError, TypeError, LookupError, AttributeError):
        return None
    except plistlib.InvalidFileException:
        return None
    return entry if agent(entry) == content else None


def _intervals(timing: Timing) -> list[dict[str, int]]:
    """Launchd counts weekdays from Monday, 1, to Sunday, 7 or 0."""
    time = {"Hour": timing.hour, "Minute": timing.minute}
    if timing.first_of_month:
        return [{"Day": 1, **time}]
    return [{"Weekday": day + 1, **time} for day in timing.weekdays] or [time]


def _domain() -> str:
    return f"gui/{os.getuid()}"
