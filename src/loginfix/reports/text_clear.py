"""The text of ``clear-cache``: what would go, or what went, and how to get it back."""

from collections.abc import Iterable, Mapping

from loginfix.browsers.model import Profile
from loginfix.clearing.plan import Plan, ProfilePlan, Request
from loginfix.clearing.proof import LEFT_OVER
from loginfix.reports.layout import (
    BLANK,
    GOOD,
    HEADING,
    QUIET,
    WARNING,
    Line,
    Lines,
    Paragraph,
    table,
)
from loginfix.reports.results import Clearing, DryRun
from loginfix.reports.sizes import human_size
from loginfix.reports.text_problems import problems
from loginfix.reports.text_trace import by_store, place
from loginfix.stores.model import Finding
from loginfix.tracing.model import Verdict

QUESTION = "Remove this from your browsers? Type y for yes: "

_PLANNED = "{site}: this would be removed"
_REMOVED = "{site} was removed"
_NOTHING_FOUND = "Nothing of {site} was found. Nothing was changed."
_NOTHING_REMOVED = "Nothing of {site} was removed."
_PROFILE = "{profile}  [{id}]"
_CLEAN = "Nothing of {site} is in {profile}."
_OPEN = "{sentence} It has to be closed before this can be removed."
_HEADINGS = ("What", "Category", "Items", "Size", "Hosts")
_NO_HOSTS = "-"
_HOST = "{host} ({count})"
_TOP_HOSTS = "{hosts} and {more} more"
_TOTAL = "In all: {items} items, {size}."
_TOTAL_ONE = "In all: 1 item, {size}."
_BACKUP_PLANNED = "Before anything is removed, a backup is written to {directory}."
_STAYS = "Everything else stays as it is: other sites, saved passwords, bookmarks, extensions."
_KEPT_COOKIES = "These cookies are kept, as you asked: {names}."
_LEFT_OUT = "These parts of {site} stay. Add one with --group NAME: {groups}."
_PROVEN = (
    "Searched {files} files ({size}, {seconds:.1f} seconds) byte by byte, independently of what"
    " cleared them{result}. Other sites mention the name in {mentions} places, data of your own in"
    " {protected}."
)
_NOTHING_LEFT = ": nothing is left in what was cleared"
_ELSEWHERE = "{site} is still named here:"
_MORE_FILES = " (and {more} more files)"
_SEE_ALL = "To see them all:"
_BACKUP = "The backup is {path}"
_RESTORE = "To put everything back:"
_NEXT = "Next: start the browser, open {site} and log in."

_MOST_HOSTS = 3


def dry_run(it: DryRun) -> Lines:
    """What would be removed, what stays, and where the backup would go."""
    plan, site = it.plan, it.plan.request.site.title
    if plan.is_empty:
        yield Paragraph(_NOTHING_FOUND.format(site=site), HEADING)
    else:
        yield Line(_PLANNED.format(site=site), HEADING)
        for each in plan.profiles:
            yield from _planned(each, site)
        yield BLANK
        yield _total(finding for each in plan.profiles for finding in each.found)
        yield Paragraph(_BACKUP_PLANNED.format(directory=it.backups))
        yield Paragraph(_STAYS)
    yield from _chosen_to_stay(plan.request)
    yield from problems(it.problems)


def clearing(it: Clearing) -> Lines:
    """What was removed, and what comes next."""
    result, site = it.result, it.result.plan.request.site.title
    if not result.cleared:
        yield Paragraph(_nothing(it).format(site=site), HEADING)
        yield from problems(it.problems)
        return
    yield Line(_REMOVED.format(site=site), GOOD)
    for each in result.cleared:
        yield from stores(each.profile, each.findings)
    yield BLANK
    yield _total(finding for each in result.cleared for finding in each.findings)
    yield Paragraph(_STAYS)
    yield from _chosen_to_stay(result.plan.request)
    yield from problems(it.problems)
    yield from _proof(it)
    yield BLANK
    yield Line(_BACKUP.format(path=result.backup_path))
    yield Line(_RESTORE)
    yield Line(it.restore_command, HEADING, indent=2)
    yield BLANK
    yield Paragraph(_NEXT.format(site=site))


def _proof(it: Clearing) -> Lines:
    """What an independent search of the files found afterwards."""
    traces = it.result.traces
    if not traces:
        return
    yield BLANK
    yield Paragraph(
        _PROVEN.format(
            files=sum(each.searched for each in traces),
            size=human_size(sum(each.size for each in traces)),
            seconds=sum(each.seconds for each in traces),
            result="" if any(p.code == LEFT_OVER for p in it.problems) else _NOTHING_LEFT,
            mentions=sum(each.count(Verdict.MENTION) for each in traces),
            protected=sum(each.count(Verdict.PROTECTED) for each in traces),
        )
    )
    left = [file for each in traces for file in each.leftovers]
    if left:
        site = it.result.plan.request.site.title
        yield Paragraph(_ELSEWHERE.format(site=site), WARNING)
        for store, files in by_store(left):
            first = files[0]
            where = place(first.tallies[Verdict.LEFTOVER].hits[0])
            more = _MORE_FILES.format(more=len(files) - 1) if len(files) > 1 else ""
            yield Line(f"{store}: {first.path}, {where}{more}", indent=2)
        yield Line(_SEE_ALL)
        yield Line(it.trace_command, HEADING, indent=2)


def _nothing(it: Clearing) -> str:
    plan: Plan = it.result.plan
    return _NOTHING_FOUND if plan.is_empty else _NOTHING_REMOVED


def _planned(it: ProfilePlan, site: str) -> Lines:
    if not it.found:
        yield BLANK
        yield Paragraph(_CLEAN.format(site=site, profile=it.profile.label), QUIET)
        return
    yield from stores(it.profile, it.found)
    if it.running:
        yield Paragraph(_OPEN.format(sentence=it.running.sentence), WARNING, indent=2)


def stores(profile: Profile, findings: Iterable[Finding]) -> Lines:
    """A profile and a table of its stores."""
    yield BLANK
    yield Line(_PROFILE.format(profile=profile.label, id=profile.id), HEADING)
    rows = [
        (
            each.title,
            each.category,
            str(each.items),
            human_size(each.size),
            _top_hosts(each.hosts),
        )
        for each in findings
    ]
    yield from table(_HEADINGS, rows, right=(2, 3))


def _top_hosts(hosts: Mapping[str, int]) -> str:
    ranked = sorted(hosts.items(), key=lambda pair: (-pair[1], pair[0]))
    top = [_HOST.format(host=host, count=count) for host, count in ranked[:_MOST_HOSTS]]
    if len(ranked) > _MOST_HOSTS:
        return _TOP_HOSTS.format(hosts=", ".join(top), more=len(ranked) - _MOST_HOSTS)
    return ", ".join(top) or _NO_HOSTS


def _total(findings: Iterable[Finding]) -> Paragraph:
    counted = [(each.items, each.size) for each in findings]
    items, size = sum(n for n, _ in counted), sum(n for _, n in counted)
    sentence = _TOTAL_ONE if items == 1 else _TOTAL
    return Paragraph(sentence.format(items=items, size=human_size(size)))


def _chosen_to_stay(request: Request) -> Lines:
    if request.keep_cookies:
        yield Paragraph(_KEPT_COOKIES.format(names=", ".join(sorted(request.keep_cookies))))
    if groups := request.site.excluded_groups:
        yield Paragraph(_LEFT_OUT.format(site=request.site.title, groups=", ".join(groups)))
