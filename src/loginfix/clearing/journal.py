"""The durable record of a run: what it set out to do, and how far that is decided.

One file a run, ``<run id>.journal``, in loginfix's own data directory: a line of JSON and a line
with its SHA-256. Pure ASCII: a path that is not valid UTF-8 is kept by its surrogate escapes.

The file is only ever replaced whole. Which operations of a *prepared* run have been carried out is
not in it: that can be read from the staging directories (``operations.progress``), so thousands of
operations cost two writes.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from loginfix.clearing.failures import JournalError, journal_errors
from loginfix.clearing.operations import Fingerprint, Kind, Operation
from loginfix.errors import Problem
from loginfix.files.durable import sync_directory, write_private_file
from loginfix.files.plain import NO_LINK, read_plain
from loginfix.words import say

STAGING_PREFIX = ".loginfix-"
"""How the name of every staging directory begins."""

_FORMAT = "loginfix-journal"
_VERSION = 1
_SUFFIX = ".journal"
_DEFAULTS: dict[str, Any] = {each.name: each.default for each in fields(Operation)}


class State(StrEnum):
    """What a killed run means."""

    STAGING = "staging"  # nothing was changed yet
    PREPARED = "prepared"  # some operations may have been carried out
    COMMITTED = "committed"  # all were
    UNDOING = "undoing"  # some may still stand
    UNDONE = "undone"  # none does


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """One run: ``purpose`` and ``details`` are the caller's, for its messages.

    ``roots`` are the directories that have, or may have, a staging directory; ``backup`` names
    the backup made before the first change, or is empty.
    """

    run_id: str
    state: State
    purpose: str
    details: Mapping[str, str]
    backup: str = ""
    roots: tuple[Path, ...] = ()
    operations: tuple[Operation, ...] = field(default=(), repr=False)

    @property
    def staging(self) -> str:
        """The name of the staging directory in each root."""
        return STAGING_PREFIX + self.run_id


def journal_path(directory: Path, run_id: str) -> Path:
    """Where the record of a run is kept."""
    return directory / f"{run_id}{_SUFFIX}"


def write(directory: Path, record: JournalRecord) -> None:
    """Make the record durable.

    Raises:
        JournalError: It is not; what the file said before still holds.
    """
    path = journal_path(directory, record.run_id)
    body = json.dumps(_encode(record), separators=(",", ":")).encode("ascii")
    with journal_errors(path):
        write_private_file(path, body + b"\n" + _digest(body) + b"\n")


def erase(directory: Path, run_id: str) -> None:
    """Forget a run of which nothing is left.

    Raises:
        JournalError: The file cannot be removed.
    """
    path = journal_path(directory, run_id)
    with journal_errors(path):
        path.unlink(missing_ok=True)
        sync_directory(directory)


def read_all(directory: Path) -> tuple[list[JournalRecord], list[Problem]]:
    """All records, oldest name first, and what is wrong with those that cannot be read."""
    records, problems = [], []
    for path in sorted(directory.glob(f"*{_SUFFIX}")):
        try:
            records.append(_read(path))
        except JournalError as error:
            problems.append(error.as_problem())
    return records, problems


def needed_backups(directory: Path) -> frozenset[str]:
    """The backups that interrupted runs may still need.

    Raises:
        JournalError: A record cannot be read, so that nobody can say which backup it needs.
    """
    paths = sorted(directory.glob(f"*{_SUFFIX}"))
    return frozenset(_read(path).backup for path in paths)


def discard_torn(directory: Path) -> None:
    """Remove what a run left that was killed while it wrote its record: it never counted."""
    for path in directory.glob(f"*{_SUFFIX}.tmp"):
        with journal_errors(path):
            path.unlink(missing_ok=True)


def _read(path: Path) -> JournalRecord:
    try:
        body, _, digest = read_plain(path, NO_LINK).partition(b"\n")
    except OSError as error:
        raise _unreadable(path, str(error.strerror)) from error
    if digest.strip() != _digest(body):
        raise _unreadable(path, say("it is damaged"))
    try:
        data = json.loads(body)
        if (data["format"], data["version"]) != (_FORMAT, _VERSION):
            raise _unreadable(path, say("another version of loginfix wrote it"))
        record = _decode(data)
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(path, say("it is damaged")) from error
    if path != journal_path(path.parent, record.run_id):
        raise _unreadable(path, say("it was renamed"))
    return record


def _encode(record: JournalRecord) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "version": _VERSION,
        "run_id": record.run_id,
        "state": record.state,
        "purpose": record.purpose,
        "details": dict(record.details),
        "backup": record.backup,
        "roots": [str(root) for root in record.roots],
        "operations": [_encode_operation(operation) for operation in record.operations],
    }


def _decode(data: dict[str, Any]) -> JournalRecord:
    return JournalRecord(
        run_id=data["run_id"],
        state=State(data["state"]),
        purpose=data["purpose"],
        details=data["details"],
        backup=data["backup"],
        roots=tuple(map(Path, data["roots"])),
        operations=tuple(map(_decode_operation, data["operations"])),
    )


def _encode_operation(operation: Operation) -> dict[str, Any]:
    """Leave out what has its default: there may be a hundred thousand of them."""
    values = {name: getattr(operation, name) for name in _DEFAULTS}
    return {name: value for name, value in values.items() if value != _DEFAULTS[name]}


def _decode_operation(data: dict[str, Any]) -> Operation:
    values = _DEFAULTS | data
    for name in ("before", "after"):
        values[name] = values[name] and Fingerprint(*values[name])
    for name in ("parents", "mtimes_ns"):
        values[name] = values[name] and tuple(values[name])
    return Operation(**values | {"kind": Kind(values["kind"])})


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode("ascii")


def _unreadable(path: Path, why: str) -> JournalError:
    return JournalError(
        say("The record of an interrupted run, {path}, cannot be read: {why}.", path=path, why=why),
        next_step=say(
            "Nothing was done about that run. Update loginfix and run `loginfix recover`; "
            "if that does not help, report this and keep the file."
        ),
        path=path,
    )
