"""How writing fails: in the profile, or in loginfix's own directory. The two are never mixed up."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loginfix.errors import ExitCode, LoginfixError, ProfileWriteError
from loginfix.words import message, say

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM)
_NEXT_STEPS = {
    **dict.fromkeys(_FULL, message("Free some space on that disk, then run the command again.")),
    **dict.fromkeys(
        _FORBIDDEN,
        message("Close the browser and run loginfix as the user whose files these are."),
    ),
    errno.EROFS: message(
        "The disk can only be read. Make it writable, then run the command again."
    ),
    errno.EXDEV: message(
        "This folder is on another disk than its profile, so it cannot be changed safely."
        " Move it back into the profile, or clear the site in the browser's own settings."
    ),
    errno.EIO: message(
        "The disk reports an error. Save your data to another disk before anything else."
    ),
}
_ANY_OTHER = message("Run the command again. If it fails again, restart the computer first.")


class ChangedMeanwhile(ProfileWriteError):  # noqa: N818 - named for what happened
    """A file is no longer what it was when its change was worked out; it is left as it is."""

    code = "changed-meanwhile"

    def __init__(self, path: Path) -> None:
        super().__init__(
            say(
                "{path} was changed by another program meanwhile; it was left as it is.", path=path
            ),
            next_step=say("Close the browser completely, then run the command again."),
            path=path,
        )


class JournalError(LoginfixError):
    """The record of a run, in loginfix's own data directory, cannot be written or read."""

    code = "journal-failed"
    exit_code = ExitCode.BACKUP_FAILED


@contextmanager
def profile_errors(root: Path, rel: str = "") -> Iterator[None]:
    """Turn the system's errors about the file ``rel`` below ``root`` into ``ProfileWriteError``.

    Raises:
        ChangedMeanwhile: A name has gone that was there, or has come where there was none.
    """
    try:
        yield
    except (FileNotFoundError, FileExistsError, NotADirectoryError) as error:
        raise ChangedMeanwhile(root / rel) from error
    except OSError as error:
        path = root / rel
        raise ProfileWriteError(
            say(
                "{path} could not be changed: {reason}.", path=path, reason=error.strerror or error
            ),
            next_step=_next_step(error),
            path=path,
        ) from error


@contextmanager
def journal_errors(path: Path) -> Iterator[None]:
    """Turn the system's errors about the journal into ``JournalError``."""
    try:
        yield
    except OSError as error:
        raise JournalError(
            say(
                "The record of this run, {path}, could not be written: {reason}.",
                path=path,
                reason=error.strerror or error,
            ),
            next_step=_next_step(error),
            path=path,
        ) from error


def _next_step(error: OSError) -> str:
    return say(_NEXT_STEPS.get(error.errno or 0, _ANY_OTHER))
