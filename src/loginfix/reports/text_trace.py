"""The text of ``trace``: where something of the site is left, and what else names it."""

from collections.abc import Iterable, Iterator

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
    table,
)
from loginfix.reports.results import TracedProfile, Tracing
from loginfix.reports.sizes import human_size
from loginfix.reports.text_problems import problems
from loginfix.tracing.model import Hit, ProfileTrace, TracedFile, Verdict

_PROFILE = "{profile}  [{id}]"
_NOTHING = "Nothing of {site} is left."
_LEFT = "Something of {site} is left: places {places}, files {files}."
_HEADINGS = ("What", "Left over", "Mentions", "Left out", "Yours")
_FILE = "{path}"
_PLACE = "at byte {offset}: {host}"
_NAME = "in its name: {host}"
_HOW = "{place} ({how})"
_MORE_PLACES = "and {more} more in this file"
_MORE_FILES = "and {more} more files; --json names all"
_SEARCHED = "Searched {files} files ({size}) in {seconds:.1f} seconds; nothing was changed."
_WHAT = (
    "Left over: the site's own. Mentions: other sites' content that names it. Left out: groups of"
    " the site that were not chosen. Yours: bookmarks, saved passwords and the like."
)
_RUNNING = "{sentence} What it has not written yet cannot be searched."
_NEXT = "Next: remove it with loginfix clear-cache, with the same --site."

_MOST_FILES = 5  # of one store
_MOST_PLACES = 2  # of one file


def tracing(it: Tracing) -> Lines:
    """A block for each profile, then what the words mean."""
    for number, each in enumerate(it.profiles):
        if number:
            yield BLANK
        yield from _profile(each, it.site.title)
    yield BLANK
    if any(each.trace.files for each in it.profiles):
        yield Paragraph(_WHAT, QUIET)
    yield from problems(it.problems)
    if it.leftovers:
        yield Paragraph(_NEXT)


def _profile(it: TracedProfile, site: str) -> Lines:
    trace, profile = it.trace, it.trace.profile
    yield Line(_PROFILE.format(profile=profile.label, id=profile.id), HEADING)
    if trace.leftovers:
        places = trace.count(Verdict.LEFTOVER)
        text = _LEFT.format(site=site, places=places, files=len(trace.leftovers))
        yield Paragraph(text, BAD, indent=2)
    else:
        yield Paragraph(_NOTHING.format(site=site), GOOD, indent=2)
    if trace.files:
        yield from table(_HEADINGS, _rows(trace), right=(1, 2, 3, 4))
    for store, files in by_store(trace.leftovers):
        yield Line(store, WARNING, indent=2)
        for each in files[:_MOST_FILES]:
            yield from _file(each)
        if len(files) > _MOST_FILES:
            yield Line(_MORE_FILES.format(more=len(files) - _MOST_FILES), QUIET, indent=4)
    if it.running:
        yield Paragraph(_RUNNING.format(sentence=it.running.sentence), WARNING, indent=2)
    size = human_size(trace.size)
    searched = _SEARCHED.format(files=trace.searched, size=size, seconds=trace.seconds)
    yield Paragraph(searched, QUIET, indent=2)


def _rows(trace: ProfileTrace) -> Iterator[tuple[str, ...]]:
    order = (Verdict.LEFTOVER, Verdict.MENTION, Verdict.EXCLUDED, Verdict.PROTECTED)
    for store, files in by_store(trace.files):
        counts = (
            sum(each.tallies[verdict].count for each in files if verdict in each.tallies)
            for verdict in order
        )
        yield store, *(str(count) if count else "-" for count in counts)


def _file(it: TracedFile) -> Lines:
    tally = it.tallies[Verdict.LEFTOVER]
    yield Line(_FILE.format(path=it.path), indent=4)
    for hit in tally.hits[:_MOST_PLACES]:
        yield Line(place(hit), QUIET, indent=6)
    if tally.count > _MOST_PLACES:
        yield Line(_MORE_PLACES.format(more=tally.count - _MOST_PLACES), QUIET, indent=6)


def place(hit: Hit) -> str:
    """Where a hit is and which host it names; never what stands around it."""
    text = (_NAME if hit.offset is None else _PLACE).format(offset=hit.offset, host=hit.host)
    how = ", ".join(word for word in (_how(hit), hit.inside) if word)
    return _HOW.format(place=text, how=how) if how else text


def _how(hit: Hit) -> str:
    return "" if hit.encoding == "plain" else str(hit.encoding)


def by_store(files: Iterable[TracedFile]) -> list[tuple[str, list[TracedFile]]]:
    """Files by the name of their store."""
    stores: dict[str, list[TracedFile]] = {}
    for each in files:
        stores.setdefault(each.store, []).append(each)
    return sorted(stores.items())
