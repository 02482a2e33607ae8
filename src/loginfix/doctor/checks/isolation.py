"""Does a strict mode break logins that go through another site?"""

from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.subject import Subject
from loginfix.sites.forms import FORMS
from loginfix.words import message, say

_FIREFOX = {
    ("privacy.firstparty.isolate", True): message("first-party isolation"),
    ("privacy.resistFingerprinting", True): message("resisting fingerprinting"),
    ("network.cookie.lifetimePolicy", 2): message("cookies kept only until the browser is closed"),
    ("browser.privatebrowsing.autostart", True): message("always in private mode"),
}
# Brave's shields, as kept in the content settings (brave-core, brave_shields).
_SHIELDS = ("shieldsAds", "shieldsCookiesV3", "cosmeticFilteringV2", "fingerprintingV2")
_BLOCK = 2
_SESSION_ONLY = 4


def examine(subject: Subject) -> Answer:
    """Read the strict settings of the engine and of Brave."""
    evidence = list(_chromium(subject) if subject.is_chromium else _firefox(subject))
    if not evidence:
        return ok(say("No strict mode is on."))
    return Answer(
        Verdict.SUSPICIOUS,
        say("A strict mode is on that can break logins."),
        tuple(evidence),
        Remedy(say("Switch it off for this site, or try to sign in with another browser.")),
    )


def _chromium(subject: Subject) -> list[str]:
    found = []
    if subject.preference("profile.default_content_setting_values.cookies") == _SESSION_ONLY:
        found.append(say("cookies kept only until the browser is closed"))
    exceptions = subject.preference("profile.content_settings.exceptions", {})
    for kind in _SHIELDS:
        for pattern, value in exceptions.get(kind, {}).items():
            host = FORMS["url"](pattern.partition(",")[0]).host
            if value.get("setting") == _BLOCK and subject.site.owns_host(host):
                found.append(say("Brave's shields ({kind}) for {host}", kind=kind, host=host))
    return found


def _firefox(subject: Subject) -> list[str]:
    return [
        f"{say(what)} ({name})"
        for (name, bad), what in _FIREFOX.items()
        if subject.prefs.get(name) == bad
    ]


CHECK = Check("isolation", message("Strict modes"), Cause.BROWSER, Confidence.MEDIUM, examine)
