"""What comes first where not everything can be shown."""

from collections.abc import Iterable, Mapping

from loginfix.stores.model import Item
from loginfix.words import say


def newest_first(items: Iterable[Item]) -> list[Item]:
    """Items by when they were last used; those of which it is not known at the end."""
    return sorted(items, key=lambda each: each.used.timestamp() if each.used else 0, reverse=True)


def ranked(hosts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Hosts and their numbers, the most first."""
    return sorted(hosts.items(), key=lambda pair: (-pair[1], pair[0]))


def top_hosts(hosts: Mapping[str, int], *, most: int) -> str:
    """The few hosts that matter most, with their numbers; empty where none is known."""
    first = [
        say("{host} ({count})", host=host, count=count) for host, count in ranked(hosts)[:most]
    ]
    listed = ", ".join(first)
    if (more := len(hosts) - most) > 0:
        return say("{hosts} and {more} more", hosts=listed, more=more)
    return listed
