"""Does the browser reach the site through somebody else?"""

from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.subject import Subject
from loginfix.words import message, say

_DIRECT = frozenset({"direct", "system", "auto_detect", None})
# network.proxy.type: 1 by hand, 2 from an address (PAC).
_BY_HAND, _FROM_ADDRESS = 1, 2


def examine(subject: Subject) -> Answer:
    """Read the browser's own settings for a proxy."""
    found = _chromium(subject) if subject.is_chromium else _firefox(subject)
    if found is None:
        return ok(say("The browser has no proxy of its own."))
    return Answer(
        Verdict.SUSPICIOUS,
        say("The browser goes through a proxy; sites trust its address less and ask for CAPTCHAs."),
        (found,),
        Remedy(say("Switch the proxy off for a try.")),
    )


def _chromium(subject: Subject) -> str | None:
    mode = subject.preference("proxy.mode")
    if mode in _DIRECT:
        return None
    return f"{mode}: {subject.preference('proxy.server') or subject.preference('proxy.pac_url')}"


def _firefox(subject: Subject) -> str | None:
    match subject.prefs.get("network.proxy.type"):
        case 1:
            return say(
                "by hand: {server}",
                server=subject.prefs.get("network.proxy.ssl") or say("see the settings"),
            )
        case 2:
            return say(
                "from {address}",
                address=subject.prefs.get("network.proxy.autoconfig_url") or say("an address"),
            )
        case _:
            return None


CHECK = Check("proxy", message("Proxy"), Cause.CAPTCHA, Confidence.LOW, examine)
