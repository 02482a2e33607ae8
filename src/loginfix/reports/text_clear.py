"""The text of ``clear-cache``: what would go, or what went, and how to get it back."""

from collections.abc import Iterable, Mapping

from loginfix.api.results import Clearing, DryRun
from loginfix.browsers.model import Profile
from loginfix.clearing.plan import Plan, ProfilePlan, Request
from loginfix.clearing.results import LEFT_OVER
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
from loginfix.reports.sizes import human_size
from loginfix.reports.text_problems import problems
from loginfix.reports.text_trace import by_store, place
from loginfix.stores.model import Finding
from loginfix.tracing.model import Verdict
from loginfix.words import message, say, say_count

QUESTION = message("Remove this from your browsers? Type y for yes: ")

_PLANNED = message("{site}: this would be removed")
_REMOVED = message("{site} was removed")
_NOTHING_FOUND = message("Nothing of {site} was found. Nothing was changed.")
_NOTHING_REMOVED = message("Nothing of {site} was removed.")
_PROFILE = message("{profile}  [{id}]")
_CLEAN = message("Nothing of {site} is in {profile}.")
_OPEN = message("{sentence} It has to be closed before this can be removed.")
_HEADINGS = (
    message("What"),
    message("Category"),
    message("Items"),
    message("Size"),
    message("Hosts"),
)
_NO_HOSTS = "-"
_HOST = message("{host} ({count})")
_TOP_HOSTS = message("{hosts} and {more} more")
_BACKUP_PLANNED = message("Before anything is removed, a backup is written to {directory}.")
_STAYS = message(
    "Everything else stays as it is: other sites, saved passwords, bookmarks, extensions."
)
_KEPT_COOKIES = message("These cookies are kept, as you asked: {names}.")
_LEFT_OUT = message("These parts of {site} stay. Add one with --group NAME: {groups}.")
_PROVEN = message(
    "Searched {files} files ({size}, {seconds:.1f} seconds) byte by byte, independently of what"
    " cleared them{result}. Other sites mention the name in {mentions} places, data of your own in"
    " {protected}."
)
_NOTHING_LEFT = message(": nothing is left in what was cleared")
_ELSEWHERE = message("{site} is still named here:")
_MORE_FILES = message(" (and {more} more files)")
_SEE_ALL = message("To see them all:")
_BACKUP = message("The backup is {path}")
_RESTORE = message("To put everything back:")
_NEXT = message("Next: start the browser, open {site} and log in.")

_MOST_HOSTS = 3


def dry_run(it: DryRun) -> Lines:
    """What would be removed, what stays, and where the backup would go."""
    plan, site = it.plan, it.plan.request.site.title
    if plan.is_empty:
        yield Paragraph(say(_NOTHING_FOUND, site=site), HEADING)
    else:
        yield Line(say(_PLANNED, site=site), HEADING)
        for each in plan.profiles:
            yield from _planned(each, site)
        yield BLANK
        yield _total(finding for each in plan.profiles for finding in each.found)
        yield Paragraph(say(_BACKUP_PLANNED, directory=it.backups))
        yield Paragraph(say(_STAYS))
    yield from _chosen_to_stay(plan.request)
    yield from problems(it.problems)


def clearing(it: Clearing) -> Lines:
    """What was removed, and what comes next."""
    result, site = it.result, it.result.plan.request.site.title
    if not result.cleared:
        yield Paragraph(say(_nothing(it), site=site), HEADING)
        yield from problems(it.problems)
        return
    yield Line(say(_REMOVED, site=site), GOOD)
    for each in result.cleared:
        yield from stores(each.profile, each.findings)
    yield BLANK
    yield _total(finding for each in result.cleared for finding in each.findings)
    yield Paragraph(say(_STAYS))
    yield from _chosen_to_stay(result.plan.request)
    yield from problems(it.problems)
    yield from _proof(it)
    yield BLANK
    yield Line(say(_BACKUP, path=result.backup_path))
    yield Line(say(_RESTORE))
    yield Line(it.restore_command, HEADING, indent=2)
    if it.encrypted_to:
        keys = ", ".join(it.encrypted_to)
        yield Paragraph(say("Only with the secret key of {keys} can it be put back.", keys=keys))
    yield Paragraph(
        say("What was removed, logins included, lives on in this backup until you delete it:")
    )
    yield Line(it.delete_command, HEADING, indent=2)
    yield BLANK
    yield Paragraph(say(_NEXT, site=site))


