"""Which backups have had their time: they hold live sessions, so none is kept for ever."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from loginfix.vault.model import BackupSummary


class Reason(StrEnum):
    """Why a backup goes or stays."""

    TOO_OLD = "too-old"
    TOO_MANY = "too-many"
    NEEDED = "needed"
    RECENT = "recent"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one backup, and why."""

    backup: BackupSummary
    reason: Reason

    @property
    def goes(self) -> bool:
        """Whether the backup is to be deleted."""
        return self.reason in (Reason.TOO_OLD, Reason.TOO_MANY)


@dataclass(frozen=True, slots=True)
class PrunePlan:
    """What would be deleted and what stays, newest first; nothing has happened yet."""

    verdicts: tuple[Verdict, ...]

    @property
    def going(self) -> tuple[Verdict, ...]:
        """The backups to be deleted."""
        return tuple(verdict for verdict in self.verdicts if verdict.goes)

    @property
    def staying(self) -> tuple[Verdict, ...]:
        """The backups to be kept."""
        return tuple(verdict for verdict in self.verdicts if not verdict.goes)

    def sparing(self, protected: Collection[str]) -> "PrunePlan":
        """The same, but that those with an id in ``protected`` stay."""
        return PrunePlan(
            tuple(
                Verdict(each.backup, Reason.NEEDED) if each.backup.id in protected else each
                for each in self.verdicts
            )
        )


def plan_prune(
    backups: Iterable[BackupSummary],
    *,
    now: datetime,
    keep_count: int | None = None,
    keep_days: int | None = None,
    protected: Collection[str] = (),
) -> PrunePlan:
    """Decide which of ``backups``, given newest first, have had their time.

    A backup goes when it is older than ``keep_days`` days, or when there are ``keep_count`` newer
    ones that can be used. One that cannot be read counts for nothing and goes by age alone. Those
    with an id in ``protected``, which an unfinished run still needs, stay whatever their age.

    Args:
        backups: What there is, newest first.
        now: The present, with its time zone.
        keep_count: How many to keep; None for any number.
        keep_days: How long to keep them, in days; None for ever.
        protected: Ids of backups that must stay.
    """
    verdicts = []
    newer = 0
    for backup in backups:
        if backup.id in protected:
            reason = Reason.NEEDED
        elif keep_days is not None and now - backup.created > timedelta(days=keep_days):
            reason = Reason.TOO_OLD
        elif keep_count is not None and backup.problem is None and newer >= keep_count:
            reason = Reason.TOO_MANY
        else:
            reason = Reason.RECENT
        verdicts.append(Verdict(backup, reason))
        newer += backup.problem is None
    return PrunePlan(tuple(verdicts))
