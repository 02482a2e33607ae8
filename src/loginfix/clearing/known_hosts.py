"""The site's hosts as they come to light, for the stores that name hosts by hashes only."""

from dataclasses import dataclass, replace

from loginfix.stores.declared import DeclaredStore
from loginfix.stores.model import Finding, Wish


@dataclass(slots=True)
class KnownHosts:
    """The hosts of the site that one profile is known to hold something of."""

    request: Wish
    hosts: frozenset[str] = frozenset()

    def add(self, finding: Finding) -> None:
        """Take note of what a store named."""
        self.hosts |= frozenset(filter(self.request.site.owns_host, finding.hosts))

    def wish(self, declared: DeclaredStore) -> Wish:
        """What to ask of the next store."""
        if not declared.hashed:
            return self.request
        return replace(self.request, hosts=self.hosts)
