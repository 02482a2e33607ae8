"""The JSON that every command prints with ``--json``: always exactly one object.

``schema`` is raised when a key changes its meaning or goes; keys may be added without.
``docs/reference/json-output.md`` describes it, ``docs/reference/json-schema.json`` pins it.
"""

import json
from collections.abc import Sequence
from typing import Any, TypeGuard

from loginfix import __version__
from loginfix.errors import BrowserRunningError, BusyError, ExitCode, Problem
from loginfix.reports.data import Data, problem

SCHEMA = "loginfix/1"
_STATUS = {
    ExitCode.DONE: "ok",
    ExitCode.NOTHING_FOUND: "nothing-found",
    ExitCode.PARTIAL: "partial",
    ExitCode.LEFTOVERS_FOUND: "leftovers-found",
}
_ERROR = "error"
_HINDRANCES = frozenset({BrowserRunningError.code, BusyError.code, "paused"})


def envelope(
    command: str,
    exit_code: ExitCode,
    *,
    data: Data | None = None,
    problems: Sequence[Problem] = (),
    error: Problem | None = None,
) -> dict[str, Any]:
    """What one run came to. With the status ``error``, ``error`` says why."""
    status = _STATUS.get(exit_code, _ERROR)
    if status == _ERROR and error is None:
        error = _reason(exit_code, problems)
    return {
        "schema": SCHEMA,
        "version": __version__,
        "command": command,
        "status": status,
        "exit_code": int(exit_code),
        "data": data,
        "problems": [problem(each) for each in problems],
        "error": problem(error) if error else None,
    }


def is_envelope(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether something is an object of this schema, so far as whoever goes on with it needs."""
    return (
        isinstance(value, dict)
        and value.get("schema") == SCHEMA
        and isinstance(value.get("exit_code"), int)
        and value.get("status") == _STATUS.get(value["exit_code"], _ERROR)
        and _is_problem(value.get("error")) == (value["status"] == _ERROR)
    )


def to_json(envelope: dict[str, Any]) -> str:
    """ASCII, so that no text of a site can control the terminal, whatever its encoding."""
    return json.dumps(envelope, ensure_ascii=True, indent=2)


def _is_problem(value: object) -> bool:
    return (
        isinstance(value, dict)
        and all(isinstance(value.get(key), str) for key in ("code", "message", "next_step"))
        and isinstance(value.get("path"), str | None)
    )


def _reason(exit_code: ExitCode, problems: Sequence[Problem]) -> Problem:
    """Of everything that was left alone, what made the run fail."""
    if exit_code in (ExitCode.BROWSER_RUNNING, ExitCode.SKIPPED):
        return next((each for each in problems if each.code in _HINDRANCES), problems[0])
    return problems[0]
