"""The text of ``browsers``."""

from loginfix.reports.layout import BLANK, HEADING, Line, Lines, fields
from loginfix.reports.results import BrowserList, ListedProfile
from loginfix.reports.sizes import human_size
from loginfix.reports.text_problems import problems

_OPEN = "yes"
_CLOSED = "no"


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
            ("Name for --profile", profile.id),
            ("Profile", str(profile.path)),
            ("Cache", str(profile.cache_path)),
            ("Size", human_size(it.size)),
            ("Open now", it.running.sentence if it.running else _CLOSED),
        ]
    )
