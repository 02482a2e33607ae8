"""The text of ``demo``: each step with the command that it stands for."""

from loginfix.demo.run import Demo
from loginfix.reports.layout import BAD, BLANK, GOOD, HEADING, QUIET, Line, Lines, Paragraph
from loginfix.reports.sizes import human_size
from loginfix.reports.text_clear import stores
from loginfix.reports.text_problems import problems
from loginfix.words import message, say

_INTRODUCTION = message(
    "A real Chromium and a real Firefox were recorded while they visited a made-up Amazon and other"
    " sites. This is the whole job on a copy of their profiles, which is deleted at the end. No"
    " browser of yours was touched."
)
_LOOKED = message("1. What would go:  loginfix clear-cache --site amazon --dry-run")
_CLEARED = message("2. Clearing:  loginfix clear-cache --site amazon")
_REMOVED = message("{items} items ({size}) were backed up, read back, and removed.")
_CHECKED = message("3. Looking again:  loginfix clear-cache --site amazon --dry-run")
_NOTHING_LEFT = message("Nothing of {site} is left, and no other file has changed.")
_SOMETHING_LEFT = message("Something of {site} is left. Please report this.")
_RESTORED = message("4. Putting it back:  loginfix restore")
_ALL_BACK = message("{changed} rows and files came back. Everything is as it was.")
_NOT_BACK = message("Not everything came back. Please report this.")
_NEXT = message("Now for your own browsers, which asks before it removes anything:")
_COMMAND = "loginfix clear-cache --site amazon"


def demo(it: Demo) -> Lines:
    """The four steps, and what to do next."""
    site = it.before.request.site.title
    findings = [finding for each in it.cleared.cleared for finding in each.findings]
    items, size = sum(each.items for each in findings), sum(each.size for each in findings)
    yield Paragraph(say(_INTRODUCTION), QUIET)
    yield BLANK
    yield Line(say(_LOOKED), HEADING)
    for each in it.before.profiles:
        yield from stores(each.profile, each.found)
    yield BLANK
    yield Line(say(_CLEARED), HEADING)
    yield Paragraph(say(_REMOVED, items=items, size=human_size(size)), indent=3)
    yield BLANK
    yield Line(say(_CHECKED), HEADING)
    left, style = (_NOTHING_LEFT, GOOD) if it.is_cleared else (_SOMETHING_LEFT, BAD)
    yield Paragraph(say(left, site=site), style, indent=3)
    yield BLANK
    yield Line(say(_RESTORED), HEADING)
    back, style = (_ALL_BACK, GOOD) if it.is_restored else (_NOT_BACK, BAD)
    yield Paragraph(say(back, changed=it.restored.changed), style, indent=3)
    yield from problems(it.problems)
    yield BLANK
    yield Paragraph(say(_NEXT))
    yield Line(_COMMAND, HEADING, indent=2)
