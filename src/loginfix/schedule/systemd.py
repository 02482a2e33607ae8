"""systemd user timers: systemd.timer(5), managed by the person's own service manager."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from loginfix.errors import SchedulerError, UsageError
from loginfix.files.durable import write_private_file
from loginfix.files.plain import read_plain
from loginfix.schedule.model import Entry, Installed, Note
from loginfix.schedule.programs import Completed, Run, run_program
from loginfix.schedule.scheduler import refused, unwritable
from loginfix.schedule.systemd_units import read_entry, service_text, timer_text
from loginfix.words import say

_PREFIX = "loginfix-"
_SERVICE, _TIMER = ".service", ".timer"
_SHOWN_TIME = "%a %Y-%m-%d %H:%M:%S UTC"


class Systemd:
    """The service manager of the person who runs this."""

    name = "systemd"
    title = "systemd"

    def __init__(self, run: Run = run_program) -> None:
        self._run = run

    def why_not(self) -> str | None:
        """Why it cannot be used."""
        done = self._systemctl("show-environment")
        if done.code == 0:
            return None
        return say(
            "no systemd user manager answers ({reason})",
            reason=done.error or say("no reason given"),
        )

    def install(self, entry: Entry) -> None:
        """Write both units, and have the manager take them."""
        files = {
            self._unit(entry.id, _SERVICE): service_text(entry).encode(),
            self._unit(entry.id, _TIMER): timer_text(entry).encode(),
        }
        before = {path: path.read_bytes() if path.exists() else None for path in files}
        timer = self._name(entry.id, _TIMER)
        try:
            self._forget(entry.id)
            for path, content in files.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                write_private_file(path, content)
            for command in (("daemon-reload",), ("enable", timer), ("start", timer)):
                self._must(say("start {timer}", timer=timer), *command)
        except BaseException as error:
            self._put_back(entry.id, before)
            if isinstance(error, OSError):
                raise unwritable(self._directory(), error) from error
            raise

    def remove(self, entry_id: str) -> None:
        """Stop the timer, and remove both units and the note of when it last ran."""
        units = [self._unit(entry_id, suffix) for suffix in (_TIMER, _SERVICE)]
        if not any(unit.exists() for unit in units):
            return
        self._must(say("remove the timer"), "disable", "--now", self._name(entry_id, _TIMER))
        self._forget(entry_id)
        try:
            for unit in units:
                unit.unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(self._directory(), error) from error
        self._must(say("forget the timer"), "daemon-reload")
        self._systemctl("reset-failed", self._name(entry_id, _SERVICE))

    def installed(self) -> list[Installed]:
        """Read back the unit files."""
        found = []
        for path in sorted(self._directory().glob(f"{_PREFIX}*{_TIMER}")):
            entry_id = path.stem.removeprefix(_PREFIX)
            entry = None
            with suppress(OSError, UnicodeDecodeError, UsageError):
                service = read_plain(path.with_suffix(_SERVICE)).decode("utf-8")
                entry = read_entry(entry_id, service, read_plain(path).decode("utf-8"))
            found.append(Installed(entry_id, str(path), entry))
        return found

    def next_time(self, entry: Entry) -> datetime | None:
        """What the manager says."""
        done = self._systemctl(
            "show",
            self._name(entry.id, _TIMER),
            "--property=NextElapseUSecRealtime",
            "--value",
            TZ="UTC",
        )
        with suppress(ValueError):
            return datetime.strptime(done.text, _SHOWN_TIME).replace(tzinfo=UTC)
        return None

    def notes(self) -> tuple[Note, ...]:
        """Without lingering, the manager ends when the person logs out."""
        shown = self._run("loginctl", "show-user", str(os.getuid()), "--property=Linger", "--value")
        if shown.code == 0:
            lingers = shown.text == "yes"
        else:
            lingers = (Path("/var/lib/systemd/linger") / _user_name()).exists()
        return () if lingers else (Note.NO_LINGER,)

    def _forget(self, entry_id: str) -> None:
        """Stop the timer and drop when it last ran: a new one has missed nothing yet."""
        timer = self._name(entry_id, _TIMER)
        self._systemctl("stop", timer)
        self._systemctl("clean", "--what=state", timer)

    def _put_back(self, entry_id: str, before: Mapping[Path, bytes | None]) -> None:
        """Undo an install that failed; what cannot be undone was reported by its cause."""
        timer = self._name(entry_id, _TIMER)
        with suppress(SchedulerError, OSError):
            if None in before.values():
                self._systemctl("disable", "--now", timer)
            for path, content in before.items():
                if content is None:
                    path.unlink(missing_ok=True)
                else:
                    write_private_file(path, content)
            self._systemctl("daemon-reload")
            if None not in before.values():
                self._systemctl("start", timer)

    def _directory(self) -> Path:
        """Where the manager looks for units of the person: by its environment, not ours."""
        shown = self._systemctl("show-environment")
        if shown.code:
            raise refused(self.title, say("be asked"), shown)
        variables = dict(line.split("=", 1) for line in shown.text.splitlines() if "=" in line)
        config = _unquoted(variables.get("XDG_CONFIG_HOME", ""))
        home = _unquoted(variables.get("HOME", "")) or str(Path.home())
        return (Path(config) if config else Path(home) / ".config") / "systemd" / "user"

    def _name(self, entry_id: str, suffix: str) -> str:
        return f"{_PREFIX}{entry_id}{suffix}"

    def _unit(self, entry_id: str, suffix: str) -> Path:
        return self._directory() / self._name(entry_id, suffix)

    def _must(self, what: str, *words: str) -> None:
        done = self._systemctl(*words)
        if done.code:
            raise refused(self.title, what, done)

    def _systemctl(self, *words: str, **variables: str) -> Completed:
        # Whoever came by su or ssh may lack the variable, but not the directory.
        runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
        environment = {"XDG_RUNTIME_DIR": runtime, **variables}
        return self._run("systemctl", "--user", *words, environment=environment)


def _unquoted(value: str) -> str:
    """A value as ``systemctl show-environment`` prints it: unusual ones in ``$'...'``."""
    quoted = re.fullmatch(r"\$'(.*)'", value, re.DOTALL)
    if quoted is None:
        return value
    raw = re.sub(
        rb"\\([0-7]{3}|x[0-9a-f]{2}|.)",
        lambda match: _escape(match[1]),
        os.fsencode(quoted[1]),
    )
    return os.fsdecode(raw)


def _escape(code: bytes) -> bytes:
    if code.isdigit():
        return bytes([int(code, 8)])
    if code.startswith(b"x"):
        return bytes([int(code[1:], 16)])
    return code


def _user_name() -> str:
    import pwd  # noqa: PLC0415  Windows has no such module

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
