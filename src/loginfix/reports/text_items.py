"""What ``clear-cache -v`` shows: the things themselves, as many as a person would read."""

from collections.abc import Callable, Iterable, Sequence

from loginfix.api.results import Clearing, DryRun
from loginfix.browsers.model import Profile
from loginfix.reports.layout import BLANK, HEADING, QUIET, WARNING, Line, Lines, table
from loginfix.reports.ranking import newest_first, ranked
from loginfix.reports.sizes import human_date, human_size
from loginfix.stores.model import Finding, Item
from loginfix.words import message, say, say_count

_PROFILE = message("{profile}  [{id}]")
_MORE = message("and {more} more; a report as .csv or .json has all (--report)")
_NONE = "-"
_MOST = 20  # of one store
_LONGEST = 120  # characters of a name; an address can have a million


def dry_run(it: DryRun) -> Lines:
    """What would be removed, newest first."""
    for each in it.plan.profiles:
        yield from _profile(each.profile, each.found)


def clearing(it: Clearing) -> Lines:
    """What was removed, newest first."""
    for each in it.result.cleared:
        yield from _profile(each.profile, each.findings)


def _profile(profile: Profile, findings: Iterable[Finding]) -> Lines:
    yield Line(say(_PROFILE, profile=profile.label, id=profile.id), HEADING)
    for each in findings:
        amount = say_count("{count} item", "{count} items", each.items)
        yield Line(f"{say(each.title)}: {amount}, {human_size(each.size)}", WARNING, indent=2)
        yield Line(str(each.path), QUIET, indent=4)
        yield from _hosts(each) if not each.listing else _items(newest_first(each.listing))
    yield BLANK


def _items(items: Sequence[Item]) -> Lines:
    """A row for each item; an address names its host already."""
    shown = items[:_MOST]
    columns: list[tuple[str, Callable[[Item], str]]] = [
        (message("Name or address"), lambda item: _short(item.name) or _NONE),
        (message("Host"), lambda item: item.host or _NONE),
        (message("Size"), lambda item: human_size(item.size)),
        (message("Last used"), lambda item: human_date(item.used)),
    ]
    if all(item.host in item.name for item in shown):
        del columns[1]
    headings = [heading for heading, _ in columns]
    rows = [[cell(item) for _, cell in columns] for item in shown]
    yield from table(headings, rows, right=(len(columns) - 2,))
    yield from _more(len(items) - len(shown))


def _hosts(it: Finding) -> Lines:
    """A line for each host, where the store does not tell its items apart."""
    hosts = ranked(it.hosts)
    for host, count in hosts[:_MOST]:
        yield Line(say("{host} ({count})", host=host, count=count), indent=4)
    yield from _more(len(hosts) - _MOST)


def _more(count: int) -> Lines:
    if count > 0:
        yield Line(say(_MORE, more=count), QUIET, indent=4)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
