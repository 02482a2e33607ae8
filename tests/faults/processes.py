"""Commands in processes that ``strace`` watches, and may strike."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from faults.calls import TRACED, Call, Point, calls, points

SPARE = 50
"""By how many calls a run with a fault may be longer than the one that was watched."""

KILL = "signal=KILL"
NOTHING: Mapping[str, int] = {}
LOOKING = ("clear-cache", "--site", "amazon", "--dry-run", "--home")


@dataclass(frozen=True)
class Ended:
    """How a command ended. ``said`` is its JSON, empty if it was killed.

    ``struck`` is the call that the fault struck, None if it did not.
    """

    code: int
    said: dict[str, Any]
    text: str
    struck: Call | None = None


class Server:
    """Runs commands, without faults."""

    def __init__(self, work: Path, home: Path, through: tuple[str, ...] = ()) -> None:
        self._output = work / "output"
        here = Path(__file__).resolve()
        tests = here.parent.parent
        environment = {
            **os.environ,
            "PYTHONPATH": f"{tests}{os.pathsep}{tests.parent / 'src'}",
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._channel, theirs = socket.socketpair()
        self._answers = self._channel.makefile(encoding="utf-8")
        with theirs:
            self._process = subprocess.Popen(
                (*through, sys.executable, str(here.with_name("server.py")), *LOOKING, str(home)),
                stdin=theirs.fileno(),
                env=environment,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._answers.close()
        self._channel.close()
        self._process.wait()

    def run(self, home: Path, *arguments: str) -> Ended:
        """Run a command on a home."""
        return self._run(home, arguments, NOTHING)[1]

    def _run(
        self, home: Path, arguments: tuple[str, ...], spent: Mapping[str, int]
    ) -> tuple[int, Ended]:
        request = {
            "arguments": [*arguments, "--json", "--home", str(home)],
            "output": str(self._output),
            "spent": spent,
        }
        self._channel.sendall(json.dumps(request).encode() + b"\n")
        answer = json.loads(self._answers.readline())
        text = self._output.read_text("utf-8", "replace")
        try:
            said = json.loads(text)
        except ValueError:
            said = {}
        return answer["pid"], Ended(answer["code"], said, text)


class Watched(Server):
    """Runs commands and writes down their calls; with ``fault``, it strikes one of each.

    ``fault`` is what ``strace`` injects, such as ``error=EIO``, with a ``+`` at its end into all
    further calls of that kind as well. ``most`` says how often any process makes every call when
    nothing fails.
    """

    def __init__(
        self, work: Path, home: Path, fault: str = "", most: Mapping[str, int] = NOTHING
    ) -> None:
        descriptor, name = tempfile.mkstemp(".log", dir=work)
        os.close(descriptor)
        self._log = Path(name)
        self._struck = {call: count + SPARE for call, count in most.items()}
        what, for_good = fault.rstrip("+"), "+" if fault.endswith("+") else ""
        injected = (
            f"inject={call}:{what}:when={at}{for_good}" for call, at in self._struck.items()
        )
        options = [option for each in injected for option in ("-e", each)]
        # The quick way to skip all other calls does not deliver signals (strace 6.1).
        quick = () if fault == KILL else ("--seccomp-bpf",)
        command = ("strace", "-f", *quick, "-qq", "-y", "-s", "512", "-A", "-o", name)
        watched = ("-e", "signal=none", "-e", f"trace={TRACED}")
        super().__init__(work, home, (*command, *watched, *options))

    def watch(self, home: Path, *arguments: str) -> tuple[Ended, list[Point], Counter[str]]:
        """Run a command without a fault; its points, and how often any process makes every call."""
        pid, ended = self._run(home, arguments, NOTHING)
        made = self._made()
        counts = Counter((call.pid, call.name) for call in made)
        most: Counter[str] = Counter()
        for (_, call), count in counts.items():
            most[call] = max(most[call], count)
        return ended, points((call for call in made if call.pid == pid), home), most

    def strike(self, home: Path, *arguments: str, point: Point) -> Ended:
        """Run a command that the fault strikes at ``point``."""
        pid, ended = self._run(
            home, arguments, {point.call: self._struck[point.call] - point.number}
        )
        mine = [call for call in self._made() if call.pid == pid]
        killed = ended.code == -signal.SIGKILL
        struck = [call for call in mine if call.injected] or (mine[-1:] if killed else [])
        return replace(ended, struck=struck[0] if struck else None)

    def _made(self) -> list[Call]:
        """The calls that the log tells since the last time."""
        with self._log.open("r+", encoding="utf-8", errors="replace") as log:
            made = list(calls(log))
            log.truncate(0)
        return made
