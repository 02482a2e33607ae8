"""The programs of schedulers, as far as ours uses them: each keeps what it is told.

They stand for what cannot run everywhere; the real ones are in ``live/schedulers.py``.
"""

import base64
import os
import plistlib
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from loginfix.schedule.cron import Cron
from loginfix.schedule.launchd import Launchd
from loginfix.schedule.programs import Completed
from loginfix.schedule.scheduler import Scheduler
from loginfix.schedule.systemd import Systemd
from loginfix.schedule.task_scheduler import TaskScheduler
from loginfix.schedule.task_xml import NAMESPACE

FAILED = Completed(1, error="no rights")
DONE = Completed(0)
NEXT = "Sun 2026-11-29 03:04:32 UTC"


@dataclass
class Programs:
    """What is installed, by the program's own reckoning. ``fail`` names a word that fails."""

    directory: Path
    fail: str = ""
    calls: list[tuple[str, ...]] = field(default_factory=list)

    def __call__(
        self,
        *command: str,
        content: bytes = b"",
        environment: Mapping[str, str] | None = None,
    ) -> Completed:
        assert environment is None or environment.keys() & {"XDG_RUNTIME_DIR", "EDITOR"}
        self.calls.append(command)
        if self.fail and self.fail in command:
            return FAILED
        name, *words = command
        answer: Callable[..., Completed] = getattr(self, name)
        return answer(*words, content=content)

    def state(self) -> dict[str, bytes]:
        """Every file that the schedulers have, and its content."""
        return {
            str(path.relative_to(self.directory)): path.read_bytes()
            for path in self.directory.rglob("*")
            if path.is_file() and path.name != "lock"
        }

    @property
    def units(self) -> Path:
        return self.directory / "home" / ".config" / "systemd" / "user"

    def systemctl(self, _: str, verb: str, *words: str, content: bytes) -> Completed:
        assert not content
        wants = self.units / "timers.target.wants"
        match verb:
            case "show-environment":
                text = f"HOME=$'{self.directory}/home'\nLANG=C\n"
                return Completed(0, text.encode())
            case "enable":
                wants.mkdir(exist_ok=True)
                (wants / words[0]).write_bytes(b"")
            case "disable":
                (wants / words[-1]).unlink(missing_ok=True)
            case "start":
                return DONE if (self.units / words[0]).exists() else FAILED
            case "show":
                return Completed(0, (NEXT + "\n").encode())
        return DONE

    def loginctl(self, *_: str, content: bytes) -> Completed:
        assert not content
        return Completed(0, b"yes\n")

    def crontab(self, word: str, content: bytes) -> Completed:
        path = self.directory / "crontab"
        match word:
            case "-e":
                return Completed(0, path.read_bytes(), "No modification made")
            case "-l" if path.exists():
                # As Debian's does.
                shown = path.read_bytes().replace(b"\b", b"\\b").replace(b"\r", b"\\r")
                return Completed(0, shown)
            case "-l":
                return Completed(1, error="no crontab for somebody")
            case "-r":
                path.unlink()
            case "-":
                if not content.endswith(b"\n"):
                    return Completed(1, error="new crontab file is missing newline before EOF")
                path.write_bytes(content)
        return DONE

    def launchctl(self, verb: str, *words: str, content: bytes) -> Completed:
        assert not content
        domain = f"gui/{os.getuid()}"
        if verb == "bootstrap":
            data = plistlib.loads(Path(words[1]).read_bytes())
            assert words[0] == domain
            assert Path(words[1]).name == data["Label"] + ".plist"
        else:
            assert words[0].startswith(domain)
        return DONE

    def schtasks(self, verb: str, *words: str, content: bytes) -> Completed:
        assert not content
        options = dict(zip(words[::2], words[1::2], strict=False))
        if verb == "/Query":
            return DONE
        path = self.directory / "tasks" / options["/TN"].removeprefix("\\loginfix\\")
        if verb == "/Create":
            path.parent.mkdir(exist_ok=True)
            shutil.copy(options["/XML"], path)
        else:
            path.unlink()
        return DONE

    def powershell(self, *words: str, content: bytes) -> Completed:
        assert not content
        if "NextRunTime" in words[-1]:
            return Completed(0, b"2026-11-29T03:00:00.0000000+00:00\r\n")
        lines = [
            path.name + " " + base64.b64encode(_exported(path).encode("utf-8")).decode("ascii")
            for path in sorted((self.directory / "tasks").glob("*"))
        ]
        return Completed(0, "\r\n".join(lines).encode())


def _exported(path: Path) -> str:
    """As Task Scheduler gives a task back: in its own spelling, with what it adds."""
    ET.register_namespace("", NAMESPACE)
    root = ET.fromstring(path.read_text("utf-16").partition("?>")[2])  # noqa: S314  our own
    about = root.find(f"{{{NAMESPACE}}}RegistrationInfo")
    assert about is not None
    ET.SubElement(about, f"{{{NAMESPACE}}}URI").text = f"\\loginfix\\{path.name}"
    return '<?xml version="1.0" encoding="UTF-16"?>\r\n' + ET.tostring(root, encoding="unicode")


def schedulers(programs: Programs) -> tuple[Scheduler, ...]:
    """All of them, on these programs."""
    return (
        Systemd(programs),
        Cron(programs.directory / "cron lock", programs, wait=lambda: None),
        Launchd(programs, lambda: programs.directory / "agents", "darwin"),
        TaskScheduler(programs, "win32"),
    )
