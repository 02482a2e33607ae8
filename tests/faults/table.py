"""The figures of a sweep, as a table for terminals and for ``docs/``."""

from collections.abc import Iterable, Sequence

from faults.judging import Outcome
from faults.sweep import Swept

_HEADER = (
    *("verb", "profile", "fault", "points", "fired"),
    *("before", "after", "partial", "mixed", "lost", "wrong", "unfired"),
)
_LABELS = 3


def table(swept: Iterable[Swept]) -> str:
    """A line for each job and fault, and one for all, in Markdown."""
    rows = [[each.job.name, each.job.profile, each.fault, *_figures(each)] for each in swept]
    sums = [sum(int(row[at]) for row in rows) for at in range(_LABELS, len(_HEADER))]
    rows.append(["**all**", "", "", *map(str, sums)])
    widths = [max(map(len, column)) for column in zip(_HEADER, *rows, strict=True)]
    rule = ["-" * width + (":" if at >= _LABELS else "-") for at, width in enumerate(widths)]
    lines = [_line(_HEADER, widths), f"|{'|'.join('-' + each for each in rule)}|"]
    return "\n".join([*lines, *(_line(row, widths) for row in rows)])


def _figures(swept: Swept) -> list[str]:
    outcomes = swept.outcomes
    points = len(swept.verdicts)
    wrong = sum(bool(verdict.wrong) for verdict in swept.verdicts)
    figures = (
        *(points, points - outcomes[Outcome.UNFIRED]),
        *(outcomes[each] for each in Outcome if each is not Outcome.UNFIRED),
        *(wrong, outcomes[Outcome.UNFIRED]),
    )
    return list(map(str, figures))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell.rjust(width) if at >= _LABELS else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"| {' | '.join(padded)} |"
