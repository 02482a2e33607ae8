"""What can go wrong with a backup, in words for a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loginfix.errors import (
    BackupDamagedError,
    BackupFailedError,
    LoginfixError,
    RefusedError,
    UsageError,
)
from loginfix.files.sqlite import DAMAGED
from loginfix.words import say


class UnknownBackupError(UsageError):
    """No backup, or more than one, goes by the id given."""

    code = "unknown-backup"


class BackupUnreadableError(BackupDamagedError):
    """A backup, or the directory of the backups, cannot be opened."""

    code = "backup-unreadable"


class BackupTooNewError(RefusedError):
    """A backup in a format that only a newer loginfix knows."""

    code = "backup-too-new"


class BackupNotDeletedError(LoginfixError):
    """A backup, or what is left of one, cannot be deleted."""

    code = "backup-not-deleted"


class BackupEncryptedError(RefusedError):
    """A backup that cannot be read without its secret key."""

    code = "backup-encrypted"


class WrongIdentityError(RefusedError):
    """None of the secret keys given opens the backup."""

    code = "wrong-identity"


class ForeignBackupError(RefusedError):
    """A backup that another user or another computer made."""

    code = "foreign-backup"


class BadRecipientError(UsageError):
    """Something that is no public key, or too many of them."""

    code = "bad-recipient"


class BadIdentityError(UsageError):
    """A file that holds no secret key."""

    code = "bad-identity"


class EncryptionMissingError(UsageError):
    """Encryption is asked for, and the extra that can do it is not installed."""

    code = "encryption-missing"


class ContentError(ValueError):
    """A record of a backup is not what it has to be."""


def damaged(path: Path, what: str) -> BackupDamagedError:
    """The error for a backup that does not hold what was put into it."""
    return BackupDamagedError(
        say("The backup {path} is damaged: {what}.", path=path, what=what),
        next_step=say(
            "Nothing was restored from it. Use a copy of this file, if you have one, or"
            " another backup (loginfix backups list)."
        ),
        path=path,
    )


def unreadable(path: Path, error: OSError) -> BackupUnreadableError:
    """The error for a backup, or their directory, that cannot be opened."""
    return BackupUnreadableError(
        say("{path} cannot be read: {reason}.", path=path, reason=error.strerror or error),
        next_step=say("Check that the file is there and belongs to you, then try again."),
        path=path,
    )


def failed(path: Path, why: object) -> BackupFailedError:
    """The error for a backup that could not be written."""
    return BackupFailedError(
        say(
            "The backup {path} could not be written: {why}. Nothing was removed.",
            path=path,
            why=why,
        ),
        next_step=say(
            "Check that this disk has free space and that you may write there, then run this again."
        ),
        path=path,
    )


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what SQLite and the decoders say of the backup ``path`` into one error.

    Raises:
        BackupDamagedError: Something in it cannot be read, or is not what it has to be.
    """
    try:
        yield
    except (*DAMAGED, ContentError) as error:
        raise damaged(path, str(error)) from error
