"""Which scheduler is used: the best one that this system has, or the one that was named."""

import sys
from collections.abc import Sequence

from loginfix.directories import Directories
from loginfix.errors import SchedulerError
from loginfix.schedule.cron import Cron
from loginfix.schedule.launchd import Launchd
from loginfix.schedule.scheduler import Scheduler
from loginfix.schedule.systemd import Systemd
from loginfix.schedule.task_scheduler import TaskScheduler
from loginfix.words import message, say

NAMES = ("systemd", "cron", "launchd", "task-scheduler")


def system_schedulers() -> tuple[Scheduler, ...]:
    """All schedulers, the best first: those that catch up what was missed."""
    # A crontab is the user's, whatever home is meant: one lock for all.
    cron = Cron(Directories.current().data / "crontab")
    if sys.platform == "win32":
        return (TaskScheduler(), Launchd())
    return (Launchd(), Systemd(), cron, TaskScheduler())


def choose(schedulers: Sequence[Scheduler], name: str | None = None) -> Scheduler:
    """The scheduler called ``name``, else the first that can be used.

    Raises:
        SchedulerError: It, or every one, cannot be used.
    """
    reasons = []
    for each in schedulers:
        if name not in (None, each.name):
            continue
        reason = each.why_not()
        if reason is None:
            return each
        reasons.append(say("{title}: {reason}.", title=each.title, reason=reason))
    what = (
        message("This scheduler cannot be used. {reasons}")
        if name
        else message("There is no scheduler that can be used. {reasons}")
    )
    raise SchedulerError(
        say(what, reasons=" ".join(reasons) or say("This system has none.")),
        next_step=say(
            "Nothing was changed. Install or start one, such as cron, or name another with --with."
        ),
    )


def by_name(schedulers: Sequence[Scheduler], name: str) -> Scheduler:
    """The scheduler of a description.

    Raises:
        SchedulerError: There is none of this name.
    """
    for each in schedulers:
        if each.name == name:
            return each
    raise SchedulerError(
        say("This system has no scheduler {name!r}.", name=name),
        next_step=say("Add the schedule again, with --replace."),
    )
