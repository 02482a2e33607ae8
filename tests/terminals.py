"""The program at a pseudo-terminal: what a person sees and types. Not on Windows."""

import codecs
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import synthetic

MAIN = "from loginfix.cli import main; main()"
PROGRAM = (sys.executable, "-m", "loginfix")
COLUMNS, ROWS = 80, 24

_PATIENCE = 60.0  # seconds; a loaded machine is slow


def environment(home: Path, **extra: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "LOGINFIX_"))}
    return {**kept, "HOME": str(home), "COLUMNS": str(COLUMNS), **extra}


def _take_terminal() -> None:
    """Let keys such as Ctrl-C mean this process, as a shell does."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """One command of loginfix, from its start to its end; ``program`` is what runs it.

    ``output`` is everything that appeared, each piece with its time in seconds.
    """

    def __init__(
        self, home: Path, *arguments: str, program: Sequence[str] = PROGRAM, **extra: str
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            [*program, *arguments],
            env=environment(home, **{"TERM": "xterm-256color", **extra}),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509  the tests have no threads
        )
        os.close(theirs)
        self.code = -1
        self.output: list[tuple[float, str]] = []
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._ahead = ""  # what came together with the words that were waited for

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.rest()
        os.close(self._ours)
        self.code = self.process.wait(timeout=60)

    def until(self, words: str) -> str:
        """Read until these words have appeared; what follows them is for the next call."""
        seen = self._taken_ahead()
        while words not in seen:
            part = self._read()
            assert part, f"the program ended after: {seen}"
            seen += part
        end = seen.index(words) + len(words)
        self._ahead = seen[end:]
        return seen[:end]

    def rest(self) -> str:
        """Read to the end."""
        seen = self._taken_ahead()
        while part := self._read():
            seen += part
        assert synthetic.SECRET not in seen
        return seen

    def _taken_ahead(self) -> str:
        ahead, self._ahead = self._ahead, ""
        return ahead

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def _read(self) -> str:
        waiting = select.poll()  # select() cannot wait for a descriptor above 1,023
        waiting.register(self._ours, select.POLLIN)
        if not waiting.poll(_PATIENCE * 1000):
            self.process.kill()  # it waits for an answer that nobody gives
            return ""
        try:
            read = os.read(self._ours, 65536)
        except OSError:  # Linux says EIO when the other side has closed
            return ""
        self.output.append((time.monotonic(), self._decoder.decode(read)))
        return self.output[-1][1]


def printed(seen: str) -> list[str]:
    """The lines that stay on the screen: without styles, and without what was erased again."""
    kept = re.sub(r"[^\n]*\n?\x1b\[\?25h\r\x1b\[1A\x1b\[2K", "", seen)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", kept).replace("\r", "").split("\n")
