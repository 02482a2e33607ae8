"""What can go wrong, as data: a message, a stable code, an exit code and the next step.

An error class says which kind of failure it is; its instances say what happened and what
the person can do about it. A ``Problem`` is the same information without the exception:
something that was left alone while the rest of the run went on.
"""

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import ClassVar


class ExitCode(IntEnum):
    """How a process ended, for scripts. Any other number is a failure."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOTHING_FOUND = 3
    PARTIAL = 4
    BROWSER_RUNNING = 5
    BACKUP_FAILED = 6
    NO_BROWSERS = 7
    PROFILE_UNREADABLE = 8
    PROFILE_WRITE_FAILED = 9
    BACKUP_DAMAGED = 10
    VERIFICATION_FAILED = 11
    NOT_CONFIRMED = 12
    BUSY = 13
    REFUSED = 14
    SKIPPED = 15
    SCHEDULER_FAILED = 16
    LEFTOVERS_FOUND = 17
    REPORT_FAILED = 18
    BAD_CONFIGURATION = 19
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was left alone, in words for a person.

    ``code`` is stable and meant for programs; ``message`` names the file; ``next_step`` says
    what the person can do.
    """

    code: str
    message: str
    next_step: str
    path: Path | None = None


class LoginfixError(Exception):
    """An expected failure: shown without a traceback, with its next step."""

    code: ClassVar[str] = "failed"
    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(self, message: str, *, next_step: str, path: Path | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.path = path

    def as_problem(self) -> Problem:
        """The same facts, for a run that goes on without the thing that failed."""
        return Problem(self.code, self.message, self.next_step, self.path)


class UsageError(LoginfixError):
    """The command asks for something that does not exist or cannot be meant."""

    code = "usage"
    exit_code = ExitCode.USAGE


class ReportError(LoginfixError):
    """A report could not be written, after the work itself was done."""

    code = "report-not-written"
    exit_code = ExitCode.REPORT_FAILED


class UnknownSiteError(UsageError):
    """A site, group or domain that cannot be cleared as given."""

    code = "unknown-site"


class ConfigurationError(UsageError):
    """A declarative file of ours or of the user's that cannot be understood."""

    code = "bad-configuration"
    exit_code = ExitCode.BAD_CONFIGURATION


class NoBrowsersError(LoginfixError):
    """No installed browser was found, or none of those asked for."""

    code = "no-browsers"
    exit_code = ExitCode.NO_BROWSERS


class BrowserRunningError(LoginfixError):
    """The browser has this profile open."""

    code = "browser-running"
    exit_code = ExitCode.BROWSER_RUNNING


class ProfileUnreadableError(LoginfixError):
    """A profile, or a file in it, cannot be read."""

    code = "profile-unreadable"
    exit_code = ExitCode.PROFILE_UNREADABLE


class DamagedFileError(ProfileUnreadableError):
    """A file of a browser is damaged or cut short; it is left alone."""

    code = "damaged-file"


class NotUnderstoodError(ProfileUnreadableError):
    """A store whose format or version is unknown; it is left alone, never guessed at."""

    code = "not-understood"


class ProfileWriteError(LoginfixError):
    """Writing inside a profile failed; the profile is unchanged or recoverable."""

    code = "profile-write-failed"
    exit_code = ExitCode.PROFILE_WRITE_FAILED


class UnsafePathError(ProfileWriteError):
    """A link or special file where a plain file of the profile was expected."""

    code = "unsafe-path"


class BackupFailedError(LoginfixError):
    """The backup could not be written; nothing was removed."""

    code = "backup-failed"
    exit_code = ExitCode.BACKUP_FAILED


class BackupDamagedError(LoginfixError):
    """A backup does not match its checksums; nothing was restored from it."""

    code = "backup-damaged"
    exit_code = ExitCode.BACKUP_DAMAGED


class VerificationError(LoginfixError):
    """The result did not hold what was promised; everything was put back."""

    code = "verification-failed"
    exit_code = ExitCode.VERIFICATION_FAILED


class NotConfirmedError(LoginfixError):
    """The person said no, or could not be asked."""

    code = "not-confirmed"
    exit_code = ExitCode.NOT_CONFIRMED


class BusyError(LoginfixError):
    """Another loginfix run is at work."""

    code = "busy"
    exit_code = ExitCode.BUSY


class RefusedError(LoginfixError):
    """Doing this would be unsafe, so it is not done."""

    code = "refused"
    exit_code = ExitCode.REFUSED


class SchedulerError(LoginfixError):
    """There is no scheduler, or it does not do what it is asked; its entries are as before."""

    code = "scheduler-failed"
    exit_code = ExitCode.SCHEDULER_FAILED
