"""Parts that documents of several commands have."""

from collections.abc import Iterable, Sequence

from loginfix.errors import Problem
from loginfix.reports.document import Cell, Column, Kind, Table
from loginfix.tracing.model import TracedFile, Verdict
from loginfix.words import say

VERDICTS = (Verdict.LEFTOVER, Verdict.MENTION, Verdict.EXCLUDED, Verdict.PROTECTED)


def left_alone(those: Sequence[Problem]) -> Table | None:
    """What was left alone, and what a person can do about it."""
    if not those:
        return None
    columns = (Column("what", say("What"), Kind.NAME), Column("next", say("What you can do")))
    rows = tuple((each.message, each.next_step) for each in those)
    return Table(say("Left alone, with the reason"), columns, rows)


def traced_files(caption: str, those: Iterable[TracedFile]) -> Table:
    """Files that name the site, with the number of places by verdict."""
    columns = (
        Column("store", say("What"), Kind.NAME),
        *(Column(each, verdict_title(each), Kind.COUNT) for each in VERDICTS),
        Column("hosts", say("Hosts"), Kind.NAME),
        Column("path", say("File"), Kind.NAME),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            say(each.store),
            *(each.tallies[v].count if v in each.tallies else 0 for v in VERDICTS),
            ", ".join(sorted(set().union(*(tally.hosts for tally in each.tallies.values())))),
            each.path,
        )
        for each in those
    )
    return Table(caption, columns, rows)


def verdict_title(verdict: Verdict) -> str:
    """What a place that names the site is, for a heading."""
    match verdict:
        case Verdict.LEFTOVER:
            return say("Left over")
        case Verdict.MENTION:
            return say("Mentions")
        case Verdict.EXCLUDED:
            return say("Left out")
        case Verdict.PROTECTED:
            return say("Yours")
