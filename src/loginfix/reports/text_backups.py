"""The texts of ``backups``."""

from collections.abc import Iterable

from loginfix.api.backup_results import (
    BackupChecks,
    BackupDeletion,
    BackupDetails,
    BackupList,
    NewKey,
    Pruning,
)
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
from loginfix.reports.sizes import human_size, human_time
from loginfix.reports.text_problems import problems
from loginfix.vault.model import BackupSummary
from loginfix.vault.retention import Reason, Verdict
from loginfix.words import message, say

QUESTION_DELETE = message("Delete this backup for ever? Type y for yes: ")
QUESTION_PRUNE = message("Delete these backups for ever? Type y for yes: ")

_NO_BACKUPS = message("There are no backups in {directory}.")
_DIRECTORY = message("The backups are in {directory}")
_HEADINGS = (message("Backup"), message("Made"), message("Size"), message("Sites"))
_STORE_HEADINGS = (
    message("What"),
    message("Category"),
    message("Rows"),
    message("Files"),
    message("Size"),
)
_UNREADABLE = message("cannot be read")
_PRIVATE = message("A backup holds your logins of that time. Keep it to yourself.")
_INTACT = message("{backup} is intact: every byte is as it was written.")
_DAMAGED = message("{backup} is not intact.")
_NOTHING_TO_CHECK = message("There are no backups to check.")
_DELETED = message("The backup {backup} was deleted.")
_TO_DELETE = message("The backup {backup} would be deleted:")
_NOTHING_TO_PRUNE = message("No backup has had its time. Nothing was deleted.")
_PRUNED = message("These backups were deleted:")
_TO_PRUNE = message("These backups would be deleted:")
_STAYING = message("These backups stay:")
_VERDICT_HEADINGS = (*_HEADINGS[:3], message("Reason"))
_REASONS = {
    Reason.TOO_OLD: message("older than asked for"),
    Reason.TOO_MANY: message("enough newer ones"),
    Reason.NEEDED: message("needed by an unfinished run"),
    Reason.RECENT: message("recent"),
}


def backup_list(it: BackupList) -> Lines:
    """A line for each backup, newest first."""
    if not it.backups:
        yield Paragraph(say(_NO_BACKUPS, directory=it.directory))
        return
    yield from _table(it.backups)
    yield BLANK
    yield Line(say(_DIRECTORY, directory=it.directory))
    yield Paragraph(say(_PRIVATE), QUIET)
    yield from problems(it.problems)


def backup_details(it: BackupDetails) -> Lines:
    """What one backup holds, store by store."""
    manifest = it.manifest
    yield Line(manifest.id, HEADING)
    yield from fields(
        [
            (say("File"), str(it.path)),
            (say("Made"), human_time(manifest.created)),
            (say("Size"), human_size(it.size)),
            (say("Sites"), ", ".join(site.name for site in manifest.sites)),
            (say("Computer"), manifest.owner.machine),
            ("loginfix", manifest.version),
            *([(say("Encrypted to"), keys)] if (keys := ", ".join(manifest.recipients)) else []),
        ]
    )
    for profile in it.profiles:
        yield BLANK
        yield Line(f"{profile.record.brand_name} ({profile.record.name})", HEADING)
        yield Line(profile.record.path, QUIET, indent=2)
        rows = [
            (
                say(each.record.title),
                say(each.record.category),
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
        yield Paragraph(say(_NOTHING_TO_CHECK))
    for each in it.checks:
        if each.failure:
            yield Line(say(_DAMAGED, backup=each.id), BAD)
            yield Paragraph(each.failure.message, indent=2)
            yield Paragraph(each.failure.next_step, QUIET, indent=4)
        else:
            yield Line(say(_INTACT, backup=each.id), GOOD)
        for warning in each.warnings:
            yield Paragraph(warning.message, WARNING, indent=2)
            yield Paragraph(warning.next_step, QUIET, indent=4)


def new_key(it: NewKey) -> Lines:
    """Where the secret key is, and how the public one is used."""
    yield Line(say("The secret key is in {file}", file=it.file), GOOD)
    yield Paragraph(
        say(
            "Keep this file away from this computer, and do not lose it: without it, nobody can"
            " put back what an encrypted backup holds."
        )
    )
    yield Line(say("This is the public key:"))
    yield Line(it.public, HEADING, indent=2)
    yield Line(say("To use it:"))
    yield Line(f"loginfix clear-cache --site NAME --encrypt-to {it.public}", indent=2)


def backup_deletion(it: BackupDeletion) -> Lines:
    """The backup that was deleted, or is about to be."""
    if it.done:
        yield Paragraph(say(_DELETED, backup=it.backup.id))
    else:
        yield Paragraph(say(_TO_DELETE, backup=it.backup.id), HEADING)
        yield from _table([it.backup])


def pruning(it: Pruning) -> Lines:
    """What goes and what stays, with the reasons."""
    if it.plan.going:
        yield Line(say(_PRUNED if it.done else _TO_PRUNE), HEADING)
        yield from _verdicts(it.plan.going)
    else:
        yield Paragraph(say(_NOTHING_TO_PRUNE))
    if it.plan.staying:
        yield BLANK
        yield Line(say(_STAYING), HEADING)
        yield from _verdicts(it.plan.staying)


def _table(backups: Iterable[BackupSummary]) -> Lines:
    rows = [(*_row(each), _sites(each)) for each in backups]
    yield from table(_HEADINGS, rows, right=(2,))


def _verdicts(verdicts: Iterable[Verdict]) -> Lines:
    rows = [(*_row(each.backup), say(_REASONS[each.reason])) for each in verdicts]
    yield from table(_VERDICT_HEADINGS, rows, right=(2,))


def _row(it: BackupSummary) -> tuple[str, str, str]:
    return it.id, human_time(it.created), human_size(it.size)


def _sites(it: BackupSummary) -> str:
    if it.manifest is None:
        return say(_UNREADABLE)
    sites = ", ".join(site.name for site in it.manifest.sites)
    return say("{sites} (encrypted)", sites=sites) if it.manifest.recipients else sites
