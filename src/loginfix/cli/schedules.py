"""What the verbs of ``schedule`` share."""

import click

from loginfix.api.machine import Machine
from loginfix.cli import completing
from loginfix.schedule.choose import system_schedulers
from loginfix.schedule.launcher import Context
from loginfix.schedule.manage import Schedules

NAME = click.argument("name", metavar="NAME", shell_complete=completing.schedules)
"""The name of a schedule."""


def the_schedules(machine: Machine) -> Schedules:
    """The schedules of the home that is meant."""
    home = machine.other_home
    return Schedules(machine.directories, Context.of(home), system_schedulers())
