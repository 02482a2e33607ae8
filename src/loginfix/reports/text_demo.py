"""The text of ``demo``: each step with the command that it stands for."""

from loginfix.demo.run import Demo
from loginfix.reports.layout import BAD, BLANK, GOOD, HEADING, QUIET, Line, Lines, Paragraph
from loginfix.reports.sizes import human_size
from loginfix.reports.text_clear import stores
from loginfix.reports.text_problems import problems

_INTRODUCTION = (
    "A real Chromium and a real Firefox were recorded while they visited a made-up Amazon and other"
    " sites. This is the whole job on a copy of their profiles, which is deleted at the end. No"
    " browser of yours was touched."
)
_LOOKED = "1. What would go:  loginfix clear-cache --site amazon --dry-run"
_CLEARED = "2. Clearing:  loginfix clear-cache --site amazon"
_REMOVED = "{items} items ({size}) were backed up, read back, and removed."
_CHECKED = "3. Looking again:  loginfix clear-cache --site amazon --dry-run"
_NOTHING_LEFT = "Nothing of {site} is left, and no other file has changed."
_SOMETHING_LEFT = "Something of {site} is left. Please report this."
_RESTORED = "4. Putting it back:  loginfix restore"
_ALL_BACK = "{changed} rows and files came back. Everything is as it was."
_NOT_BACK = "Not everything came back. Please report this."
_NEXT = "Now for your own browsers, which asks before it removes anything:"
_COMMAND = "loginfix clear-cache --site amazon"


def demo(it: Demo) -> Lines:
    """The four steps, and what to do next."""
    site = it.before.request.site.title
    findings = [finding for each in it.cleared.cleared for finding in each.findings]
    items, size = sum(each.items for each in findings), sum(each.size for each in findings)
    yield Paragraph(_INTRODUCTION, QUIET)
    yield BLANK
    yield Line(_LOOKED, HEADING)
    for each in it.before.profiles:
        yield from stores(each.profile, each.found)
    yield BLANK
    yield Line(_CLEARED, HEADING)
    yield Paragraph(_REMOVED.format(items=items, size=human_size(size)), indent=3)
    yield BLANK
    yield Line(_CHECKED, HEADING)
    left, style = (_NOTHING_LEFT, GOOD) if it.is_cleared else (_SOMETHING_LEFT, BAD)
    yield Paragraph(left.format(site=site), style, indent=3)
    yield BLANK
    yield Line(_RESTORED, HEADING)
    back, style = (_ALL_BACK, GOOD) if it.is_restored else (_NOT_BACK, BAD)
    yield Paragraph(back.format(changed=it.restored.changed), style, indent=3)
    yield from problems(it.problems)
    yield BLANK
    yield Paragraph(_NEXT)
    yield Line(_COMMAND, HEADING, indent=2)
