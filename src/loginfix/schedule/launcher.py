"""The command that an entry calls: this very installation, from a poor environment.

A scheduler knows nothing of a shell's settings: no PATH to speak of, no virtual environment, the C
locale, no XDG variables. So the command names the interpreter itself and brings what it needs.
"""

import hashlib
import os
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from loginfix.directories import Directories
from loginfix.errors import SchedulerError, UsageError
from loginfix.words import say

_MOVED = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")
_ENV = "/usr/bin/env"
_SECONDS = 60
# Windows programs do not start without it.
_KEPT = ("SYSTEMROOT",)


@dataclass(frozen=True, slots=True)
class Context:
    """Whose loginfix is meant: another ``home``, or ours, with the variables that move it."""

    home: Path | None = None
    environment: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, home: Path | None) -> Self:
        """That of this process, for its own or another home."""
        return cls(home) if home else cls(environment=_moved())

    def entry_id(self, name: str) -> str:
        """The id of a schedule's entry, which is the user's and not the home's."""
        if not self.home and not self.environment:
            return name
        text = repr((str(self.home or ""), self.environment))
        return f"{name}-{hashlib.sha256(os.fsencode(text)).hexdigest()[:8]}"

    def command(self, name: str) -> tuple[str, ...]:
        """The whole command of a schedule's entry.

        Raises:
            UsageError: A path in it cannot be written into a scheduler.
            SchedulerError: It is not known how this program was started.
        """
        home = ("--home", str(self.home)) if self.home else ()
        command = (*self._environment(), *launcher(), "schedule", "run", name, *home)
        if self.environment and "=" in launcher()[0]:
            raise _unwritable(launcher()[0], say("env would take it for a setting"))
        for word in command:
            if any(unicodedata.category(character) in ("Cc", "Cs") for character in word):
                raise _unwritable(word, say("it has characters that are not text"))
        return command

    def _environment(self) -> tuple[str, ...]:
        settings = tuple(f"{name}={value}" for name, value in self.environment)
        return (_ENV, *settings) if settings else ()


def launcher() -> tuple[str, ...]:
    """How this program is started: the interpreter, or the program that it was frozen into.

    ``-P`` keeps a file in the scheduler's working directory from being taken for a module.

    Raises:
        SchedulerError: The interpreter does not know where it is.
    """
    if not sys.executable:
        raise SchedulerError(
            say("Python does not know where it is itself, so nothing can be scheduled."),
            next_step=say("Start loginfix by the full path of its Python."),
        )
    if getattr(sys, "frozen", False):
        return (sys.executable,)
    return (_windowless(sys.executable), "-P", "-m", "loginfix")


def check_starts() -> None:
    """Start the launcher as a scheduler would, and see that it is loginfix.

    Raises:
        SchedulerError: It does not start.
    """
    trouble = starting_trouble(launcher())
    if trouble:
        raise SchedulerError(
            say("A scheduler could not start loginfix: {trouble}", trouble=trouble),
            next_step=say("Install loginfix (see README), and add the schedule with that one."),
        )


def starting_trouble(program: tuple[str, ...]) -> str | None:
    """Why a launcher does not start from a poor environment, or None."""
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603  our own launcher
            [*program, "--version"],
            env=environment,
            cwd=Path(program[0]).anchor or None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = getattr(error, "strerror", None) or say("no answer")
        return say("{program}: {reason}.", program=program[0], reason=reason)
    if done.returncode:
        last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        reason = last or say("exit code {code}", code=done.returncode)
        return say("{program}: {reason}.", program=program[0], reason=reason)
    return None


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an entry's command says: which program, which schedule, and whose."""

    program: tuple[str, ...]
    name: str
    context: Context

    @property
    def config(self) -> Path:
        """The configuration directory that the run will look in."""
        if self.context.home:
            return Directories.at(self.context.home).config
        moved = dict(self.context.environment)
        if "XDG_CONFIG_HOME" in moved:
            return Path(moved["XDG_CONFIG_HOME"]) / "loginfix"
        if "HOME" in moved:
            return Directories.at(Path(moved["HOME"])).config
        return Directories.current().config


def parse_command(command: tuple[str, ...]) -> Parsed | None:
    """Take apart what ``Context.command`` made; None if it is something else."""
    words, environment = list(command), []
    if words[:1] == [_ENV]:
        words.pop(0)
        while words and "=" in words[0]:
            name, _, value = words.pop(0).partition("=")
            environment.append((name, value))
    for at in range(1, len(words) - 2):
        if words[at : at + 2] == ["schedule", "run"]:
            rest = words[at + 3 :]
            if rest and (len(rest) != 2 or rest[0] != "--home"):  # noqa: PLR2004  a flag, a value
                return None
            home = Path(rest[1]) if rest else None
            context = Context(home, tuple(environment))
            return Parsed(tuple(words[:at]), words[at + 2], context)
    return None


def _moved() -> tuple[tuple[str, str], ...]:
    """The variables without which this process would look elsewhere."""
    if os.name == "nt":
        return ()
    moved = []
    if Path.home() != _home_of_record():
        moved.append(("HOME", str(Path.home())))
    moved += [
        (name, value) for name in _MOVED if Path(value := os.environ.get(name, "")).is_absolute()
    ]
    return tuple(moved)


def _home_of_record() -> Path:
    import pwd  # noqa: PLC0415  Windows has no such module

    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        return Path.home()


def _windowless(executable: str) -> str:
    """The interpreter that opens no console window: on Windows there are two."""
    beside = Path(executable).with_name("pythonw.exe")
    return str(beside) if sys.platform == "win32" and beside.is_file() else executable


def _unwritable(word: str, why: str) -> UsageError:
    return UsageError(
        say("{word!r} cannot be written into a scheduler: {why}.", word=word, why=why),
        next_step=say("Move or rename that file or directory."),
    )
