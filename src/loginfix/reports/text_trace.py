"""The text of ``trace``: where something of the site is left, and what else names it."""

from collections.abc import Iterable, Iterator

from loginfix.api.results import TracedProfile, Tracing
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
from loginfix.reports.sizes import human_size
from loginfix.reports.text_problems import problems
from loginfix.tracing.model import Encoding, Hit, ProfileTrace, TracedFile, Verdict
from loginfix.words import message, say

_PROFILE = message("{profile}  [{id}]")
_NOTHING = message("Nothing of {site} is left.")
_LEFT = message("Something of {site} is left: places {places}, files {files}.")
_HEADINGS = (
    message("What"),
    message("Left over"),
    message("Mentions"),
    message("Left out"),
    message("Yours"),
)
_FILE = "{path}"
_PLACE = message("at byte {offset}: {host}")
_NAME = message("in its name: {host}")
_HOW = message("{place} ({how})")
_ENCODINGS = {
    Encoding.UTF16: message("utf-16"),
    Encoding.REVERSED: message("reversed"),
    Encoding.REVERSED_UTF16: message("reversed utf-16"),
    Encoding.HEX: message("hex"),
    Encoding.BASE64: message("base64"),
    Encoding.UNICODE: message("unicode"),
    Encoding.PERCENT: message("percent-encoded"),
    Encoding.INTERLEAVED: message("interleaved"),
    Encoding.HASH: message("hash"),
}
_MORE_PLACES = message("and {more} more in this file")
_MORE_FILES = message("and {more} more files; --json names all")
_SEARCHED = message(
    "Searched {files} files ({size}) in {seconds:.1f} seconds; nothing was changed."
)
_WHAT = message(
    "Left over: the site's own. Mentions: other sites' content that names it. Left out: groups of"
    " the site that were not chosen. Yours: bookmarks, saved passwords and the like."
)
_RUNNING = message("{sentence} What it has not written yet cannot be searched.")
_NEXT = message("Next: remove it with loginfix clear-cache, with the same --site.")

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
        yield Paragraph(say(_WHAT), QUIET)
    yield from problems(it.problems)
    if it.leftovers:
        yield Paragraph(say(_NEXT))


def _profile(it: TracedProfile, site: str) -> Lines:
    trace, profile = it.trace, it.trace.profile
    yield Line(say(_PROFILE, profile=profile.label, id=profile.id), HEADING)
    if trace.leftovers:
        places = trace.count(Verdict.LEFTOVER)
        text = say(_LEFT, site=site, places=places, files=len(trace.leftovers))
        yield Paragraph(text, BAD, indent=2)
    else:
        yield Paragraph(say(_NOTHING, site=site), GOOD, indent=2)
    if trace.files:
        yield from table(_HEADINGS, _rows(trace), right=(1, 2, 3, 4))
    for store, files in by_store(trace.leftovers):
        yield Line(say(store), WARNING, indent=2)
        for each in files[:_MOST_FILES]:
            yield from _file(each)
        if len(files) > _MOST_FILES:
            yield Line(say(_MORE_FILES, more=len(files) - _MOST_FILES), QUIET, indent=4)
    if it.running:
        yield Paragraph(say(_RUNNING, sentence=it.running.sentence), WARNING, indent=2)
    size = human_size(trace.size)
    searched = say(_SEARCHED, files=trace.searched, size=size, seconds=trace.seconds)
    yield Paragraph(searched, QUIET, indent=2)


def _rows(trace: ProfileTrace) -> Iterator[tuple[str, ...]]:
    order = (Verdict.LEFTOVER, Verdict.MENTION, Verdict.EXCLUDED, Verdict.PROTECTED)
    for store, files in by_store(trace.files):
        counts = (
            sum(each.tallies[verdict].count for each in files if verdict in each.tallies)
            for verdict in order
        )
        yield say(store), *(str(count) if count else "-" for count in counts)


def _file(it: TracedFile) -> Lines:
    tally = it.tallies[Verdict.LEFTOVER]
    yield Line(_FILE.format(path=it.path), indent=4)
    for hit in tally.hits[:_MOST_PLACES]:
        yield Line(place(hit), QUIET, indent=6)
    if tally.count > _MOST_PLACES:
        yield Line(say(_MORE_PLACES, more=tally.count - _MOST_PLACES), QUIET, indent=6)


def place(hit: Hit) -> str:
    """Where a hit is and which host it names; never what stands around it."""
    text = say(_NAME if hit.offset is None else _PLACE, offset=hit.offset, host=hit.host)
    how = ", ".join(word for word in (_how(hit), hit.inside) if word)
    return say(_HOW, place=text, how=how) if how else text


def _how(hit: Hit) -> str:
    return say(_ENCODINGS[hit.encoding]) if hit.encoding in _ENCODINGS else ""


def by_store(files: Iterable[TracedFile]) -> list[tuple[str, list[TracedFile]]]:
    """Files by the name of their store."""
    stores: dict[str, list[TracedFile]] = {}
    for each in files:
        stores.setdefault(each.store, []).append(each)
    return sorted(stores.items())
