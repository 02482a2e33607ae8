"""``loginfix sites``: which sites are known by name."""

import click

from loginfix.api.installed import known_sites
from loginfix.api.machine import Machine
from loginfix.api.results import SiteList
from loginfix.cli.options import home_option, output_options
from loginfix.cli.verb import Verb


@click.command(cls=Verb, examples=("loginfix sites",))
@home_option
@output_options
def sites(*, machine: Machine) -> SiteList:
    """List the sites known by name.

    With their groups and domains. Other sites are named by their domain.
    """
    return known_sites(machine=machine)
