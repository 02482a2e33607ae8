"""What can be wrong between descriptions and entries, in words for a person."""

import os
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from loginfix.errors import Problem
from loginfix.schedule.launcher import Context, Parsed, parse_command, starting_trouble
from loginfix.schedule.model import Entry, Installed, Schedule
from loginfix.schedule.scheduler import Scheduler
from loginfix.words import say


def problems_of(schedule: Schedule, wanted: Entry, installed: Installed | None) -> list[Problem]:
    """What is wrong with the entry of a schedule. ``wanted`` is what would be installed now."""
    name = schedule.name
    if schedule.paused:
        return [_still_there(name, installed)] if installed else []
    if installed is None:
        return [
            Problem(
                "entry-missing",
                say(
                    "The schedule {name} has no entry in the scheduler, so it does not run.",
                    name=name,
                ),
                say("Put it back with: loginfix schedule resume {name}", name=name),
            )
        ]
    parsed = parse_command(installed.entry.command) if installed.entry else None
    if installed.entry is None or parsed is None or installed.entry.timing != wanted.timing:
        return [
            Problem(
                "entry-changed",
                say(
                    "The entry of the schedule {name} is not as it was made ({place}).",
                    name=name,
                    place=installed.place,
                ),
                say(
                    "If nobody meant that, make it anew: loginfix schedule resume {name}", name=name
                ),
            )
        ]
    trouble = _program_trouble(parsed)
    return [_gone(name, trouble)] if trouble else []


def strays(
    entries: Iterable[tuple[Scheduler, Installed]],
    owners: Mapping[str, Schedule],
    context: Context,
) -> Iterator[Problem]:
    """Entries of ours that no description belongs to, or a description with another scheduler.

    ``owners`` are the schedules of this context, by the ids of their entries.
    """
    for scheduler, installed in entries:
        parsed = parse_command(installed.entry.command) if installed.entry else None
        name = parsed.name if parsed else installed.id
        owner = owners.get(installed.id)
        if owner and owner.scheduler != scheduler.name:
            yield _twice(owner, scheduler, installed)
        if owner or (parsed and (parsed.config / "schedules" / f"{name}.json").is_file()):
            continue
        if parsed is None and context.entry_id(installed.id) != installed.id:
            continue  # of another home, and changed by somebody: not ours to judge
        yield Problem(
            "entry-without-description",
            say(
                "{title} has an entry {id} of loginfix that no schedule belongs to ({place}).",
                title=scheduler.title,
                id=installed.id,
                place=installed.place,
            ),
            say("Remove it with: {remove}", remove=_remove(name, parsed)),
        )


def _remove(name: str, parsed: Parsed | None) -> str:
    """The command that removes an entry, from where its own context is in force."""
    context = parsed.context if parsed else Context()
    settings = [f"{variable}={value}" for variable, value in context.environment]
    home = ["--home", str(context.home)] if context.home else []
    words = [*(["env", *settings] if settings else []), "loginfix", "schedule", "remove", name]
    return shlex.join([*words, *home])


def _program_trouble(parsed: Parsed) -> str | None:
    """Why the entry's interpreter would not start loginfix; ours, as we see, does."""
    program = parsed.program
    if not os.access(program[0], os.X_OK):
        return say("{program} is gone", program=program[0])
    if Path(program[0]) == Path(sys.executable):
        return None
    trouble = starting_trouble(program)
    return trouble.rstrip(".") if trouble else None


def _gone(name: str, trouble: str) -> Problem:
    return Problem(
        "interpreter-gone",
        say("The schedule {name} cannot run: {trouble}.", name=name, trouble=trouble),
        say("Let it call this loginfix instead: loginfix schedule resume {name}", name=name),
    )


def _twice(owner: Schedule, scheduler: Scheduler, installed: Installed) -> Problem:
    return Problem(
        "entry-twice",
        say(
            "The schedule {name} is run by {scheduler}, but {title} has an entry"
            " of it too ({place}).",
            name=owner.name,
            scheduler=owner.scheduler,
            title=scheduler.title,
            place=installed.place,
        ),
        say("Have that one removed with: loginfix schedule resume {name}", name=owner.name),
    )


def _still_there(name: str, installed: Installed) -> Problem:
    return Problem(
        "entry-left",
        say(
            "The schedule {name} is paused, but still has an entry ({place}).",
            name=name,
            place=installed.place,
        ),
        say("Run: loginfix schedule resume {name}, then pause it again.", name=name),
    )
