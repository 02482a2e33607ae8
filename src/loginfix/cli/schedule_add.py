"""``loginfix schedule add``: set up a cleanup that runs by itself."""

from contextlib import suppress

import click

from loginfix.api.machine import Machine
from loginfix.clearing.selection import Selection
from loginfix.cli.options import encrypt_option, home_option, output_options
from loginfix.cli.schedules import the_schedules
from loginfix.cli.selection import selection_options
from loginfix.cli.verb import Verb
from loginfix.errors import ExitCode, NoBrowsersError, ProfileUnreadableError
from loginfix.schedule.choose import NAMES
from loginfix.schedule.model import LONGEST_WINDOW, Schedule, name_for, valid_name
from loginfix.schedule.results import ScheduleChange
from loginfix.schedule.timing import Timing


@click.command(
    cls=Verb,
    examples=(
        "loginfix schedule add --site amazon --every week --at 03:00",
        "loginfix schedule add --site amazon --every Mon,Thu --at 12:30 --notify",
        "loginfix schedule add --site amazon --every day --at 03:00 --with cron",
    ),
    exit_codes=(ExitCode.SCHEDULER_FAILED,),
)
@selection_options
@click.option(
    "--every",
    required=True,
    metavar="DAYS",
    help="day, week (Sunday), month (the first), or weekdays, such as Mon,Thu.",
)
@click.option(
    "--at",
    required=True,
    metavar="TIME",
    help="The time of the day, such as 03:00.",
)
@click.option("--name", metavar="NAME", help="Its name; that of the site if not given.")
@click.option(
    "--window",
    type=click.IntRange(min=0, max=LONGEST_WINDOW),
    default=120,
    metavar="MINUTES",
    help="Wait so long for an open browser to be closed; 120 if not given.",
)
@click.option(
    "--keep-backups",
    type=click.IntRange(min=1),
    default=5,
    metavar="N",
    help="Keep the newest N backups that it made; 5 if not given.",
)
@encrypt_option
@click.option("--close-browser", is_flag=True, help="Ask running browsers to close.")
@click.option("--notify", is_flag=True, help="Show a desktop notification after every run.")
@click.option(
    "--with",
    type=click.Choice(NAMES),
    metavar="SCHEDULER",
    help="Use this scheduler: systemd, cron, launchd or task-scheduler.",
)
@click.option("--replace", is_flag=True, help="Change the schedule of this name.")
@home_option
@output_options
def add(
    *,
    machine: Machine,
    selection: Selection,
    every: str,
    at: str,
    name: str | None,
    window: int,
    keep_backups: int,
    encrypt_to: tuple[str, ...],
    close_browser: bool,
    notify: bool,
    replace: bool,
    **forced: str | None,
) -> ScheduleChange:
    """Schedule a cleanup.

    It never asks, opens no window, and closes no browser unless you say so
    here. It waits for browsers to be closed, and skips those that stay open.
    """
    schedule = Schedule(
        name=valid_name(name_for(selection.sites) if name is None else name),
        selection=selection,
        timing=Timing.parse(every, at),
        window=window,
        keep_backups=keep_backups,
        encrypt_to=encrypt_to,
        close_browser=close_browser,
        notify=notify,
    )
    selection.request(machine.catalog)
    # A browser may be installed later, but a name that is no browser's is a slip.
    with suppress(NoBrowsersError, ProfileUnreadableError):
        machine.profiles(selection.browsers, selection.profiles)
    return the_schedules(machine).add(schedule, forced=forced["with"], replacing=replace)
