"""What is to be cleared and where, as a person says it: on the command line or in a schedule."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from loginfix.clearing.plan import Request
from loginfix.errors import UnknownSiteError, UsageError
from loginfix.sites.catalog import Catalog
from loginfix.sites.site import Site, combine
from loginfix.stores.model import CATEGORIES, Category
from loginfix.words import say


@dataclass(frozen=True, slots=True)
class Selection:
    """Sites with their groups, browsers and profiles, kinds of data; none means all.

    Nothing is looked up before it is used: a name may not exist.
    """

    sites: tuple[str, ...]
    groups: tuple[str, ...] = ()
    without_groups: tuple[str, ...] = ()
    browsers: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    only: frozenset[Category] = frozenset()
    keep: frozenset[Category] = frozenset()
    keep_cookies: tuple[str, ...] = ()

    def request(self, catalog: Catalog) -> Request:
        """The same with every name looked up.

        Raises:
            UnknownSiteError: There is no such site or group.
            UsageError: No kind of data is left to clear.
        """
        site = _site(catalog, self.sites, self.groups, self.without_groups)
        categories = _categories(self.only, self.keep)
        return Request(site, categories, frozenset(self.keep_cookies), asked=self.only)


def categories_named(names: Collection[str]) -> frozenset[Category]:
    """The categories with these names.

    Raises:
        UsageError: There is no such category.
    """
    for name in names:
        if name not in CATEGORIES:
            listed = ", ".join(sorted(CATEGORIES))
            raise UsageError(
                say("There is no kind of data called {name}.", name=name),
                next_step=say("There are these: {names}.", names=listed),
            )
    return frozenset(map(Category, names))


def _site(
    catalog: Catalog, names: Sequence[str], groups: Sequence[str], without_groups: Sequence[str]
) -> Site:
    """All sites as one; with several, a group goes to those that have it."""
    if not names:
        raise UnknownSiteError(
            say("No site was named."), next_step=say("Name one: loginfix sites lists those known.")
        )
    if len(names) == 1:
        return catalog.resolve(names[0], groups=groups, without_groups=without_groups)
    chosen = {name: _groups(catalog.resolve(name)) for name in names}
    known = frozenset[str]().union(*chosen.values())
    # The first site says of a group that none has that there is no such group.
    catalog.resolve(names[0], groups={*groups, *without_groups} - known)
    return combine(
        [
            catalog.resolve(
                name,
                groups=own.intersection(groups),
                without_groups=own.intersection(without_groups),
            )
            for name, own in chosen.items()
        ]
    )


def _groups(site: Site) -> frozenset[str]:
    return frozenset((*site.selected_groups, *site.excluded_groups))


def _categories(only: frozenset[Category], keep: frozenset[Category]) -> frozenset[Category]:
    chosen = (only or CATEGORIES) - keep
    if not chosen:
        raise UsageError(
            say("With these --only and --keep, there is nothing left to clear."),
            next_step=say("Leave out one of them."),
        )
    return chosen
