"""The independent proof after a clear: a raw search by code that shares nothing with it.

What the stores find again is one thing; whether their files name the site no more is another.
See ``docs/explanation/trace.md``.
"""

from collections.abc import Collection, Iterable
from pathlib import Path

from loginfix.browsers.model import Profile
from loginfix.clearing.journal import STAGING_PREFIX
from loginfix.clearing.plan import Request, open_places
from loginfix.clearing.results import LEFT_OVER
from loginfix.errors import Problem
from loginfix.progress import Progress, silent
from loginfix.stores.model import CATEGORIES
from loginfix.tracing.model import ProfileTrace, TracedFile, Verdict
from loginfix.tracing.scope import Scope, is_within
from loginfix.tracing.search import trace_profile
from loginfix.words import say


def prove(
    profile: Profile,
    request: Request,
    left_alone: Collection[Path],
    *,
    shared: bool,
    hosts: Iterable[str] = (),
    progress: Progress = silent,
) -> tuple[ProfileTrace, tuple[Problem, ...]]:
    """Search the files of what was cleared; all files, if every kind of data was.

    ``left_alone`` are paths of stores that could not be cleared, ``hosts`` those that were found
    before, to be looked for as hashes.

    Returns:
        What was found, and a problem for each file that was cleared and may still name the site.
        Nothing is put back for it: this search knows less of a store than the store itself, which
        has looked again already, and it takes for a leftover whatever it cannot judge.
    """
    cleared = _places(profile, request, shared=shared)
    everything = Request(request.site, asked=CATEGORIES)
    untouched = _places(profile, everything, shared=shared) - cleared
    is_all = request.categories >= CATEGORIES
    trace = trace_profile(
        profile,
        request.site,
        scope=Scope(None if is_all else frozenset(path for path, _ in cleared)),
        with_shared=shared,
        keep_cookies=request.keep_cookies,
        candidates=hosts,
        ignore=STAGING_PREFIX,
        progress=progress,
    )
    clean = {path for path, _ in cleared}
    # A file of several stores is only expected to be clean if all of them were cleared.
    dirty = {path for path, _ in untouched} | set(left_alone)
    problems = tuple(
        _still_there(file)
        for file in trace.leftovers
        if is_within(file.path, clean) and not is_within(file.path, dirty)
    )
    return trace, problems


def _places(profile: Profile, request: Request, *, shared: bool) -> set[tuple[Path, str]]:
    with open_places(profile, request, shared=shared) as places:
        return {(place.path, declared.identity.id) for declared, place in places}


def _still_there(file: TracedFile) -> Problem:
    hit = file.tallies[Verdict.LEFTOVER].hits[0]
    where = say("in its name") if hit.offset is None else say("at byte {offset}", offset=hit.offset)
    return Problem(
        LEFT_OVER,
        say(
            "{path} ({store}) still names {host} {where} after clearing, and it cannot"
            " be told that this is another site's content.",
            path=file.path,
            store=say(file.store),
            host=hit.host,
            where=where,
        ),
        say(
            "Look at it with loginfix trace. If it is the site's own, please report this, with the"
            " browser's version."
        ),
        file.path,
    )
