"""The document of ``restore``: what came back, or would."""

from loginfix.clearing.results import RestoreResult
from loginfix.reports.categories import category_title
from loginfix.reports.document import Column, Document, Kind, Note, Table, Tone, sections
from loginfix.reports.document_parts import left_alone
from loginfix.words import say


def restoring(it: RestoreResult) -> Document:
    """A row for each store, and what is newer than the backup."""
    outcomes = [store.outcome for profile in it.profiles for store in profile.stores]
    stores = _stores(it)
    return Document(
        say("What would be put back") if it.dry_run else say("What was put back"),
        _summary(it),
        (
            (say("Put back"), f"{sum(each.restored for each in outcomes):,}"),
            (say("Combined"), f"{sum(each.merged for each in outcomes):,}"),
            (say("Already there"), f"{sum(each.unchanged for each in outcomes):,}"),
            (say("Newer, so kept"), f"{sum(len(each.kept_newer) for each in outcomes):,}"),
        ),
        sections(
            (say("By browser profile and store"), (stores,) if stores.rows else ()),
            (say("Left out"), (left_alone(it.problems),)),
        ),
        stores,
    )


def _summary(it: RestoreResult) -> Note:
    backup = it.backup_id
    if not it.changed:
        if it.problems:
            text = say("Nothing of the backup {backup} was put back.", backup=backup)
            return Note(text, Tone.WARNING)
        return Note(say("Nothing of the backup {backup} is missing.", backup=backup))
    if it.dry_run:
        return Note(
            say(
                "This would be put back from the backup {backup}. Nothing has been changed yet.",
                backup=backup,
            )
        )
    tone = Tone.WARNING if it.problems else Tone.GOOD
    return Note(say("This was put back from the backup {backup}.", backup=backup), tone)


def _stores(it: RestoreResult) -> Table:
    columns = (
        Column("profile", say("Browser and profile"), Kind.NAME),
        Column("what", say("What")),
        Column("category", say("Kind of data")),
        Column("restored", say("Put back"), Kind.COUNT),
        Column("merged", say("Combined"), Kind.COUNT),
        Column("unchanged", say("Already there"), Kind.COUNT),
        Column("kept_newer", say("Newer, so kept"), Kind.COUNT),
    )
    rows = tuple(
        (
            profile.label,
            say(store.title),
            category_title(store.category),
            store.outcome.restored,
            store.outcome.merged,
            store.outcome.unchanged,
            len(store.outcome.kept_newer),
        )
        for profile in it.profiles
        for store in profile.stores
    )
    return Table(say("The numbers count rows and files"), columns, rows)
