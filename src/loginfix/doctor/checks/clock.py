"""Is the computer's clock right? A wrong one breaks certificates and codes made from the time."""

from datetime import UTC, datetime, timedelta

from loginfix.doctor.model import (
    Answer,
    Cause,
    Check,
    Confidence,
    Remedy,
    Verdict,
    cannot_tell,
    ok,
)
from loginfix.doctor.subject import Subject
from loginfix.words import message, say

_CHROMIUM_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOLERANCE = timedelta(minutes=5)


def examine(subject: Subject) -> Answer:
    """Compare it with the last time that a server told, and with the newest visit."""
    evidence = []
    told = _network_time(subject)
    if told is not None and told - subject.now > _TOLERANCE:
        evidence.append(
            say("a server said {told:%Y-%m-%d %H:%M} UTC; the clock is behind that", told=told)
        )
    newest = _newest_visit(subject)
    if newest is not None and newest - subject.now > _TOLERANCE:
        evidence.append(
            say("the newest visit is of {newest:%Y-%m-%d %H:%M} UTC, in the future", newest=newest)
        )
    if evidence:
        return Answer(
            Verdict.PROBLEM,
            say("The clock of this computer is, or was, wrong."),
            tuple(evidence),
            Remedy(say("Let the system set its clock from the internet, and check the time zone.")),
        )
    if told is None and newest is None:
        return cannot_tell(say("There is nothing to compare the clock with."))
    return ok(say("The clock is not behind anything that the browser has seen."))


def _network_time(subject: Subject) -> datetime | None:
    """components/network_time/network_time_tracker.cc: milliseconds of Unix time."""
    mapping = subject.local_state.get("network_time", {}).get("network_time_mapping", {})
    told = mapping.get("network")
    if not isinstance(told, int | float):
        return None
    return _UNIX_EPOCH + timedelta(milliseconds=told)


def _newest_visit(subject: Subject) -> datetime | None:
    if subject.is_chromium:
        rel, sql, epoch = "History", "SELECT max(visit_time) FROM visits", _CHROMIUM_EPOCH
    else:
        rel, sql = "places.sqlite", "SELECT max(visit_date) FROM moz_historyvisits"
        epoch = _UNIX_EPOCH
    if not subject.exists(rel) or subject.tree.stat(rel).st_size == 0:
        return None
    ((newest,),) = subject.rows(rel, sql)
    return None if newest is None else epoch + timedelta(microseconds=newest)


CHECK = Check("clock", message("Clock"), Cause.CODE, Confidence.LOW, examine)
