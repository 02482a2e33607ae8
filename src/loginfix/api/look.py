"""Looking, without changing anything: what there is, what is left, and why a login may fail."""

from collections.abc import Collection
from datetime import UTC, datetime

from loginfix.api.machine import HERE, Machine
from loginfix.api.results import (
    BrowserList,
    Consultation,
    ListedProfile,
    SiteList,
    TracedProfile,
    Tracing,
)
from loginfix.browsers.directories import directory_size
from loginfix.browsers.in_use import Running
from loginfix.browsers.model import Profile
from loginfix.browsers.running import running_state
from loginfix.clearing.selection import Selection
from loginfix.doctor import diagnosis as doctor
from loginfix.doctor.examination import examine
from loginfix.doctor.subject import Computer
from loginfix.errors import LoginfixError, Problem, ProfileUnreadableError
from loginfix.progress import Progress, counted, silent
from loginfix.tracing.search import trace_profile
from loginfix.words import language, say


def installed_browsers(*, machine: Machine = HERE, progress: Progress = silent) -> BrowserList:
    """List every profile of every browser, its size in bytes, and who has it open.

    Raises:
        NoBrowsersError: There is no profile at all.
        ProfileUnreadableError: Not a single profile can be read.
    """
    found = machine.profiles()
    problems = list(found.problems)
    profiles = counted(progress, say("Measuring the profiles"), found.profiles, len(found.profiles))
    listed = tuple(_look_at(profile, problems) for profile in profiles)
    return BrowserList(listed, tuple(problems))


def known_sites(*, machine: Machine = HERE) -> SiteList:
    """List the sites known by name, the person's own among them.

    Raises:
        ConfigurationError: A file that describes a site cannot be understood.
    """
    return SiteList(machine.catalog.sites)


def trace(
    *sites: str,
    groups: Collection[str] = (),
    without_groups: Collection[str] = (),
    browsers: Collection[str] = (),
    profiles: Collection[str] = (),
    machine: Machine = HERE,
    progress: Progress = silent,
) -> Tracing:
    """Search every byte of the browsers for a site, in every way in which they write its name.

    Args:
        sites: names (``known_sites`` has them) or domains; one at least.
        groups: groups of the site to search for too, such as ``aws``.
        without_groups: groups of the site not to search for.
        browsers: only these, such as ``chrome``; all if empty.
        profiles: only these, by any of their names; all if empty.
        machine: where to look.
        progress: told what is being worked on, and how far it is; often, so it has to be quick.

    Returns:
        Each place, and whose it is: the person's, another site's, or left over.

    Raises:
        UnknownSiteError: There is no such site or group, or none was given.
        UsageError: A browser or profile does not exist.
        NoBrowsersError: There is no profile at all.
        ProfileUnreadableError: Not a single profile can be read.
    """
    selection = Selection(sites, tuple(groups), tuple(without_groups))
    wanted = selection.request(machine.catalog).site
    found = machine.profiles(tuple(browsers), tuple(profiles))
    traced, problems = [], list(found.problems)
    shared = set()
    for each in found.profiles:
        try:
            result = trace_profile(
                each,
                wanted,
                with_shared=each.user_data not in shared,
                progress=progress,
            )
        except ProfileUnreadableError as error:
            problems.append(error.as_problem())
            continue
        shared.add(each.user_data)
        traced.append(TracedProfile(result, _running(each, problems)))
    if not traced:
        first = problems[0]
        raise ProfileUnreadableError(first.message, next_step=first.next_step, path=first.path)
    return Tracing(wanted, tuple(traced), tuple(problems))


def diagnose(
    site: str,
    *,
    browsers: Collection[str] = (),
    profiles: Collection[str] = (),
    machine: Machine = HERE,
    progress: Progress = silent,
) -> Consultation:
    """Find out why a person cannot log in to a site; connects to nothing.

    Args:
        site: a name (``known_sites`` has them) or a domain.
        browsers: only these, such as ``chrome``; all if empty.
        profiles: only these, by any of their names; all if empty.
        machine: where to look.
        progress: told what is being worked on, and how far it is; often, so it has to be quick.

    Returns:
        What was found, the likeliest first, and the one thing to do next.

    Raises:
        UnknownSiteError: There is no such site.
        UsageError: A browser or profile does not exist.
        NoBrowsersError: There is no profile at all.
        ProfileUnreadableError: Not a single profile can be read.
    """
    catalog = machine.catalog
    wanted = catalog.resolve(site)
    found = machine.profiles(tuple(browsers), tuple(profiles))
    examination = examine(
        wanted,
        catalog.login_of(site),
        found.profiles,
        Computer(wanted),
        now=datetime.now(UTC),
        progress=progress,
    )
    diagnosis = doctor.diagnose(examination, machine.all_profiles(), language=language())
    words = diagnosis.remedy.command
    return Consultation(diagnosis, machine.command(*words) if words else None, found.problems)


def _look_at(profile: Profile, problems: list[Problem]) -> ListedProfile:
    size = directory_size(profile.path)
    if not profile.cache_path.is_relative_to(profile.path):
        size += directory_size(profile.cache_path)
    return ListedProfile(profile, size, _running(profile, problems))


def _running(profile: Profile, problems: list[Problem]) -> Running | None:
    try:
        return running_state(profile)
    except LoginfixError as error:
        problems.append(error.as_problem())
        return None
