"""The texts of ``backups``."""

from collections.abc import Iterable

from loginfix.reports.layout import (
    BAD,
    BLANK,
    GOOD,
    HEADING,
    QUIET,
    WARNING,
    Line,
    Lines,
    Paragraph,
    fields,
    table,
)
from loginfix.reports.results import (
    BackupChecks,
    BackupDeletion,
    BackupDetails,
    BackupList,
    Pruning,
)
from loginfix.reports.sizes import human_size, human_time
from loginfix.reports.text_problems import problems
from loginfix.vault.model import BackupSummary
from loginfix.vault.retention import Reason, Verdict

QUESTION_DELETE = "Delete this backup for ever? Type y for yes: "
QUESTION_PRUNE = "Delete these backups for ever? Type y for yes: "

_NO_BACKUPS = "There are no backups in {directory}."
_DIRECTORY = "The backups are in {directory}"
_HEADINGS = ("Backup", "Made", "Size", "Sites")
_STORE_HEADINGS = ("What", "Category", "Rows", "Files", "Size")
_UNREADABLE = "cannot be read"
_PRIVATE = "A backup holds your logins of that time. Keep it to yourself."
_INTACT = "{backup} is intact: every byte is as it was written."
_DAMAGED = "{backup} is not intact."
_NOTHING_TO_CHECK = "There are no backups to check."
_DELETED = "The backup {backup} was deleted."
_TO_DELETE = "The backup {backup} would be deleted:"
_NOTHING_TO_PRUNE = "No backup has had its time. Nothing was deleted."
_PRUNED = "These backups were deleted:"
_TO_PRUNE = "These backups would be deleted:"
_STAYING = "These backups stay:"
_VERDICT_HEADINGS = (*_HEADINGS[:3], "Reason")
_REASONS = {
    Reason.TOO_OLD: "older than asked for",
    Reason.TOO_MANY: "enough newer ones",
    Reason.NEEDED: "needed by an unfinished run",
    Reason.RECENT: "recent",
}


def backup_list(it: BackupList) -> Lines:
    """A line for each backup, newest first."""
    if not it.backups:
        yield Paragraph(_NO_BACKUPS.format(directory=it.directory))
        return
    yield from _table(it.backups)
    yield BLANK
    yield Line(_DIRECTORY.format(directory=it.directory))
    yield Paragraph(_PRIVATE, QUIET)
    yield from problems(it.problems)


def backup_details(it: BackupDetails) -> Lines:
    """What one backup holds, store by store."""
    manifest = it.manifest
    yield Line(manifest.id, HEADING)
    yield from fields(
        [
            ("File", str(it.path)),
            ("Made", human_time(manifest.created)),
            ("Size", human_size(it.size)),
            ("Sites", ", ".join(site.name for site in manifest.sites)),
            ("Computer", manifest.owner.machine),
            ("loginfix", manifest.version),
        ]
    )
    for profile in it.profiles:
        yield BLANK
        yield Line(f"{profile.record.brand_name} ({profile.record.name})", HEADING)
        yield Line(profile.record.path, QUIET, indent=2)
        rows = [
            (
                each.record.title,
                each.record.category,
                str(sum(each.rows.values())),
                str(each.files),
                human_size(each.size),
            )
            for each in profile.stores
        ]
        yield from table(_STORE_HEADINGS, rows, right=(2, 3, 4))


def backup_checks(it: BackupChecks) -> Lines:
    """A line for each backup that was checked, and what is wrong."""
    if not it.checks:
        yield Paragraph(_NOTHING_TO_CHECK)
    for each in it.checks:
        if each.failure:
            yield Line(_DAMAGED.format(backup=each.id), BAD)
            yield Paragraph(each.failure.message, indent=2)
            yield Paragraph(each.failure.next_step, QUIET, indent=4)
        else:
            yield Line(_INTACT.format(backup=each.id), GOOD)
        for warning in each.warnings:
            yield Paragraph(warning.message, WARNING, indent=2)
            yield Paragraph(warning.next_step, QUIET, indent=4)


def backup_deletion(it: BackupDeletion) -> Lines:
    """The backup that was deleted, or is about to be."""
    if it.done:
        yield Paragraph(_DELETED.format(backup=it.backup.id))
    else:
        yield Paragraph(_TO_DELETE.format(backup=it.backup.id), HEADING)
        yield from _table([it.backup])


def pruning(it: Pruning) -> Lines:
    """What goes and what stays, with the reasons."""
    if it.plan.going:
        yield Line(_PRUNED if it.done else _TO_PRUNE, HEADING)
        yield from _verdicts(it.plan.going)
    else:
        yield Paragraph(_NOTHING_TO_PRUNE)
    if it.plan.staying:
        yield BLANK
        yield Line(_STAYING, HEADING)
        yield from _verdicts(it.plan.staying)


def _table(backups: Iterable[BackupSummary]) -> Lines:
    rows = [(*_row(each), _sites(each)) for each in backups]
    yield from table(_HEADINGS, rows, right=(2,))


def _verdicts(verdicts: Iterable[Verdict]) -> Lines:
    rows = [(*_row(each.backup), _REASONS[each.reason]) for each in verdicts]
    yield from table(_VERDICT_HEADINGS, rows, right=(2,))


def _row(it: BackupSummary) -> tuple[str, str, str]:
    return it.id, human_time(it.created), human_size(it.size)


def _sites(it: BackupSummary) -> str:
    return ", ".join(site.name for site in it.manifest.sites) if it.manifest else _UNREADABLE
