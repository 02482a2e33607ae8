"""The text of ``clear-cache``: what would go, or what went, and how to get it back."""

from collections import Counter
from collections.abc import Iterable, Sequence

from loginfix.api.results import Clearing, DryRun
from loginfix.browsers.model import Profile
from loginfix.clearing.plan import Plan, ProfilePlan
from loginfix.reports.categories import ORDER
from loginfix.reports.clear_sentences import (
    backup_planned,
    open_browsers,
    proof,
    what_stays,
)
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
from loginfix.reports.ranking import top_hosts
from loginfix.reports.sizes import human_date, human_size
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
_HEADINGS = (
    message("Category"),
    message("Items"),
    message("Size"),
    message("Last used"),
    message("Oldest"),
    message("Hosts"),
)
_NONE = "-"
_STAYS = message("What stays, and why")
_THE_BACKUP = message("The backup")
_ELSEWHERE = message("{site} is still named here:")
_MORE_FILES = message(" (and {more} more files)")
_SEE_ALL = message("To see them all:")
_BACKUP = message("The backup:")
_RESTORE = message("To put everything back:")
_NEXT = message("Next: start the browser, open {site} and log in.")

_MOST_HOSTS = 1


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
    yield BLANK
    yield Line(say(_STAYS), HEADING)
    for sentence in open_browsers(plan):
        yield Paragraph(sentence, WARNING, indent=2)
    for sentence in what_stays(plan.request):
        yield Paragraph(sentence, indent=2)
    yield from problems(it.problems)
    if not plan.is_empty:
        yield BLANK
        yield Line(say(_THE_BACKUP), HEADING)
        yield Paragraph(backup_planned(it), indent=2)


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
    for sentence in what_stays(result.plan.request):
        yield Paragraph(sentence)
    yield from problems(it.problems)
    yield from _proof(it)
    yield BLANK
    yield Line(say(_BACKUP))
    yield Line(str(result.backup_path), indent=2)
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
    yield Paragraph(proof(it))
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


def stores(profile: Profile, findings: Sequence[Finding]) -> Lines:
    """A profile and a table of what it holds, by category."""
    yield BLANK
    yield Line(say(_PROFILE, profile=profile.label, id=profile.id), HEADING)
    rows = [_row(group) for each in ORDER if (group := [f for f in findings if f.category == each])]
    yield from table(_HEADINGS, rows, right=(1, 2))


def _row(findings: Sequence[Finding]) -> tuple[str, ...]:
    spans = [each.used for each in findings if each.used]
    hosts = Counter[str]()
    for each in findings:
        hosts.update(each.hosts)
    return (
        say(findings[0].category),
        str(sum(each.items for each in findings)),
        human_size(sum(each.size for each in findings)),
        human_date(max((each.newest for each in spans), default=None)),
        human_date(min((each.oldest for each in spans), default=None)),
        top_hosts(hosts, most=_MOST_HOSTS) or _NONE,
    )


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
