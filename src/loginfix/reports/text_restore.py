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

QUESTION = "Put this back? Type y for yes: "

_PLANNED = "This would be put back, from the backup {backup}"
_DONE = "This was put back, from the backup {backup}"
_NOTHING = "Nothing of the backup {backup} is missing. Nothing was changed."
_NOTHING_DONE = "Nothing of the backup {backup} was put back."
_HEADINGS = ("What", "Category", "Put back", "Combined", "Already there")
_NEWER_STAYS = (
    "{title}: {count} newer ones stay as they are now, to lose nothing. Add --overwrite to have the"
    " older ones instead."
)
_NEWER_STAYS_ONE = (
    "{title}: 1 newer one stays as it is now, to lose nothing. Add --overwrite to have the older"
    " one instead."
)
_EXPLANATION = "The numbers count rows and files; what has appeared since the backup stays."


def restoring(it: RestoreResult) -> Lines:
    """What came back, or would."""
    if it.changed:
        sentence, style = (_PLANNED, HEADING) if it.dry_run else (_DONE, GOOD)
    else:
        sentence, style = (_NOTHING_DONE if it.problems else _NOTHING), HEADING
    yield Paragraph(sentence.format(backup=it.backup_id), style)
    for profile in it.profiles:
        yield from _profile(profile)
    if it.changed:
        yield BLANK
        yield Paragraph(_EXPLANATION, QUIET)
    yield from problems(it.problems)


def _profile(it: RestoredProfile) -> Lines:
    yield BLANK
    yield Line(it.label, HEADING)
    yield from table(_HEADINGS, [_row(store) for store in it.stores], right=(2, 3, 4))
    for store in it.stores:
        if count := len(store.outcome.kept_newer):
            sentence = _NEWER_STAYS_ONE if count == 1 else _NEWER_STAYS
            yield Paragraph(sentence.format(title=store.title, count=count), indent=2)


def _row(it: RestoredStore) -> tuple[str, ...]:
    outcome = it.outcome
    counts = (outcome.restored, outcome.merged, outcome.unchanged)
    return (it.title, it.category, *map(str, counts))
