"""Which hosts of a site to try where a store keeps only hashes of them."""

from collections.abc import Iterable

from loginfix.sites.hosts import normalise_host
from loginfix.sites.site import Site


def candidate_hosts(site: Site, seen: Iterable[str]) -> frozenset[str]:
    """The site's hosts among those ``seen`` elsewhere, what is above them, and the declared ones.

    What the site does not own is never among them: other sites' hosts may well be ``seen``.
    """
    hosts = {host for text in seen if (host := normalise_host(text))}
    above = {host.split(".", count)[-1] for host in hosts for count in range(host.count(".") + 1)}
    declared = {prefix + name for name in site.domains for prefix in ("", "www.")}
    return frozenset(filter(site.owns_host, above | declared | {*site.hosts}))
