"""The site's hosts in files that are never cleared, for stores that hold hosts only as hashes.

What other stores found comes from the run. But a person may have cleared the history already, and
have a bookmark or a saved login left: where a host is named at all, its hash can be recognised.
"""

from collections.abc import Iterable, Iterator

from loginfix.errors import UnsafePathError
from loginfix.files.tree import Tree
from loginfix.sites.mentions import mentioned_hosts
from loginfix.sites.site import Site
from loginfix.stores.declared import matching_paths

_LONGEST_LABEL = 63


def hosts_in(tree: Tree, patterns: Iterable[str], site: Site) -> frozenset[str]:
    """Every host of the site that may be in one of the files.

    These are searched as they are, whatever their format; one that cannot be read is passed over.
    """
    found: set[str] = set()
    for pattern in patterns:
        for rel in matching_paths(tree, pattern):
            try:
                with tree.open(rel) as file:
                    found.update(mentioned_hosts(file, site))
            except (OSError, UnsafePathError):
                continue
    return frozenset(name for host in found for name in _ends(host))


def _ends(host: str) -> Iterator[str]:
    """A host with its first letters cut off: in a database, other text may stand before it."""
    label, dot, above = host.partition(".")
    for start in range(min(len(label), _LONGEST_LABEL)):
        yield f"{label[start:]}{dot}{above}"
