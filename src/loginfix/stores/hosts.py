"""The site's hosts that a profile's files name, for stores that hold hosts only as hashes."""

from collections.abc import Iterable, Iterator

from loginfix.errors import UnsafePathError
from loginfix.files.tree import Tree
from loginfix.sites.mentions import mentioned_hosts
from loginfix.sites.site import Site
from loginfix.stores.declared import matching_paths

_LONGEST_LABEL = 63


def known_hosts(tree: Tree, patterns: Iterable[str], site: Site) -> frozenset[str]:
    """Every host of the site that is in one of the files, that is declared, or is above one.

    The files are searched as they are, whatever their format; one that cannot be read is passed
    over. Only hosts of the site are returned, so a wrong one among them does no harm.
    """
    found = {*site.domains, *site.hosts, *(f"www.{domain}" for domain in site.domains)}
    for pattern in patterns:
        for rel in matching_paths(tree, pattern):
            try:
                with tree.open(rel) as file:
                    found.update(mentioned_hosts(file, site))
            except (OSError, UnsafePathError):
                continue
    names = {name for host in found for name in _parents_and_ends(host)}
    return frozenset(name for name in names if site.owns_host(name))


def _parents_and_ends(host: str) -> Iterator[str]:
    """The host, the names above it, and each with its first letters cut off.

    In a database, text of the column before may stand right in front of a host.
    """
    while "." in host:
        label, _, above = host.partition(".")
        for start in range(min(len(label), _LONGEST_LABEL)):
            yield f"{label[start:]}.{above}"
        host = above
    yield host