def _proof(it: Clearing) -> Lines:
    """What an independent search of the files found afterwards."""
    traces = it.result.traces
    if not traces:
        return
    yield BLANK
    yield Paragraph(
        say(
            _PROVEN,
            files=sum(each.searched for each in traces),
            size=human_size(sum(each.size for each in traces)),
            seconds=sum(each.seconds for each in traces),
            result="" if any(p.code == LEFT_OVER for p in it.problems) else say(_NOTHING_LEFT),
            mentions=sum(each.count(Verdict.MENTION) for each in traces),
            protected=sum(each.count(Verdict.PROTECTED) for each in traces),
        )
    )
    left = [file for each in traces for file in each.leftovers]
    if left:
        site = it.result.plan.request.site.title
        yield Paragraph(say(_ELSEWHERE, site=site), WARNING)
        for store, files in by_store(left):
            first = files[0]
            where = place(first.tallies[Verdict.LEFTOVER].hits[0])
            more = say(_MORE_FILES, more=len(files) - 1) if len(files) > 1 else ""
            yield Line(f"{say(store)}: {first.path}, {where}{more}", indent=2)
        yield Line(say(_SEE_ALL))
        yield Line(it.trace_command, HEADING, indent=2)


def _nothing(it: Clearing) -> str:
    plan: Plan = it.result.plan
    return _NOTHING_FOUND if plan.is_empty else _NOTHING_REMOVED


def _planned(it: ProfilePlan, site: str) -> Lines:
    if not it.found:
        yield BLANK
        yield Paragraph(say(_CLEAN, site=site, profile=it.profile.label), QUIET)
        return
    yield from stores(it.profile, it.found)
    if it.running:
        yield Paragraph(say(_OPEN, sentence=it.running.sentence), WARNING, indent=2)


def stores(profile: Profile, findings: Iterable[Finding]) -> Lines:
    """A profile and a table of its stores."""
    yield BLANK
    yield Line(say(_PROFILE, profile=profile.label, id=profile.id), HEADING)
    rows = [
        (
            say(each.title),
            say(each.category),
            str(each.items),
            human_size(each.size),
            _top_hosts(each.hosts),
        )
        for each in findings
    ]
    yield from table(_HEADINGS, rows, right=(2, 3))


def _top_hosts(hosts: Mapping[str, int]) -> str:
    ranked = sorted(hosts.items(), key=lambda pair: (-pair[1], pair[0]))
    top = [say(_HOST, host=host, count=count) for host, count in ranked[:_MOST_HOSTS]]
    if len(ranked) > _MOST_HOSTS:
        return say(_TOP_HOSTS, hosts=", ".join(top), more=len(ranked) - _MOST_HOSTS)
    return ", ".join(top) or _NO_HOSTS


def _total(findings: Iterable[Finding]) -> Paragraph:
    counted = [(each.items, each.size) for each in findings]
    items, size = sum(n for n, _ in counted), sum(n for _, n in counted)
    total = say_count(
        "In all: {count} item, {size}.",
        "In all: {count} items, {size}.",
        items,
        size=human_size(size),
    )
    return Paragraph(total)


def _chosen_to_stay(request: Request) -> Lines:
    if request.keep_cookies:
        yield Paragraph(say(_KEPT_COOKIES, names=", ".join(sorted(request.keep_cookies))))
    if groups := request.site.excluded_groups:
        yield Paragraph(say(_LEFT_OUT, site=request.site.title, groups=", ".join(groups)))
