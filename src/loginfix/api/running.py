"""Who has a profile open, for results that go on without knowing."""

from loginfix.browsers.in_use import Running
from loginfix.browsers.model import Profile
from loginfix.browsers.running import running_state
from loginfix.errors import LoginfixError, Problem


def running(profile: Profile, problems: list[Problem]) -> Running | None:
    """Who has the profile open; where that cannot be known, None and one more of the problems."""
    try:
        return running_state(profile)
    except LoginfixError as error:
        problems.append(error.as_problem())
        return None
