"""The document of ``doctor``: the likeliest cause, the next step, and all that was looked at."""

from loginfix.api.results import Consultation
from loginfix.doctor.model import Observation, Verdict
from loginfix.reports.document import (
    Column,
    Command,
    Document,
    Kind,
    Note,
    Points,
    Table,
    Tone,
    sections,
)
from loginfix.reports.document_parts import left_alone
from loginfix.reports.text_doctor import advice, likelihood
from loginfix.words import message, say

_VERDICTS = {
    Verdict.PROBLEM: message("problem"),
    Verdict.SUSPICIOUS: message("suspicious"),
    Verdict.CANNOT_TELL: message("could not be told"),
    Verdict.OK: message("in order"),
}


def consultation(it: Consultation) -> Document:
    """What was found, what to do about it, and every check with its answer."""
    diagnosis = it.diagnosis
    observations = diagnosis.examination.observations
    checks = _checks(say("Everything that was looked at"), observations)
    remedy = diagnosis.remedy.sentence
    return Document(
        say("{site}: why you may not be able to log in", site=diagnosis.examination.site.title),
        _summary(it),
        tuple(
            (say(title), f"{sum(each.answer.verdict is verdict for each in observations):,}")
            for verdict, title in _VERDICTS.items()
        ),
        sections(
            (
                say("What to do"),
                (
                    Command(remedy, it.command) if it.command else Note(remedy),
                    Note(say("The site's own help: {url}", url=diagnosis.help))
                    if diagnosis.help
                    else None,
                ),
            ),
            (
                say("What was found"),
                (_checks(say("What may explain it, the likeliest first"), diagnosis.findings),)
                if diagnosis.findings
                else (),
            ),
            (
                say("What no program on your computer can see"),
                (Points(tuple(advice(cause) for cause in diagnosis.unseen)),),
            ),
            (say("Left out"), (left_alone(it.problems),)),
            (say("All checks"), (checks,)),
        ),
        checks,
    )


def _summary(it: Consultation) -> Note:
    likeliest = it.diagnosis.likeliest
    if likeliest is None:
        return Note(say("Nothing on this computer explains it."), Tone.GOOD)
    where = f"{likeliest.subject}: " if likeliest.subject else ""
    sentence = f"{where}{likeliest.answer.sentence} {likelihood(likeliest.confidence)}"
    return Note(sentence, Tone.BAD if likeliest.answer.verdict is Verdict.PROBLEM else Tone.WARNING)


def _checks(caption: str, those: tuple[Observation, ...]) -> Table:
    columns = (
        Column("check", say("Looked at")),
        Column("profile", say("Browser and profile"), Kind.NAME),
        Column("verdict", say("Verdict")),
        Column("sentence", say("What was found")),
        Column("evidence", say("Evidence"), Kind.NAME),
    )
    rows = tuple(
        (
            each.title,
            each.subject,
            say(_VERDICTS[each.answer.verdict]),
            each.answer.sentence,
            "; ".join(each.answer.evidence),
        )
        for each in those
    )
    return Table(caption, columns, rows)
