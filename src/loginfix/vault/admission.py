"""Which backups may be put back: one's own, of this computer, that can be read."""

from pathlib import Path

from loginfix.vault.cover import Decrypting
from loginfix.vault.errors import ForeignBackupError
from loginfix.vault.model import Manifest, Owner
from loginfix.vault.reader import Backup
from loginfix.words import message, say


def open_to_restore(path: Path, keys: Decrypting | None, *, from_elsewhere: bool) -> Backup:
    """Open a backup; its content is not checked yet.

    Args:
        path: Its file.
        keys: The secret keys, for one that is encrypted.
        from_elsewhere: Whether it may be another user's or another computer's.

    Raises:
        ForeignBackupError: It is, and may not be.
        BackupEncryptedError: It is encrypted, and there are no keys.
        WrongIdentityError: The keys do not open it.
        BackupUnreadableError: The file cannot be opened.
        BackupTooNewError: A newer loginfix wrote it.
        BackupDamagedError: It is not a sealed backup of ours.
    """
    backup = Backup.open(path, keys)
    try:
        if not from_elsewhere:
            _require_own(path, backup.manifest)
        backup.require_keys()
    except BaseException:
        backup.close()
        raise
    return backup


def _require_own(path: Path, manifest: Manifest) -> None:
    made_by, here = manifest.owner, Owner.here()
    if made_by.same_machine(here) and made_by.same_user(here):
        return
    sentence = (
        message("The backup {path} was made by another user, {user}, on {machine}.")
        if made_by.same_machine(here)
        else message("The backup {path} was made on another computer, {machine}, by {user}.")
    )
    raise ForeignBackupError(
        say(sentence, path=path, user=made_by.user or made_by.uid, machine=made_by.machine),
        next_step=say(
            "Somebody else's logins do not belong into your browser. If it is yours all the same,"
            " such as of your old computer, add --from-elsewhere."
        ),
        path=path,
    )
