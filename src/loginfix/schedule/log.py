"""The run log: a line of JSON for every run, one file a schedule, the older half kept aside."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from loginfix.errors import ExitCode, Problem
from loginfix.files.durable import private_directory
from loginfix.files.plain import open_plain, read_plain

_ROTATE_AT = 256 * 1024
"""Bytes; with the one before it, about two thousand runs."""
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)


class Outcome(StrEnum):
    """What a run came to."""

    CLEARED = "cleared"
    NOTHING_FOUND = "nothing-found"
    PARTIAL = "partial"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run. ``reason`` says why it was skipped, partial or failed; ``size`` is in bytes.

    ``backups`` were made by it, ``pruned`` were deleted; ``attempts`` counts how often it tried.
    """

    schedule: str
    started: datetime
    ended: datetime
    outcome: Outcome
    exit_code: ExitCode
    reason: str = ""
    items: int = 0
    size: int = 0
    attempts: int = 0
    backups: tuple[str, ...] = ()
    pruned: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def result(self) -> str:
        """The outcome with its reason, such as ``skipped: running``."""
        return f"{self.outcome}: {self.reason}" if self.reason else str(self.outcome)

    def as_data(self) -> dict[str, Any]:
        """The record as it stands in the log."""
        return {
            "schedule": self.schedule,
            "started": self.started.isoformat(timespec="seconds"),
            "ended": self.ended.isoformat(timespec="seconds"),
            "outcome": str(self.outcome),
            "reason": self.reason,
            "result": self.result,
            "items": self.items,
            "bytes": self.size,
            "exit_code": int(self.exit_code),
            "attempts": self.attempts,
            "backups": list(self.backups),
            "pruned": list(self.pruned),
            "problems": [
                {"code": each.code, "message": each.message, "next_step": each.next_step}
                for each in self.problems
            ],
        }


class RunLog:
    """The log of one schedule, in ``directory``, which need not exist yet."""

    def __init__(self, directory: Path, name: str) -> None:
        self.path = directory / f"{name}.jsonl"
        self._older = self.path.with_suffix(".jsonl.1")

    def append(self, record: RunRecord) -> None:
        """Add one record.

        Raises:
            OSError: It cannot be written.
        """
        private_directory(self.path.parent)
        with suppress(FileNotFoundError):
            if self.path.stat().st_size > _ROTATE_AT:
                self.path.replace(self._older)
        # A crash may have left half a line; that one ends here.
        line = "\n" * self._is_half() + json.dumps(record.as_data(), ensure_ascii=True) + "\n"
        descriptor = os.open(self.path, _APPEND, 0o600)
        try:
            os.write(descriptor, line.encode("ascii"))
        finally:
            os.close(descriptor)

    def records(self) -> list[RunRecord]:
        """All records, oldest first. A line that cannot be read, as a crash leaves one, is none."""
        return [*_read(self._older), *_read(self.path)]

    def _is_half(self) -> bool:
        try:
            with open_plain(self.path) as file:
                file.seek(-1, os.SEEK_END)
                return file.read() != b"\n"
        except OSError:  # none yet, or empty
            return False

    def delete(self) -> None:
        """Remove the log."""
        for path in (self.path, self._older):
            path.unlink(missing_ok=True)


def _read(path: Path) -> Iterator[RunRecord]:
    try:
        lines = read_plain(path).splitlines()
    except OSError:
        return
    for line in lines:
        with suppress(ValueError, TypeError, KeyError):
            yield _record(json.loads(line))


def _record(data: dict[str, Any]) -> RunRecord:
    return RunRecord(
        schedule=str(data["schedule"]),
        started=datetime.fromisoformat(data["started"]),
        ended=datetime.fromisoformat(data["ended"]),
        outcome=Outcome(data["outcome"]),
        exit_code=ExitCode(data["exit_code"]),
        reason=str(data["reason"]),
        items=int(data["items"]),
        size=int(data["bytes"]),
        attempts=int(data["attempts"]),
        backups=tuple(map(str, data["backups"])),
        pruned=tuple(map(str, data["pruned"])),
        problems=tuple(
            Problem(each["code"], each["message"], each["next_step"]) for each in data["problems"]
        ),
    )
