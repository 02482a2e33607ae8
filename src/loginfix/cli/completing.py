"""What may come next while somebody types, for their shell: quickly, and never an error."""

import shlex
from collections.abc import Callable, Iterable, Iterator

import click
from click.shell_completion import CompletionItem

from loginfix.api.machine import Machine
from loginfix.stores.model import CATEGORIES

Values = Iterable[tuple[str, str]]
"""What can be typed, and what it is, for shells that show that."""
Completing = Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]
"""As click calls it, with the beginning of the word."""


def _completing(values: Callable[[click.Context, Machine], Values]) -> Completing:
    def complete(
        ctx: click.Context, _: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        try:
            return [
                CompletionItem(value, help=what)
                for value, what in values(ctx, _machine(ctx))
                # bash and fish type it as it is: one that needs quotes would be another word.
                if value.startswith(incomplete) and shlex.quote(value) == value
            ]
        except Exception:  # noqa: BLE001  whoever is typing is helped by nothing better
            return []

    return complete


def _machine(ctx: click.Context) -> Machine:
    home = ctx.params.get("home")
    given = (*(ctx.params.get("user_data_dir") or ()), *(ctx.params.get("profile_dir") or ()))
    return Machine(home and home.absolute(), tuple(path.absolute() for path in given))


@_completing
def browsers(_: click.Context, machine: Machine) -> Values:
    """The browsers that are installed."""
    found = machine.all_profiles()
    return {each.brand: each.brand_name for each in found}.items()


@_completing
def profiles(ctx: click.Context, machine: Machine) -> Iterator[tuple[str, str]]:
    """The profiles of the chosen browsers, each by its first name that needs no quotes."""
    brands = ctx.params.get("browser")
    for each in machine.all_profiles():
        if not brands or each.brand in brands:
            names = (each.id, each.name, each.directory)
            yield next((name for name in names if shlex.quote(name) == name), ""), each.label


@_completing
def sites(_: click.Context, machine: Machine) -> Values:
    """The sites known by name."""
    return [(site.name, site.called) for site in machine.catalog.sites]


@_completing
def groups(ctx: click.Context, machine: Machine) -> Values:
    """The groups of the chosen sites, or of all."""
    chosen = ctx.params.get("site")
    return [
        (group.key, group.called)
        for site in machine.catalog.sites
        if not chosen or site.name in chosen
        for group in site.groups
    ]


@_completing
def categories(_: click.Context, __: Machine) -> Values:
    """The kinds of data."""
    return [(str(category), "") for category in sorted(CATEGORIES)]


@_completing
def backups(_: click.Context, machine: Machine) -> Values:
    """The backups, newest first; none is opened."""
    from loginfix.vault.directory import Vault  # noqa: PLC0415  only where it is asked

    return [(each, "") for each in Vault(machine.directories.backups).ids()]


@_completing
def schedules(_: click.Context, machine: Machine) -> Values:
    """The schedules."""
    from loginfix.cli.schedules import the_schedules  # noqa: PLC0415  only where it is asked

    return [(name, "") for name in the_schedules(machine).descriptions.names()]
