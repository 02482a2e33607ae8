"""The log of runs: lines of JSON, for whoever has to find out later what was done.

Only where it is asked for: a program that takes a site out leaves no note of it by itself. It tells
which profiles and stores, how many things and how long, and the codes of problems: no names of
cookies or pages, no paths, no words that a site has chosen.
"""

import json
import logging
import os
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from loginfix import __version__
from loginfix.api.results import Clearing, DryRun, Result
from loginfix.clearing.results import RestoreResult
from loginfix.errors import Problem, UsageError
from loginfix.files.durable import private_directory
from loginfix.progress import Doing, Progress
from loginfix.words import say

_BYTES = 1 << 20
_OLDER = 3  # files, each of as many bytes
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)


class RunLog:
    """The open log of one run, whose lines carry a number of their own."""

    def __init__(self, path: Path, level: str) -> None:
        """Open it, for the events of a ``level`` and above.

        Raises:
            UsageError: It cannot be written.
        """
        try:
            if not path.parent.exists():
                private_directory(path.parent)
            self._handler = _PrivateFile(path)
        except OSError as error:
            raise UsageError(
                say("{path} could not be written: {why}.", path=path, why=error.strerror or error),
                next_step=say("Name another file with --log-file."),
                path=path,
            ) from error
        self._handler.setFormatter(_Lines())
        # One of its own: nothing else in the process writes into it.
        self._logger = logging.Logger("loginfix", level.upper())  # noqa: LOG001  see above
        self._logger.addHandler(self._handler)
        self._run = secrets.token_hex(4)
        self._begun = time.monotonic()
        self._step = ""

    def began(self, command: str) -> None:
        """Note what was asked for."""
        self._write(logging.INFO, "began", {"command": command, "version": __version__})

    def following(self, progress: Progress) -> Progress:
        """The same progress, whose steps are noted too."""

        def follow(doing: Doing) -> None:
            if doing.sentence != self._step:
                self._step = doing.sentence
                self._write(logging.DEBUG, "step", {"step": doing.sentence, "total": doing.total})
            progress(doing)

        return follow

    def came_to(self, result: Result) -> None:
        """Note what was found or done, profile by profile, and what was left alone."""
        for event in _events(result):
            self._write(logging.INFO, "profile", event)
        for problem in result.problems:
            self._write(logging.WARNING, "left-alone", {"code": problem.code})

    def failed(self, problem: Problem) -> None:
        """Note why there is no result."""
        self._write(logging.ERROR, "failed", {"code": problem.code})

    def ended(self, exit_code: int) -> None:
        """Note the end, and close the file."""
        self._write(logging.INFO, "ended", {"exit_code": exit_code})
        self._handler.close()

    def _write(self, level: int, event: str, fields: Mapping[str, Any]) -> None:
        seconds = round(time.monotonic() - self._begun, 3)
        about = {"run": self._run, "seconds": seconds, **fields}
        self._logger.log(level, event, extra={"about": about})


class _Lines(logging.Formatter):
    """One object a line, in ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        about: dict[str, Any] = vars(record)["about"]
        line = {"time": when, "level": record.levelname.lower(), "event": record.msg, **about}
        return json.dumps(line)


class _PrivateFile(RotatingFileHandler):
    """A file that only its owner can read, and a few older ones."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_BYTES, backupCount=_OLDER, encoding="utf-8")

    def _open(self) -> TextIOWrapper:
        return open(os.open(self.baseFilename, _FLAGS, 0o600), "a", encoding="utf-8")  # noqa: PTH123  logging closes it

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's name
        """Go on: a disk that is full of logs keeps nobody from clearing a site."""


def _events(result: Result) -> list[dict[str, Any]]:
    match result:
        case DryRun():
            return [
                {
                    "done": "found",
                    "profile": each.profile.id,
                    "stores": {one.store: one.items for one in each.found},
                }
                for each in result.plan.profiles
            ]
        case Clearing():
            return [
                {
                    "done": "cleared",
                    "profile": each.profile.id,
                    "backup": result.result.backup_id,
                    "stores": {one.store: one.items for one in each.findings},
                    "bytes": each.size,
                }
                for each in result.result.cleared
            ]
        case RestoreResult():
            return [
                {
                    "done": "tried" if result.dry_run else "restored",
                    "profile": each.label,
                    "backup": result.backup_id,
                    "items": sum(s.outcome.restored + s.outcome.merged for s in each.stores),
                }
                for each in result.profiles
            ]
    return []
