"""``loginfix schedule``: what runs by itself."""

import click

from loginfix.api.machine import Machine
from loginfix.cli import completing
from loginfix.cli.options import home_option, output_options
from loginfix.cli.schedule_add import add
from loginfix.cli.schedule_run import run
from loginfix.cli.schedules import NAME, the_schedules
from loginfix.cli.verb import Verb, VerbGroup, show_help
from loginfix.errors import ExitCode
from loginfix.schedule.results import ScheduleChange, ScheduleList, ScheduleLog, ScheduleStatus

_CHANGING = (ExitCode.SCHEDULER_FAILED,)


@click.group(
    cls=VerbGroup,
    examples=(
        "loginfix schedule add --site amazon --every week --at 03:00",
        "loginfix schedule list",
    ),
)
@click.pass_context
def schedule(ctx: click.Context) -> None:
    """Take a site out again and again, by itself.

    By the scheduler of this system: systemd, cron, launchd or Task Scheduler.
    """
    show_help(ctx)


@click.command(
    "list", cls=Verb, examples=("loginfix schedule list",), exit_codes=(ExitCode.PARTIAL,)
)
@home_option
@output_options
def list_(*, machine: Machine) -> ScheduleList:
    """List what is scheduled.

    With the next time, as the scheduler has it, how the last run went, and
    what is wrong with the entries in the scheduler.
    """
    return the_schedules(machine).overview()


@click.command(
    cls=Verb, examples=("loginfix schedule show amazon",), exit_codes=(ExitCode.PARTIAL,)
)
@NAME
@home_option
@output_options
def show(*, machine: Machine, name: str) -> ScheduleStatus:
    """Show everything about one schedule."""
    return the_schedules(machine).status(name)


@click.command(cls=Verb, examples=("loginfix schedule pause amazon",), exit_codes=_CHANGING)
@NAME
@home_option
@output_options
def pause(*, machine: Machine, name: str) -> ScheduleChange:
    """Have a schedule not run until it is resumed."""
    return the_schedules(machine).pause(name)


@click.command(cls=Verb, examples=("loginfix schedule resume amazon",), exit_codes=_CHANGING)
@NAME
@home_option
@output_options
def resume(*, machine: Machine, name: str) -> ScheduleChange:
    """Have a paused schedule run again.

    Also puts an entry back that the scheduler has lost, or that calls a
    loginfix that is gone.
    """
    return the_schedules(machine).resume(name)


@click.command(cls=Verb, examples=("loginfix schedule remove amazon",), exit_codes=_CHANGING)
@NAME
@home_option
@output_options
def remove(*, machine: Machine, name: str) -> ScheduleChange:
    """Remove a schedule and its log.

    The backups that it made stay.
    """
    return the_schedules(machine).remove(name)


@click.command(
    cls=Verb,
    examples=("loginfix schedule log", "loginfix schedule log amazon --last 5"),
    exit_codes=(ExitCode.NOTHING_FOUND,),
)
@click.argument("name", metavar="[NAME]", required=False, shell_complete=completing.schedules)
@click.option(
    "--last",
    type=click.IntRange(min=1),
    default=20,
    metavar="N",
    help="Show the newest N runs; 20 if not given.",
)
@home_option
@output_options
def log(*, machine: Machine, name: str | None, last: int) -> ScheduleLog:
    """Show how the runs went, newest first.

    Of one schedule, or of all.
    """
    schedules = the_schedules(machine)
    names = [name] if name else schedules.descriptions.names()
    if name:
        schedules.descriptions.read(name)  # says so if there is none
    records = [record for each in names for record in schedules.log(each).records()]
    records.reverse()  # for those of the same second
    records.sort(key=lambda record: record.started, reverse=True)
    return ScheduleLog(tuple(records[:last]))


for _verb in (add, list_, show, run, pause, resume, remove, log):
    schedule.add_command(_verb)
