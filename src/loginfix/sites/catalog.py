"""The sites this program knows, and how a name on the command line becomes a site."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from loginfix.data import data_root
from loginfix.errors import ConfigurationError, UnknownSiteError
from loginfix.sites.hosts import is_under
from loginfix.sites.known_site import KnownSite, read_known_site
from loginfix.sites.login import Login
from loginfix.sites.site import Entry, Rules, Site
from loginfix.sites.typed import stands_alone, typed_site
from loginfix.words import say


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every known site, in the order of their names."""

    sites: tuple[KnownSite, ...]

    def resolve(
        self, name: str, *, groups: Iterable[str] = (), without_groups: Iterable[str] = ()
    ) -> Site:
        """The site called ``name``: one of the catalogue, or any registrable domain.

        ``groups`` are taken in addition to those on by default, ``without_groups`` are left out.
        A domain that a known site has an entry in inherits that site's groups as far as they
        lie under the domain, so that ``amazon.com`` leaves AWS alone like ``amazon`` does.

        Raises:
            UnknownSiteError: no such site or group, or a name that cannot be cleared safely.
        """
        text = name.strip()
        for site in self.sites:
            if site.name == text.lower():
                rules = _select(site.name, site.rules, site.group_keys, groups, without_groups)
                return Site(site.name, site.called, (rules,))
        domain = typed_site(text, self.sites)
        rules, group_keys = self._rules_of_domain(domain)
        rules = _select(domain, rules, group_keys, groups, without_groups)
        return Site(domain, domain, (rules,))

    def login_of(self, name: str) -> Login:
        """What is known about logging in to the site that ``resolve`` gives for a name."""
        text = name.strip().lower()
        for site in self.sites:
            if site.name == text or site.rules.group_of(text) is not None:
                return site.login
        return Login()

    def _rules_of_domain(self, domain: str) -> tuple[Rules, tuple[str, ...]]:
        """Rules for a typed domain, and the names of the groups one may add or leave out."""
        for site in self.sites:
            group = site.rules.group_of(domain)
            below = {entry for entry in site.rules.entries if is_under(entry.name, domain)}
            if group is not None or below:
                whole = Entry(domain, group or domain)
                selected = site.rules.selected | {whole.group}
                return Rules(frozenset(below | {whole}), selected), site.group_keys
        whole = Entry(domain, domain, exact=stands_alone(domain))
        return Rules(frozenset({whole}), frozenset({domain})), ()


def load_catalog(user_dir: Path | None = None) -> Catalog:
    """Read the site files of the program, then those of ``user_dir`` (``*.toml``).

    A user's file replaces the program's file of the same name, or adds a site. A missing
    directory adds nothing.

    Raises:
        ConfigurationError: any file that is not understood; nothing is loaded then.
    """
    directories = (data_root() / "sites", *([user_dir] if user_dir else []))
    files = {path.stem: path for directory in directories for path in directory.glob("[!.]*.toml")}
    sites = tuple(read_known_site(files[name]) for name in sorted(files))
    _refuse_shared_hosting(sites)
    return Catalog(sites)


def _refuse_shared_hosting(sites: tuple[KnownSite, ...]) -> None:
    shared = {name: site for site in sites for name in site.never_by_suffix}
    for site in sites:
        for entry in site.rules.entries:
            for name, owner in shared.items():
                if not entry.exact and (is_under(entry.name, name) or is_under(name, entry.name)):
                    raise ConfigurationError(
                        say(
                            "{path}: groups.{group}.domains has {name}, but {shared} "
                            "carries other people's sites (never_by_suffix in {file}).",
                            path=site.path,
                            group=entry.group,
                            name=entry.name,
                            shared=name,
                            file=owner.path.name,
                        ),
                        next_step=say("Name the exact hosts under hosts instead."),
                        path=site.path,
                    )


def _select(
    name: str,
    rules: Rules,
    group_keys: tuple[str, ...],
    groups: Iterable[str],
    without_groups: Iterable[str],
) -> Rules:
    added, dropped = set(groups), set(without_groups)
    for group in sorted(added | dropped):
        if group not in group_keys:
            raise UnknownSiteError(
                say("{name} has no group {group!r}.", name=name, group=group),
                next_step=say(
                    "Its groups are: {groups}. Correct or leave out that group.",
                    groups=", ".join(group_keys),
                )
                if group_keys
                else say("It has none. Correct or leave out that group."),
            )
    present = {entry.group for entry in rules.entries}
    selected = ((rules.selected | added) - dropped) & present
    if not selected:
        raise UnknownSiteError(
            say(
                "Nothing of {name} is left without {dropped}.",
                name=name,
                dropped=", ".join(sorted(dropped)),
            ),
            next_step=say("Keep at least one group."),
        )
    return Rules(rules.entries, frozenset(selected))
