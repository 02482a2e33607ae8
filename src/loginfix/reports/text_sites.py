"""The text of ``sites``."""

from loginfix.api.results import SiteList
from loginfix.reports.layout import BLANK, HEADING, QUIET, Line, Lines, Paragraph
from loginfix.sites.known_site import Group, KnownSite
from loginfix.words import message, say

_SITE = message("{title}: --site {name}")
_DEFAULT = message("{name}: {title}. Cleared unless you add --without-group {name}.")
_OPT_IN = message("{name}: {title}. Cleared only if you add --group {name}.")
_NEVER = message("Never cleared as a whole, because other people's sites are there: {domains}.")
_ANY = message("Any other site works too, by its own domain: --site example.com")


def sites(it: SiteList) -> Lines:
    """Every site with its groups and their domains."""
    for site in it.sites:
        yield from _site(site)
    yield Paragraph(say(_ANY))


def _site(it: KnownSite) -> Lines:
    yield Line(say(_SITE, title=it.called, name=it.name), HEADING)
    for group in it.groups:
        yield BLANK
        yield from _group(group)
    if it.never_by_suffix:
        yield BLANK
        yield Paragraph(say(_NEVER, domains=", ".join(it.never_by_suffix)), indent=2)
    yield BLANK


def _group(it: Group) -> Lines:
    sentence = _DEFAULT if it.default else _OPT_IN
    yield Paragraph(say(sentence, name=it.key, title=it.called), indent=2)
    names = (*it.domains, *it.public_suffixes, *it.hosts)
    yield Paragraph(", ".join(names), QUIET, indent=4)
