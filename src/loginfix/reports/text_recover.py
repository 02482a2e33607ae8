"""The text of ``recover``."""

from loginfix.clearing.recover import RecoverResult
from loginfix.clearing.recovery import Action, RecoveryOutcome
from loginfix.reports.layout import BLANK, HEADING, WARNING, Line, Lines, Paragraph
from loginfix.reports.text_problems import problems
from loginfix.words import message, say

_NOTHING = message("No run was interrupted. There is nothing to do.")
_ACTIONS = {
    Action.DISCARDED: message(
        "{run}: it had not changed anything yet. What it left over was removed."
    ),
    Action.FINISHED: message("{run}: it was finished."),
    Action.UNDONE: message("{run}: it was undone. The profiles are as they were before it."),
    Action.TIDIED: message("{run}: it had come to its end. What it left over was removed."),
    Action.LEFT: message("{run}: it could not be ended yet."),
}
_UNKNOWN_RUN = message("An interrupted run")
_KEPT = message("The only copy of something is kept here. Do not delete it:")


def recovering(it: RecoverResult) -> Lines:
    """What became of each interrupted run."""
    if not it.outcomes and not it.unlocked:
        yield Paragraph(say(_NOTHING))
    for profile in it.unlocked:
        yield Paragraph(
            say(
                "{browser} can start again: a run that was killed had left its lock.",
                browser=profile.label,
            ),
            HEADING,
        )
    for outcome in it.outcomes:
        yield from _outcome(outcome)
    yield from problems(it.problems)


def _outcome(it: RecoveryOutcome) -> Lines:
    sentence = say(_ACTIONS[it.action], run=it.run_id or say(_UNKNOWN_RUN))
    yield Paragraph(sentence, WARNING if it.action is Action.LEFT else HEADING)
    if it.kept:
        yield BLANK
        yield Line(say(_KEPT), WARNING)
        for path in it.kept:
            yield Line(str(path), indent=2)
