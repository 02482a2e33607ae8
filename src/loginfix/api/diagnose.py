"""Finding out why a person cannot log in."""

from collections.abc import Collection
from datetime import UTC, datetime

from loginfix.api.machine import Machine
from loginfix.api.results import Consultation
from loginfix.doctor import diagnosis as doctor
from loginfix.doctor.examination import examine
from loginfix.doctor.subject import Computer
from loginfix.progress import Progress, silent
from loginfix.words import language


def diagnose(
    site: str,
    *,
    browsers: Collection[str] = (),
    profiles: Collection[str] = (),
    machine: Machine | None = None,
    progress: Progress = silent,
) -> Consultation:
    """Find out why a person cannot log in to a site; connects to nothing.

    Args:
        site: a name (``known_sites`` has them) or a domain.
        browsers: only these, such as ``chrome``; all if empty.
        profiles: only these, by any of their names; all if empty.
        machine: where to look; this computer, as whoever runs the process, if None.
        progress: told what is being worked on, and how far it is; often, so it has to be quick.

    Returns:
        What was found, the likeliest first, and the one thing to do next.

    Raises:
        UnknownSiteError: There is no such site.
        UsageError: A browser or profile does not exist.
        NoBrowsersError: There is no profile at all.
        ProfileUnreadableError: Not a single profile can be read.
    """
    machine = machine or Machine()
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
