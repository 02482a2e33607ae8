"""The text of ``doctor``: the likeliest cause first, one next step, then all that was seen."""

from loginfix.api.results import Consultation
from loginfix.doctor.diagnosis import Diagnosis
from loginfix.doctor.model import Cause, Confidence, Observation, Verdict
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
)
from loginfix.words import message, say

_HEAD = message("{site}: why you may not be able to log in")
_FOUND = {
    Confidence.HIGH: message("This is very likely the reason."),
    Confidence.MEDIUM: message("This may well be the reason."),
    Confidence.LOW: message("This could be the reason, though it rarely is."),
}
_NOTHING = message("Nothing on this computer explains it.")
_NEXT = message("What to do")
_HELP = message("The site's own help: {url}")
_ALSO = message("Also noticed")
_FINE = message("Looked at and found in order: {titles}.")
_UNKNOWN = message("Could not be told")
_UNSEEN = message(
    "What no program on your computer can see, in the order in which it is usually the reason"
)
_ADVICE = {
    Cause.CREDENTIALS: message(
        "Address or password is wrong. Check the address, Caps Lock and the keyboard"
        " layout; then let the site send you a new password."
    ),
    Cause.CODE: message(
        "A verification code is wanted. Look at the phone or mailbox it goes to, in the"
        " spam folder too; for an app, check that the phone's clock is right."
    ),
    Cause.CAPTCHA: message("The picture puzzle fails. Try another browser, or have it read aloud."),
    Cause.TAKEN_OVER: message(
        "Somebody else has changed the account. Contact the site's customer service;"
        " never use that password anywhere again."
    ),
}
_MOST = 5
_MORE = message("and {count} more (--json has all)")
_STYLES = {Verdict.PROBLEM: BAD, Verdict.SUSPICIOUS: WARNING}


def consultation(it: Consultation) -> Lines:
    """What was found, and what to do about it."""
    diagnosis = it.diagnosis
    yield from in_short(it)
    if more := diagnosis.findings[1:]:
        yield BLANK
        yield Line(say(_ALSO), HEADING)
        for each in more:
            yield from _finding(each)
    yield from _rest(diagnosis)
    yield BLANK
    yield Paragraph(say(_UNSEEN), HEADING)
    for number, cause in enumerate(diagnosis.unseen, start=1):
        yield Paragraph(f"{number}. {advice(cause)}", indent=2)


def advice(cause: Cause) -> str:
    """What to do about a cause that no program can see."""
    return say(_ADVICE[cause])


def likelihood(confidence: Confidence) -> str:
    """How far a finding explains a failing login."""
    return say(_FOUND[confidence])


def in_short(it: Consultation) -> Lines:
    """The likeliest cause, and the one thing to do next."""
    diagnosis = it.diagnosis
    yield Line(say(_HEAD, site=diagnosis.examination.site.title), HEADING)
    yield BLANK
    yield from _likeliest(diagnosis)
    yield BLANK
    yield Line(say(_NEXT), HEADING)
    yield Paragraph(diagnosis.remedy.sentence, indent=2)
    if it.command:
        yield Line(it.command, GOOD, indent=4)
    if diagnosis.help:
        yield Paragraph(say(_HELP, url=diagnosis.help), QUIET, indent=2)


def _likeliest(it: Diagnosis) -> Lines:
    if it.likeliest is None:
        yield Paragraph(say(_NOTHING), GOOD)
        return
    yield from _finding(it.likeliest)
    yield Paragraph(likelihood(it.likeliest.confidence), indent=2)


def _finding(it: Observation) -> Lines:
    where = f"{it.subject}: " if it.subject else ""
    yield Paragraph(f"{where}{it.answer.sentence}", _STYLES[it.answer.verdict], indent=2)
    yield from _evidence(it)


def _evidence(it: Observation) -> Lines:
    for line in it.answer.evidence[:_MOST]:
        yield Paragraph(line, QUIET, indent=4)
    if (more := len(it.answer.evidence) - _MOST) > 0:
        yield Paragraph(say(_MORE, count=more), QUIET, indent=4)


def _rest(it: Diagnosis) -> Lines:
    by_verdict = {
        verdict: [each for each in it.examination.observations if each.answer.verdict is verdict]
        for verdict in (Verdict.CANNOT_TELL, Verdict.OK)
    }
    if unknown := by_verdict[Verdict.CANNOT_TELL]:
        yield BLANK
        yield Line(say(_UNKNOWN), HEADING)
        for each in unknown:
            where = f" ({each.subject})" if each.subject else ""
            yield Paragraph(f"{each.title}{where}: {each.answer.sentence}", indent=2)
            yield from _evidence(each)
    if fine := by_verdict[Verdict.OK]:
        yield BLANK
        titles = ", ".join(dict.fromkeys(each.title for each in fine))
        yield Paragraph(say(_FINE, titles=titles), QUIET)
