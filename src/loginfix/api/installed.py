"""What there is: browsers with their profiles, and sites that are known by name."""

from loginfix.api.machine import Machine
from loginfix.api.results import BrowserList, ListedProfile, SiteList
from loginfix.api.running import running
from loginfix.browsers.directories import directory_size
from loginfix.browsers.model import Profile
from loginfix.errors import Problem
from loginfix.progress import Progress, counted, silent
from loginfix.words import say


def installed_browsers(
    *, machine: Machine | None = None, progress: Progress = silent
) -> BrowserList:
    """List every profile of every browser, its size in bytes, and who has it open.

    Raises:
        NoBrowsersError: There is no profile at all.
        ProfileUnreadableError: Not a single profile can be read.
    """
    machine = machine or Machine()
    found = machine.profiles()
    problems = list(found.problems)
    profiles = counted(progress, say("Measuring the profiles"), found.profiles, len(found.profiles))
    listed = tuple(_look_at(profile, problems) for profile in profiles)
    return BrowserList(listed, tuple(problems))


def known_sites(*, machine: Machine | None = None) -> SiteList:
    """List the sites known by name, the person's own among them.

    Raises:
        ConfigurationError: A file that describes a site cannot be understood.
    """
    machine = machine or Machine()
    return SiteList(machine.catalog.sites)


def _look_at(profile: Profile, problems: list[Problem]) -> ListedProfile:
    size = directory_size(profile.path)
    if not profile.cache_path.is_relative_to(profile.path):
        size += directory_size(profile.cache_path)
    return ListedProfile(profile, size, running(profile, problems))
