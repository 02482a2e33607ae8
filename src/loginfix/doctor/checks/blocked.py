"""May the site set cookies, run scripts, show pictures, open windows, store things?"""

from loginfix.doctor.content_settings import (
    allowed_for_site,
    blocked_by_default,
    blocked_for_site,
)
from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.subject import Subject
from loginfix.sites.forms import FORMS
from loginfix.words import message, say

# Content setting: what it is.
_CHROMIUM = {
    "cookies": message("cookies and stored data"),
    "javascript": message("JavaScript"),
    "images": message("pictures (also those of a CAPTCHA)"),
    "popups": message("windows that the site opens"),
}
# Blocked for everybody unless allowed: only a decision about this site says something.
_USUALLY_BLOCKED = frozenset({"popups"})
_DENY = 2
_FIREFOX_KINDS = {
    "cookie": message("cookie"),
    "image": message("image"),
    "script": message("script"),
    "popup": message("popup"),
}
_FIREFOX_EVERYWHERE = {
    ("network.cookie.cookieBehavior", 2): message("cookies are blocked for all sites"),
    ("javascript.enabled", False): message("JavaScript is switched off"),
    ("permissions.default.image", 2): message("pictures are blocked (also those of a CAPTCHA)"),
    ("dom.storage.enabled", False): message("stored data is switched off"),
    ("dom.indexedDB.enabled", False): message("stored data (IndexedDB) is switched off"),
}


def examine(subject: Subject) -> Answer:
    """Read the settings for this site, then those for all sites."""
    for_site, everywhere = (_chromium if subject.is_chromium else _firefox)(subject)
    if for_site:
        return Answer(
            Verdict.PROBLEM,
            say("Settings block the site from what a login needs."),
            (*for_site, *everywhere),
            Remedy(
                say("Forget what was decided for this site; the browser asks again."),
                subject.clear_command("permissions"),
            ),
        )
    if everywhere:
        return Answer(
            Verdict.PROBLEM,
            say("Settings block all sites from what a login needs."),
            tuple(everywhere),
            Remedy(_where(subject)),
        )
    return ok(say("The site may set cookies, run scripts and show pictures."))


def _where(subject: Subject) -> str:
    page = "chrome://settings/content" if subject.is_chromium else "about:preferences#privacy"
    return say("Open {page} in the browser and allow it, for this site at least.", page=page)


def _chromium(subject: Subject) -> tuple[list[str], list[str]]:
    for_site = [
        say("{what} blocked for {pattern}", what=say(what), pattern=pattern.partition(",")[0])
        for kind, what in _CHROMIUM.items()
        for pattern in blocked_for_site(subject, kind)
    ]
    everywhere = [
        say("{what} blocked for all sites", what=say(what))
        for kind, what in _CHROMIUM.items()
        if kind not in _USUALLY_BLOCKED
        and blocked_by_default(subject, kind)
        and not allowed_for_site(subject, kind)
    ]
    return for_site, everywhere


def _firefox(subject: Subject) -> tuple[list[str], list[str]]:
    everywhere = [
        f"{say(sentence)} ({name} = {subject.prefs[name]})"
        for (name, bad), sentence in _FIREFOX_EVERYWHERE.items()
        if subject.prefs.get(name) == bad
    ]
    if not subject.exists("permissions.sqlite"):
        return [], everywhere
    rows = subject.rows(
        "permissions.sqlite",
        f"SELECT origin, type FROM moz_perms WHERE permission = {_DENY}"
        " AND type IN ('cookie', 'image', 'script', 'popup')",
    )
    for_site = [
        say("{kind} blocked for {origin}", kind=say(_FIREFOX_KINDS[kind]), origin=origin)
        for origin, kind in rows
        if subject.site.owns(FORMS["origin"](origin))
    ]
    return for_site, everywhere


CHECK = Check("blocked", message("What the site may do"), Cause.BROWSER, Confidence.HIGH, examine)
