"""Proving what is left of a site, and where."""

from collections.abc import Collection

from loginfix.api.machine import Machine
from loginfix.api.results import TracedProfile, Tracing
from loginfix.api.running import running
from loginfix.clearing.selection import Selection
from loginfix.errors import ProfileUnreadableError
from loginfix.progress import Progress, silent
from loginfix.tracing.search import trace_profile


def trace(
    *sites: str,
    groups: Collection[str] = (),
    without_groups: Collection[str] = (),
    browsers: Collection[str] = (),
    profiles: Collection[str] = (),
    machine: Machine | None = None,
    progress: Progress = silent,
) -> Tracing:
    """Search every byte of the browsers for a site, in every way in which they write its name.

    Args:
        sites: names (``known_sites`` has them) or domains; one at least.
        groups: groups of the site to search for too, such as ``aws``.
        without_groups: groups of the site not to search for.
        browsers: only these, such as ``chrome``; all if empty.
        profiles: only these, by any of their names; all if empty.
        machine: where to look; this computer, as whoever runs the process, if None.
        progress: told what is being worked on, and how far it is; often, so it has to be quick.

    Returns:
        Each place, and whose it is: the person's, another site's, or left over.

    Raises:
        UnknownSiteError: There is no such site or group, or none was given.
        UsageError: A browser or profile does not exist.
        NoBrowsersError: There is no profile at all.
        ProfileUnreadableError: Not a single profile can be read.
    """
    machine = machine or Machine()
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
        traced.append(TracedProfile(result, running(each, problems)))
    if not traced:
        first = problems[0]
        raise ProfileUnreadableError(first.message, next_step=first.next_step, path=first.path)
    return Tracing(wanted, tuple(traced), tuple(problems))
