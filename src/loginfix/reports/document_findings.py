"""The parts of a document that show what was found: how much, where, from when, and every item."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from loginfix.browsers.model import Profile
from loginfix.reports.categories import ORDER, category_title
from loginfix.reports.document import Bars, Column, Kind, Note, Table, Timeline
from loginfix.reports.ranking import newest_first, ranked, top_hosts
from loginfix.reports.sizes import human_size
from loginfix.stores.model import Category, Finding
from loginfix.words import say, say_count

_MOST_BARS = 12
_Row = tuple[str, str, str, str, str, int, int | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in some profiles, profile by profile."""

    profiles: Sequence[tuple[Profile, Sequence[Finding]]]

    @property
    def items(self) -> int:
        """How many things a person would count."""
        return sum(each.items for _, each in self._all())

    @property
    def size(self) -> int:
        """Bytes of content."""
        return sum(each.size for _, each in self._all())

    @property
    def amount(self) -> str:
        """Number and size in words."""
        count = say_count("{count} item", "{count} items", self.items)
        return say("{items} ({size})", items=count, size=human_size(self.size))

    @property
    def where(self) -> str:
        """In how many profiles, in words."""
        return say_count("{count} browser profile", "{count} browser profiles", len(self.profiles))

    def picture(self) -> tuple[Bars | Table, ...]:
        """Where it is: size by profile and category, and the numbers behind the picture."""
        categories = [
            category
            for category in ORDER
            if any(each.category == category for _, each in self._all())
        ]
        rows = sorted(self._sizes(categories), key=lambda row: -sum(row[1]))
        if not rows:
            return ()
        titles = tuple(map(category_title, categories))
        columns = (
            Column("profile", say("Browser and profile"), Kind.NAME),
            *(Column(each, category_title(each), Kind.SIZE) for each in categories),
            Column("all", say("In all"), Kind.SIZE),
        )
        return (
            Bars(say("Size by browser profile and kind of data"), titles, _combined(rows)),
            Table(
                say("The numbers behind the picture"),
                columns,
                tuple((label, *sizes, sum(sizes)) for label, sizes in rows),
                folded=True,
            ),
        )

    def timeline(self) -> tuple[Timeline | Note, ...]:
        """When things were last used, where that is known."""
        moments = tuple(item.used for _, each in self._all() for item in each.listing if item.used)
        if not moments:
            return ()
        return (
            Timeline(say("Number of items by when they were last used"), moments),
            Note(
                say(
                    "Where a browser does not keep when something was last used, the time at which"
                    " it was written counts; items without either are not shown here."
                )
            ),
        )

    def stores(self, caption: str) -> Table:
        """A row for each store of each profile."""
        columns = (
            Column("profile", say("Browser and profile"), Kind.NAME),
            Column("what", say("What")),
            Column("category", say("Kind of data")),
            Column("items", say("Items"), Kind.COUNT),
            Column("size", say("Size"), Kind.SIZE),
            Column("newest", say("Last used"), Kind.DAY),
            Column("oldest", say("Oldest"), Kind.DAY),
            Column("hosts", say("Hosts"), Kind.NAME),
        )
        rows = tuple(
            (
                profile.label,
                say(each.title),
                category_title(each.category),
                each.items,
                each.size,
                each.used.newest if each.used else None,
                each.used.oldest if each.used else None,
                top_hosts(each.hosts, most=2),
            )
            for profile, each in self._all()
        )
        return Table(caption, columns, rows)

    def listing(self) -> Table:
        """A row for each item; where a store does not tell them apart, for each host.

        Store by store, newest first.
        """
        columns = (
            Column("profile", say("Browser and profile"), Kind.NAME),
            Column("category", say("Kind of data")),
            Column("store", say("What")),
            Column("name", say("Name or address"), Kind.NAME),
            Column("host", say("Host"), Kind.NAME),
            Column("items", say("Items"), Kind.COUNT),
            Column("size", say("Size"), Kind.SIZE),
            Column("used", say("Last used"), Kind.TIME),
        )
        return Table(say("Every single item"), columns, tuple(self._rows()))

    def every_item(self) -> Table:
        """The listing as a person reads it, in a table that is no wider than a page."""
        columns = (
            Column("profile", say("Browser and profile"), Kind.NAME),
            Column("store", say("What")),
            Column("name", say("Name or address"), Kind.NAME),
            Column("host", say("Host"), Kind.NAME),
            Column("size", say("Size"), Kind.SIZE),
            Column("used", say("Last used"), Kind.TIME),
        )
        rows = sorted(self._rows(), key=lambda row: -row[-1].timestamp() if row[-1] else 0)
        return Table(
            say("Every single item, newest first"),
            columns,
            tuple(
                (profile, store, name or _several(count), host, size, used)
                for profile, _, store, name, host, count, size, used in rows
            ),
            folded=True,
        )

    def _all(self) -> Iterator[tuple[Profile, Finding]]:
        return ((profile, each) for profile, findings in self.profiles for each in findings)

    def _rows(self) -> Iterator[_Row]:
        for profile, each in self._all():
            start = (profile.label, category_title(each.category), say(each.title))
            for item in newest_first(each.listing):
                yield (*start, item.name, item.host, 1, item.size, item.used)
            if not each.listing:
                newest = each.used.newest if each.used else None
                is_alone = len(each.hosts) <= 1
                for host, count in ranked(each.hosts) or [("", each.items)]:
                    # The size is the store's: what each host has of it cannot be told.
                    size = each.size if is_alone else None
                    yield (*start, "", host, count, size, newest)

    def _sizes(self, categories: Sequence[Category]) -> Iterator[tuple[str, tuple[int, ...]]]:
        for profile, findings in self.profiles:
            sizes = Counter[str]()
            for each in findings:
                sizes[each.category] += each.size
            yield profile.label, tuple(sizes[category] for category in categories)


def _several(count: int) -> str:
    return say_count("{count} item", "{count} items", count) if count > 1 else ""


def _combined(
    rows: Sequence[tuple[str, tuple[int, ...]]],
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """As many bars as can be taken in at a glance: the smallest together make the last one."""
    if len(rows) <= _MOST_BARS:
        return tuple(rows)
    rest = rows[_MOST_BARS - 1 :]
    sizes = tuple(map(sum, zip(*(sizes for _, sizes in rest), strict=True)))
    label = say_count("{count} more profile", "{count} more profiles", len(rest))
    return (*rows[: _MOST_BARS - 1], (label, sizes))
