"""What the guide says between its steps; what a step comes to is told as its own verb tells it."""

from collections.abc import Sequence

from loginfix.api.results import BrowserList, Consultation
from loginfix.reports import text_doctor
from loginfix.reports.layout import BLANK, HEADING, QUIET, WARNING, Line, Lines, Paragraph, fields
from loginfix.reports.text_problems import problems
from loginfix.sites.known_site import Group, KnownSite
from loginfix.words import message, say, say_count

ASK_SITE = message("Its name or address, such as example.com (Enter for {site}): ")
ASK_WHICH = message("Type 1 or 2 (Enter for 1): ")
ASK_ANYWAY = message("See what that would remove? Type y for yes: ")
ASK_CLOSED = message("Enter when it is closed, c to have it asked to close, s to leave it out: ")


def welcome() -> Lines:
    """What is going to happen, and that nothing happens yet."""
    yield Line("loginfix", HEADING)
    yield Paragraph(
        say(
            "Leads you from a login that fails to one that may work: it takes everything of one"
            " site out of your browsers, with a backup, and leaves every other site as it is."
        )
    )
    yield Paragraph(
        say(
            "Nothing is changed before you say yes. Ctrl-C stops. Each step names the command that"
            " does the same."
        ),
        QUIET,
    )


def step(number: int, title: str, command: str) -> Lines:
    """The head of a step, with the command it stands for."""
    yield BLANK
    yield Line(f"{number}. {title}", HEADING)
    yield Line(command, QUIET, indent=3)
    yield BLANK


def browsers(it: BrowserList) -> Lines:
    """A line for each profile."""
    yield from fields(
        [
            (each.profile.label, say("open now") if each.running else say("closed"))
            for each in it.profiles
        ],
        indent=3,
    )
    yield from problems(it.problems)


def sites(known: Sequence[KnownSite]) -> Lines:
    """The sites known by name, and what of each goes."""
    for each in known:
        yield Line(f"{each.name}: {each.called}", indent=3)
        yield Paragraph(
            say("With {groups}.", groups=_titles(each.groups, chosen=True)), QUIET, indent=5
        )
        if others := _titles(each.groups, chosen=False):
            yield Paragraph(
                say("Without {groups}: name one of these by its own address.", groups=others),
                QUIET,
                indent=5,
            )


def advice(it: Consultation) -> Lines:
    """The likeliest cause and what to do about it."""
    yield from text_doctor.in_short(it)
    more = len(it.diagnosis.findings[1:])
    if more:
        yield Paragraph(
            say_count(
                "{count} more thing was noticed; that command shows it.",
                "{count} more things were noticed; that command shows them.",
                more,
            ),
            QUIET,
            indent=2,
        )


def choice(site: str, advised: str, everything: str) -> Lines:
    """What to remove: what the advice says, or everything."""
    yield BLANK
    yield Line(say("1  only that"), indent=3)
    yield Line(advised, QUIET, indent=6)
    yield Line(say("2  everything of {site}, in every browser", site=site), indent=3)
    yield Line(everything, QUIET, indent=6)


def anyway(site: str, everything: str) -> Lines:
    """Removing everything may help where nothing was found for which it is the remedy."""
    yield BLANK
    yield Paragraph(
        say("If that does not help, removing everything of {site} may:", site=site), indent=3
    )
    yield Line(everything, QUIET, indent=6)


def still_open(sentence: str) -> Lines:
    """A browser has to be closed first."""
    yield BLANK
    yield Paragraph(say("{sentence} It has to be closed first.", sentence=sentence), WARNING)


def _titles(groups: Sequence[Group], *, chosen: bool) -> str:
    return ", ".join(each.called for each in groups if each.default is chosen)
