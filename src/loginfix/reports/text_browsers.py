"""The text of ``browsers``."""

from loginfix.api.results import BrowserList, ListedProfile
from loginfix.reports.layout import BLANK, HEADING, Line, Lines, fields
from loginfix.reports.sizes import human_size
from loginfix.reports.text_problems import problems
from loginfix.words import message, say

_CLOSED = message("no")


def browsers(it: BrowserList) -> Lines:
    """A block for each profile."""
    for number, listed in enumerate(it.profiles):
        if number:
            yield BLANK
        yield from _profile(listed)
    yield from problems(it.problems)


def _profile(it: ListedProfile) -> Lines:
    profile = it.profile
    yield Line(profile.label, HEADING)
    yield from fields(
        [
            (say("Name for --profile"), profile.id),
            (say("Profile"), str(profile.path)),
            (say("Cache"), str(profile.cache_path)),
            (say("Size"), human_size(it.size)),
            (say("Open now"), it.running.sentence if it.running else say(_CLOSED)),
        ]
    )
