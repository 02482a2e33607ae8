"""Putting back what a run removed, and ending runs that were interrupted."""

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from loginfix.api.closing import close_all, with_reasons
from loginfix.api.machine import Machine
from loginfix.browsers.model import Profile
from loginfix.clearing import restore as restoring
from loginfix.clearing.recover import RecoverResult, recover_all
from loginfix.clearing.results import RestoreResult
from loginfix.clearing.selection import categories_named
from loginfix.progress import Doing, Progress, silent
from loginfix.stores.model import CATEGORIES
from loginfix.vault.admission import open_to_restore
from loginfix.vault.cover import keys_in
from loginfix.vault.directory import Vault
from loginfix.vault.model import ProfileRecord
from loginfix.words import say


def restore(
    backup_id: str | None = None,
    *,
    only: Collection[str] = (),
    overwrite: bool = False,
    identity: Path | None = None,
    from_elsewhere: bool = False,
    dry_run: bool = False,
    close_browsers: bool = False,
    confirm: Callable[[RestoreResult], None] | None = None,
    machine: Machine | None = None,
    progress: Progress = silent,
) -> RestoreResult:
    """Put back what was removed; what has appeared in the browsers since then stays.

    Args:
        backup_id: the beginning of its ID; the latest backup if None.
        only: only these categories, such as ``cookies``; all if empty.
        overwrite: where both sides have the same thing, take the backup's.
        identity: the file with the secret key, for a backup that is encrypted.
        from_elsewhere: also take a backup that another user or another computer made.
        dry_run: only say what would happen.
        close_browsers: ask browsers that are open to close, and wait up to 30 seconds for each;
            in a dry run too, for an open browser's profile cannot be tried.
        confirm: shown what would happen before it does, if anything would; stops it by raising.
        machine: None for one's own; whose backup, and where to look for its profiles.
        progress: told what is being worked on, and how far it is; often, so it has to be quick.

    Raises:
        UsageError: There is no such backup or category.
        BackupDamagedError: The backup does not match its checksums.
        LoginfixError: Nothing was restored, or everything was put back; its class says why.
    """
    machine = machine or Machine()
    directories = machine.directories
    categories = categories_named(only) or CATEGORIES
    vault = Vault(directories.backups)
    chosen = vault.get(backup_id).id
    path = vault.path(chosen)
    keys = keys_in(identity)
    with open_to_restore(path, keys, from_elsewhere=from_elsewhere) as backup:
        records = tuple(backup.profiles.values())
    profiles = machine.all_profiles(Path(record.path) for record in records)

    def run(*, dry_run: bool) -> RestoreResult:
        result = restoring.restore(
            chosen,
            directories,
            profiles,
            categories=categories,
            overwrite=overwrite,
            dry_run=dry_run,
            keys=keys,
            from_elsewhere=from_elsewhere,
            progress=progress,
        )
        return replace(result, problems=with_reasons(result.problems, still_open))

    still_open = close_all(_concerned(profiles, records), asked=close_browsers, progress=progress)
    if confirm and not dry_run and (preview := run(dry_run=True)).changed:
        confirm(preview)
    return run(dry_run=dry_run)


def recover(
    *, undo: bool = False, machine: Machine | None = None, progress: Progress = silent
) -> RecoverResult:
    """Finish every interrupted run or, with ``undo``, put everything back.

    Every function that writes into profiles does this first, so it is seldom needed.

    Raises:
        BrowserRunningError: A browser has one of the profiles open.
        BusyError: Another run of loginfix is at work.
        LoginfixError: It cannot be ended; its class says why.
    """
    machine = machine or Machine()
    progress(Doing(say("Ending what was interrupted")))
    return recover_all(machine.directories, machine.all_profiles(), undo=undo)


def _concerned(
    profiles: Collection[Profile], records: Collection[ProfileRecord]
) -> tuple[Profile, ...]:
    """The profiles that a backup may be put back into."""
    paths = {record.path for record in records}
    names = {(record.brand, record.directory) for record in records}
    return tuple(
        each
        for each in profiles
        if str(each.path) in paths or (each.brand, each.directory) in names
    )
