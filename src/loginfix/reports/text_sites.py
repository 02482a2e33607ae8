"""The text of ``sites``."""

from loginfix.reports.layout import BLANK, HEADING, QUIET, Line, Lines, Paragraph
from loginfix.reports.results import SiteList
from loginfix.sites.known_site import Group, KnownSite

_SITE = "{title}: --site {name}"
_DEFAULT = "{name}: {title}. Cleared unless you add --without-group {name}."
_OPT_IN = "{name}: {title}. Cleared only if you add --group {name}."
_NEVER = "Never cleared as a whole, because other people's sites are there: {domains}."
_ANY = "Any other site works too, by its own domain: --site example.com"


def sites(it: SiteList) -> Lines:
    """Every site with its groups and their domains."""
    for site in it.sites:
        yield from _site(site)
    yield Paragraph(_ANY)


def _site(it: KnownSite) -> Lines:
    yield Line(_SITE.format(title=it.title, name=it.name), HEADING)
    for group in it.groups:
        yield BLANK
        yield from _group(group)
    if it.never_by_suffix:
        yield BLANK
        yield Paragraph(_NEVER.format(domains=", ".join(it.never_by_suffix)), indent=2)
    yield BLANK


def _group(it: Group) -> Lines:
    sentence = _DEFAULT if it.default else _OPT_IN
    yield Paragraph(sentence.format(name=it.key, title=it.title), indent=2)
    names = (*it.domains, *it.public_suffixes, *it.hosts)
    yield Paragraph(", ".join(names), QUIET, indent=4)
