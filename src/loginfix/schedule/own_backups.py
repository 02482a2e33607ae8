"""The backups that a schedule made, told by what they note of themselves; never others."""

from collections.abc import Collection
from datetime import datetime

from loginfix.vault.directory import Vault
from loginfix.vault.retention import plan_prune


def command_of(name: str) -> str:
    """What the backups of a schedule note as the command that made them."""
    return f"schedule run {name}"


def prune_own(
    vault: Vault, name: str, *, keep: int, now: datetime, protected: Collection[str]
) -> tuple[str, ...]:
    """Delete all but the newest ``keep`` backups of a schedule; returns the ids of those deleted.

    A backup that cannot be read says of nobody that they made it, and stays.

    Raises:
        BackupNotDeletedError: One cannot be deleted.
        BackupUnreadableError: The directory cannot be listed.
    """
    own = [
        each
        for each in vault.backups()
        if each.manifest is not None and each.manifest.command == command_of(name)
    ]
    plan = plan_prune(own, now=now, keep_count=keep, protected=protected)
    vault.prune(plan)
    return tuple(verdict.backup.id for verdict in plan.going)
