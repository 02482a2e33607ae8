"""The text of ``restore``."""

from loginfix.clearing.results import RestoredProfile, RestoredStore, RestoreResult
from loginfix.reports.layout import (
    BLANK,
    GOOD,
    HEADING,
    QUIET,
    Line,
    Lines,
    Paragraph,
    table,
)
from loginfix.reports.text_problems import problems
from loginfix.words import message, say, say_count

QUESTION = message("Put this back? Type y for yes: ")

_PLANNED = message("This would be put back, from the backup {backup}")
_DONE = message("This was put back, from the backup {backup}")
_NOTHING = message("Nothing of the backup {backup} is missing. Nothing was changed.")
_NOTHING_DONE = message("Nothing of the backup {backup} was put back.")
_HEADINGS = (
    message("What"),
    message("Category"),
    message("Put back"),
    message("Combined"),
    message("Already there"),
)
_NEWER_STAYS = message(
    "{title}: {count} newer ones stay as they are now, to lose nothing. Add --overwrite to have the"
    " older ones instead."
)
_NEWER_STAYS_ONE = message(
    "{title}: {count} newer one stays as it is now, to lose nothing. Add --overwrite to have the"
    " older one instead."
)
_EXPLANATION = message(
    "The numbers count rows and files; what has appeared since the backup stays."
)


def restoring(it: RestoreResult) -> Lines:
    """What came back, or would."""
    if it.changed:
        sentence, style = (_PLANNED, HEADING) if it.dry_run else (_DONE, GOOD)
    else:
        sentence, style = (_NOTHING_DONE if it.problems else _NOTHING), HEADING
    yield Paragraph(say(sentence, backup=it.backup_id), style)
    for profile in it.profiles:
        yield from _profile(profile)
    if it.changed:
        yield BLANK
        yield Paragraph(say(_EXPLANATION), QUIET)
    yield from problems(it.problems)


def _profile(it: RestoredProfile) -> Lines:
    yield BLANK
    yield Line(it.label, HEADING)
    yield from table(_HEADINGS, [_row(store) for store in it.stores], right=(2, 3, 4))
    for store in it.stores:
        if count := len(store.outcome.kept_newer):
            stays = say_count(_NEWER_STAYS_ONE, _NEWER_STAYS, count, title=say(store.title))
            yield Paragraph(stays, indent=2)


def _row(it: RestoredStore) -> tuple[str, ...]:
    outcome = it.outcome
    counts = (outcome.restored, outcome.merged, outcome.unchanged)
    return (say(it.title), say(it.category), *map(str, counts))
