"""A log for auditors: one line of JSON for each user that root acted for."""

import json
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from loginfix.errors import RefusedError
from loginfix.files.durable import flush, private_directory
from loginfix.users.accounts import Account
from loginfix.words import say

AUDIT_LOG = Path("/var/log/loginfix/audit.log")
_FLAGS = (
    os.O_WRONLY
    | os.O_APPEND
    | os.O_CREAT
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


class AuditError(RefusedError):
    """The log for auditors cannot be written, so nothing is done in anybody's name."""

    code = "audit-failed"


@dataclass(frozen=True, slots=True)
class AuditLog:
    """The open log. ``by`` is who called root to it, as ``sudo`` tells; ``command`` the words."""

    descriptor: int
    path: Path
    by: str
    command: tuple[str, ...]

    def note(self, account: Account, *, exit_code: int, status: str) -> None:
        """Write one line, durably.

        Raises:
            AuditError: It cannot be written.
        """
        line = {
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "user": account.name,
            "uid": account.uid,
            "by": self.by,
            "command": list(self.command),
            "exit_code": exit_code,
            "status": status,
        }
        try:
            os.write(self.descriptor, json.dumps(line).encode("ascii") + b"\n")
            flush(self.descriptor)
        except OSError as error:
            raise _failed(self.path, error.strerror or str(error)) from error


@contextmanager
def audit_log(command: Sequence[str], path: Path | None = None) -> Iterator[AuditLog]:
    """Open the log, in a directory that only root can change.

    Raises:
        AuditError: It cannot be opened, or others could change it.
    """
    path = path or AUDIT_LOG
    try:
        private_directory(path.parent)
        if path.parent.lstat().st_uid != os.geteuid() or path.parent.is_symlink():
            raise _failed(path, say("its folder is not root's"))
        descriptor = os.open(path, _FLAGS, 0o600)
    except OSError as error:
        raise _failed(path, error.strerror or str(error)) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            raise _failed(path, say("it is not a file of root's"))
        yield AuditLog(descriptor, path, os.environ.get("SUDO_USER", "root"), tuple(command))
    finally:
        os.close(descriptor)


def _failed(path: Path, why: str) -> AuditError:
    return AuditError(
        say("The log for auditors, {path}, cannot be written: {why}.", path=path, why=why),
        next_step=say("Make room for it, or see to it that only root can change its folder."),
        path=path,
    )
