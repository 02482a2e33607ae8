"""``loginfix sites``: which sites are known by name."""

import click

from loginfix.cli.machine import Machine
from loginfix.cli.options import home_option, output_options
from loginfix.cli.verb import Verb
from loginfix.reports.results import SiteList
from loginfix.sites.catalog import load_catalog


@click.command(cls=Verb, examples=("loginfix sites",))
@home_option
@output_options
def sites(*, machine: Machine) -> SiteList:
    """List the sites known by name.

    With their groups and domains. Other sites are named by their domain.
    """
    return SiteList(load_catalog(machine.directories.config / "sites").sites)
