"""The document of ``trace``: where something of the site is left, and what else names it."""

from loginfix.api.results import TracedProfile, Tracing
from loginfix.reports.document import (
    Column,
    Document,
    Kind,
    Note,
    Points,
    Table,
    Tone,
    sections,
)
from loginfix.reports.document_parts import VERDICTS, left_alone, traced_files, verdict_title
from loginfix.reports.sizes import human_size
from loginfix.tracing.model import TracedFile, Verdict
from loginfix.words import say


def tracing(it: Tracing) -> Document:
    """A row for each profile, and every file that names the site."""
    site = it.site.title
    traces = [each.trace for each in it.profiles]
    files = [file for each in traces for file in each.files]
    left = [file for file in files if Verdict.LEFTOVER in file.tallies]
    rest = [file for file in files if Verdict.LEFTOVER not in file.tallies]
    return Document(
        say("{site}: what names it in the browsers", site=site),
        _summary(it, left),
        (
            (say("Places with something left"), f"{it.leftovers:,}"),
            (say("Files with something left"), f"{len(left):,}"),
            (say("Files searched"), f"{sum(each.searched for each in traces):,}"),
            (say("Size"), human_size(sum(each.size for each in traces))),
        ),
        sections(
            (say("By browser profile"), (_profiles(it), Points(tuple(_meanings())))),
            (
                say("Where something is left"),
                (traced_files(say("Files with something left"), left),) if left else (),
            ),
            (say("What could not be searched"), (left_alone(it.problems),)),
            (
                say("What else names it"),
                (traced_files(say("Files with mentions and data of yours"), rest),) if rest else (),
            ),
        ),
        _listing(it),
    )


def _summary(it: Tracing, left: list[TracedFile]) -> Note:
    site = it.site.title
    if left:
        text = say(
            "Something of {site} is left: places {places}, files {files}.",
            site=site,
            places=it.leftovers,
            files=len(left),
        )
        return Note(text, Tone.WARNING)
    return Note(say("Nothing of {site} is left.", site=site), Tone.GOOD)


def _meanings() -> tuple[str, ...]:
    return (
        say("Left over: the site's own."),
        say("Mentions: other sites' content that names it."),
        say("Left out: groups of the site that were not chosen."),
        say("Yours: bookmarks, saved passwords and the like."),
    )


def _profiles(it: Tracing) -> Table:
    columns = (
        Column("profile", say("Browser and profile"), Kind.NAME),
        *(Column(each, verdict_title(each), Kind.COUNT) for each in VERDICTS),
        Column("searched", say("Files searched"), Kind.COUNT),
        Column("size", say("Size"), Kind.SIZE),
    )
    return Table(say("Places that name the site"), columns, tuple(map(_row, it.profiles)))


def _row(it: TracedProfile) -> tuple[str | int, ...]:
    trace = it.trace
    counts = (trace.count(each) for each in VERDICTS)
    return (trace.profile.label, *counts, trace.searched, trace.size)


def _listing(it: Tracing) -> Table:
    table = traced_files("", (file for each in it.profiles for file in each.trace.files))
    labels = (each.trace.profile.label for each in it.profiles for _ in each.trace.files)
    rows = tuple((label, *row) for label, row in zip(labels, table.rows, strict=True))
    profile = Column("profile", say("Browser and profile"), Kind.NAME)
    return Table(table.caption, (profile, *table.columns), rows)
