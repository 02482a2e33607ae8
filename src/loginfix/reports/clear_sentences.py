"""What the text and the document of ``clear-cache`` say in the same words."""

from collections.abc import Iterator

from loginfix.api.results import Clearing, DryRun
from loginfix.clearing.plan import Plan, Request
from loginfix.clearing.results import LEFT_OVER
from loginfix.reports.categories import ORDER, category_title
from loginfix.reports.sizes import human_size
from loginfix.tracing.model import Verdict
from loginfix.words import message, say

_OTHERS = message(
    "Everything else stays as it is: other sites, saved passwords, bookmarks, extensions."
)
_KEPT_COOKIES = message("These cookies are kept, as you asked: {names}.")
_LEFT_OUT = message("These parts of {site} stay. Add one with --group NAME: {groups}.")
_NOT_CHOSEN = message("These kinds of data stay, as you asked: {categories}.")
_BACKUP_PLANNED = message(
    "Before anything is removed, a backup is written to {directory}. It holds up to {size},"
    " compressed."
)
_PROVEN = message(
    "Searched {files} files ({size}, {seconds:.1f} seconds) byte by byte, independently of what"
    " cleared them{result}. Other sites mention the name in {mentions} places, data of your own in"
    " {protected}."
)
_NOTHING_LEFT = message(": nothing is left in what was cleared")
_OPEN = message("{sentence} It has to be closed before this can be removed.")


def what_stays(request: Request) -> Iterator[str]:
    """What is never touched, and what the person has chosen to keep."""
    yield say(_OTHERS)
    if request.keep_cookies:
        yield say(_KEPT_COOKIES, names=", ".join(sorted(request.keep_cookies)))
    if request.others:
        titles = [category_title(each) for each in ORDER if each in request.others]
        yield say(_NOT_CHOSEN, categories=", ".join(titles))
    if groups := request.site.excluded_groups:
        yield say(_LEFT_OUT, site=request.site.title, groups=", ".join(groups))


def open_browsers(plan: Plan) -> Iterator[str]:
    """Which browsers hold something and have to be closed first."""
    for each in plan.profiles:
        if each.found and each.running:
            yield say(_OPEN, sentence=each.running.sentence)


def backup_planned(it: DryRun) -> str:
    """Where the backup will go, and how large it may become."""
    size = sum(finding.size for each in it.plan.profiles for finding in each.found)
    return say(_BACKUP_PLANNED, directory=it.backups, size=human_size(size))


def proof(it: Clearing) -> str:
    """What an independent search of the files came to."""
    traces = it.result.traces
    return say(
        _PROVEN,
        files=sum(each.searched for each in traces),
        size=human_size(sum(each.size for each in traces)),
        seconds=sum(each.seconds for each in traces),
        result="" if any(p.code == LEFT_OVER for p in it.problems) else say(_NOTHING_LEFT),
        mentions=sum(each.count(Verdict.MENTION) for each in traces),
        protected=sum(each.count(Verdict.PROTECTED) for each in traces),
    )
