"""The text of ``recover``."""

from loginfix.clearing.recover import RecoverResult
from loginfix.clearing.recovery import Action, RecoveryOutcome
from loginfix.reports.layout import BLANK, HEADING, WARNING, Line, Lines, Paragraph
from loginfix.reports.text_problems import problems

_NOTHING = "No run was interrupted. There is nothing to do."
_ACTIONS = {
    Action.DISCARDED: "{run}: it had not changed anything yet. What it left over was removed.",
    Action.FINISHED: "{run}: it was finished.",
    Action.UNDONE: "{run}: it was undone. The profiles are as they were before it.",
    Action.TIDIED: "{run}: it had come to its end. What it left over was removed.",
    Action.LEFT: "{run}: it could not be ended yet.",
}
_UNKNOWN_RUN = "An interrupted run"
_KEPT = "The only copy of something is kept here. Do not delete it:"


def recovering(it: RecoverResult) -> Lines:
    """What became of each interrupted run."""
    if not it.outcomes:
        yield Paragraph(_NOTHING)
    for outcome in it.outcomes:
        yield from _outcome(outcome)
    yield from problems(it.problems)


def _outcome(it: RecoveryOutcome) -> Lines:
    sentence = _ACTIONS[it.action].format(run=it.run_id or _UNKNOWN_RUN)
    yield Paragraph(sentence, WARNING if it.action is Action.LEFT else HEADING)
    if it.kept:
        yield BLANK
        yield Line(_KEPT, WARNING)
        for path in it.kept:
            yield Line(str(path), indent=2)
