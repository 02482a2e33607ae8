"""``loginfix`` alone, at a terminal: the whole job, step by step, in plain words.

Each step is one command, named as it would be typed and done by the function that its verb calls;
what is to be removed is read from the words of that command by the verb's own parser.
"""

from collections.abc import Sequence

import click

from loginfix.api.clear import clear, find_selected
from loginfix.api.diagnose import diagnose
from loginfix.api.installed import installed_browsers, known_sites
from loginfix.api.machine import Machine
from loginfix.api.results import Clearing, Consultation, DryRun
from loginfix.browsers.running import running_state
from loginfix.clearing.selection import Selection
from loginfix.cli.clear_cache import clear_cache
from loginfix.cli.selection import take_selection
from loginfix.cli.session import Consent, Session
from loginfix.errors import UnknownSiteError
from loginfix.reports import text_clear, text_guide, text_problems
from loginfix.words import say

_FAVOURITE = "amazon"


def guide(session: Session) -> Clearing | DryRun | Consultation:
    """Lead through the job; every question can be answered with Ctrl-C, or the end of input.

    Raises:
        NotConfirmedError: An answer was missing, or not yes; nothing was changed.
        LoginfixError: A step failed; the class says why.
    """
    session.renderer.tell(text_guide.welcome())
    _browsers(session)
    site = _site(session)
    advice = _doctor(session, site)
    words = _what(session, advice, site)
    if words is None:
        return advice
    found = _look(session, words)
    return found if found.plan.is_empty else _clear(session, found, words)


def _browsers(session: Session) -> None:
    _step(session, 1, say("The browsers on this computer"), "browsers")
    session.renderer.tell(text_guide.browsers(installed_browsers(progress=session.progress)))


def _site(session: Session) -> str:
    """Which site; asked again until it is one."""
    _step(session, 2, say("The site that you cannot log in to"), "sites")
    session.renderer.tell(text_guide.sites(known_sites().sites))
    while True:
        site = session.ask(say(text_guide.ASK_SITE, site=_FAVOURITE)) or _FAVOURITE
        try:
            Machine().catalog.resolve(site)
        except UnknownSiteError as error:
            session.renderer.tell(text_problems.error(error.as_problem()))
        else:
            return site


def _doctor(session: Session, site: str) -> Consultation:
    _step(session, 3, say("Why the login may fail"), "doctor", "--site", site)
    advice = diagnose(site, progress=session.progress)
    session.renderer.tell(text_guide.advice(advice))
    return advice


def _what(session: Session, advice: Consultation, site: str) -> Sequence[str] | None:
    """The command that removes something; None where the person wants to remove nothing."""
    title = advice.diagnosis.examination.site.title
    everything = ("clear-cache", "--site", site)
    advised = advice.diagnosis.remedy.command
    if not advised:
        session.renderer.tell(text_guide.anyway(title, Machine().command(*everything)))
        return everything if session.confirms(say(text_guide.ASK_ANYWAY)) else None
    if _selection(advised) == _selection(everything):
        return everything
    session.renderer.tell(
        text_guide.choice(title, Machine().command(*advised), Machine().command(*everything))
    )
    while True:
        answer = session.ask(say(text_guide.ASK_WHICH)) or "1"
        if answer in ("1", "2"):
            return advised if answer == "1" else everything


def _look(session: Session, words: Sequence[str]) -> DryRun:
    _step(session, 4, say("What would be removed"), *words, "--dry-run")
    return find_selected(_selection(words), progress=session.progress)


def _clear(session: Session, found: DryRun, words: Sequence[str]) -> Clearing:
    Consent(session, given=False).ask(found, text_clear.QUESTION)
    close = _closing(session, found)
    _step(session, 5, say("Removing it"), *words, *(["--close-browser"] if close else []))
    session.journal = found.machine.directories.journal
    return clear(found, close_browsers=close, progress=session.progress)


def _closing(session: Session, found: DryRun) -> bool:
    """Wait until what has to be closed is closed; whether it is to be asked to close instead."""
    for profile in [each.profile for each in found.plan.profiles if each.found]:
        while running := running_state(profile):
            session.renderer.tell(text_guide.still_open(running.sentence))
            match session.ask(say(text_guide.ASK_CLOSED)).lower():
                case "c":
                    return True
                case "s":
                    break
    return False


def _step(session: Session, number: int, title: str, *words: str) -> None:
    session.renderer.tell(text_guide.step(number, title, Machine().command(*words)))


def _selection(words: Sequence[str]) -> Selection:
    """What these words of a command select."""
    here = click.get_current_context()
    with clear_cache.make_context(words[0], list(words[1:]), parent=here) as ctx:
        return take_selection(ctx.params)
