"""Finding what browsers keep of a site, and taking it out."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from loginfix.api.closing import close_all, with_reasons
from loginfix.api.machine import Machine
from loginfix.api.results import Clearing, DryRun
from loginfix.clearing.plan import make_plan
from loginfix.clearing.selection import Selection, categories_named
from loginfix.progress import Progress, silent


def find(
    *sites: str,
    groups: Collection[str] = (),
    without_groups: Collection[str] = (),
    browsers: Collection[str] = (),
    profiles: Collection[str] = (),
    only: Collection[str] = (),
    keep: Collection[str] = (),
    keep_cookies: Collection[str] = (),
    drop_locked_sessions: bool = False,
    itemised: bool = False,
    machine: Machine | None = None,
    progress: Progress = silent,
) -> DryRun:
    """Find what browsers keep of a site; changes not one byte.

    Args:
        sites: names (``known_sites`` has them) or domains; one at least.
        groups: groups of the site to take too, such as ``aws``.
        without_groups: groups of the site to leave alone.
        browsers: only these, such as ``chrome``; all if empty.
        profiles: only these, by any of their names; all if empty.
        only: only these categories, such as ``cookies``; all if empty.
        keep: no findings of these categories.
        keep_cookies: no cookies of these names.
        drop_locked_sessions: where open tabs are encrypted with a key that cannot be had, all
            open and recently closed tabs of that profile are findings.
        itemised: give every single item its name in ``Finding.listing``; never its value.
        machine: where to look; this computer, as whoever runs the process, if None.
        progress: told what is being worked on, and how far it is; often, so it has to be quick.

    Returns:
        What ``clear`` would remove. Browsers that are open are looked into too.

    Raises:
        UnknownSiteError: There is no such site or group, or none was given.
        UsageError: A browser, profile or category does not exist, or no category is left.
        NoBrowsersError: There is no profile at all.
        ProfileUnreadableError: Not a single profile can be read.
    """
    selection = Selection(
        sites=sites,
        groups=tuple(groups),
        without_groups=tuple(without_groups),
        browsers=tuple(browsers),
        profiles=tuple(profiles),
        only=categories_named(only),
        keep=categories_named(keep),
        keep_cookies=tuple(keep_cookies),
    )
    return find_selected(
        selection,
        drop_locked_sessions=drop_locked_sessions,
        itemised=itemised,
        machine=machine,
        progress=progress,
    )


def find_selected(
    selection: Selection,
    *,
    drop_locked_sessions: bool = False,
    itemised: bool = False,
    among: Collection[Path] | None = None,
    machine: Machine | None = None,
    progress: Progress = silent,
) -> DryRun:
    """The same as ``find`` for a ``Selection``, which can be kept and used again.

    ``among`` are the only profiles to look at, by their paths; None means all.

    Raises:
        LoginfixError: As ``find``.
    """
    machine = machine or Machine()
    request = replace(
        selection.request(machine.catalog),
        drop_locked_sessions=drop_locked_sessions,
        itemised=itemised,
    )
    found = machine.profiles(selection.browsers, selection.profiles)
    profiles = [each for each in found.profiles if among is None or each.path in among]
    plan = make_plan(request, profiles, problems=found.problems, progress=progress)
    return DryRun(plan, selection, machine)


def clear(
    found: DryRun,
    *,
    close_browsers: bool = False,
    encrypt_to: Collection[str] = (),
    command: str = "clear-cache",
    progress: Progress = silent,
) -> Clearing:
    """Take out what was found, after a backup of it.

    Every profile is looked at again under its browser's own lock. What is open then is skipped,
    what is not understood is left alone, and the rest goes on.

    Args:
        found: what ``find`` gave; it also says on which machine.
        close_browsers: ask browsers that are open to close, and wait up to 30 seconds for each.
        encrypt_to: the public keys (``age1...``) that the backup is encrypted to; none if empty.
        command: what the backup says that it was made by.
        progress: told what is being worked on, and how far it is; often, so it has to be quick.

    Returns:
        What was removed, and the command that puts it back.

    Raises:
        UsageError: A public key is none.
        LoginfixError: Nothing was removed, or everything was put back; its class says why.
    """
    from loginfix.clearing import clear as clearing  # noqa: PLC0415  finding needs nothing of it
    from loginfix.vault.cover import covering  # noqa: PLC0415  nor of this

    machine = found.machine
    recipients = covering(tuple(encrypt_to)).recipients
    in_question = [each.profile for each in found.plan.profiles if each.found]
    still_open = close_all(in_question, asked=close_browsers, progress=progress)
    result = clearing.clear(
        found.plan,
        machine.directories,
        command=command,
        encrypt_to=recipients,
        progress=progress,
    )
    named = [word for name in found.selection.sites for word in ("--site", name)]
    return Clearing(
        replace(result, problems=with_reasons(result.problems, still_open)),
        machine.backup_command("restore", result.backup_id or ""),
        machine.command("trace", *named),
        machine.backup_command("backups", "delete", result.backup_id or ""),
        recipients,
    )
