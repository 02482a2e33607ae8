"""Windows' Task Scheduler, by schtasks.exe and, for what that cannot say, PowerShell."""

import base64
import getpass
import os
import re
import sys
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from loginfix.schedule.model import Entry, Installed, Note
from loginfix.schedule.programs import Completed, Run, run_program
from loginfix.schedule.scheduler import refused
from loginfix.schedule.task_xml import read_task, task
from loginfix.words import say

_FOLDER = "\\loginfix\\"
# Both print one line a task: its name, a space, and what was asked for.
_LIST = (
    "[Console]::OutputEncoding=[Text.Encoding]::UTF8;"
    "Get-ScheduledTask -TaskPath '\\loginfix\\' -ErrorAction SilentlyContinue | ForEach-Object {"
    "$x=Export-ScheduledTask -TaskName $_.TaskName -TaskPath $_.TaskPath;"
    "$_.TaskName+' '+[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($x))}"
)
_NEXT = (
    "$t=(Get-ScheduledTaskInfo -TaskPath '\\loginfix\\' -TaskName '{id}').NextRunTime;"
    "if($t){{$t.ToString('o')}}"
)
_SAFE_ID = re.compile(r"[a-z0-9-]+", re.ASCII)


class TaskScheduler:
    """The tasks of the person who runs this, in a folder of their own."""

    name = "task-scheduler"
    title = "Task Scheduler"

    def __init__(self, run: Run = run_program, platform: str = sys.platform) -> None:
        self._run = run
        self._platform = platform

    def why_not(self) -> str | None:
        """Why it cannot be used."""
        if self._platform != "win32":
            return say("it is a part of Windows")
        done = self._run("schtasks", "/Query", "/FO", "LIST")
        return None if done.code == 0 else say("it does not answer ({error})", error=done.error)

    def install(self, entry: Entry) -> None:
        """Register the task; one of the same name is replaced as a whole or not at all."""
        text = task(entry, _user())
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "task.xml"
            path.write_text(text, encoding="utf-16")
            done = self._run(
                "schtasks", "/Create", "/TN", _FOLDER + entry.id, "/XML", str(path), "/F"
            )
        if done.code:
            raise refused(self.title, say("register the task"), done)

    def remove(self, entry_id: str) -> None:
        """Delete the task."""
        if not any(each.id == entry_id for each in self.installed()):
            return
        done = self._run("schtasks", "/Delete", "/TN", _FOLDER + entry_id, "/F")
        if done.code:
            raise refused(self.title, say("delete the task"), done)

    def installed(self) -> list[Installed]:
        """Export every task in our folder."""
        done = self._powershell(_LIST)
        if done.code:
            raise refused(self.title, say("list the tasks"), done)
        found = []
        for line in done.text.splitlines():
            entry_id, _, encoded = line.partition(" ")
            text = base64.b64decode(encoded).decode("utf-8", "replace")
            found.append(Installed(entry_id, _FOLDER + entry_id, read_task(entry_id, text)))
        return found

    def next_time(self, entry: Entry) -> datetime | None:
        """What Task Scheduler says."""
        if not _SAFE_ID.fullmatch(entry.id):
            return None
        done = self._powershell(_NEXT.format(id=entry.id))
        with suppress(ValueError):
            return datetime.fromisoformat(done.text).astimezone()
        return None

    def notes(self) -> tuple[Note, ...]:
        """Missed runs are caught up."""
        return ()

    def _powershell(self, script: str) -> Completed:
        return self._run("powershell", "-NoProfile", "-NonInteractive", "-Command", script)


def _user() -> str:
    domain, name = os.environ.get("USERDOMAIN", ""), getpass.getuser()
    return f"{domain}\\{name}" if domain else name
