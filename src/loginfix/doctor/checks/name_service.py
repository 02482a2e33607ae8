"""Does the browser ask a name service of its own?

One that filters may answer that the site, or a part of it, does not exist.
"""

from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.subject import Subject
from loginfix.words import message, say

# network.trr.mode: 2 prefers DNS over HTTPS, 3 uses nothing else (wiki.mozilla.org, TRR).
_TRR = (2, 3)


def examine(subject: Subject) -> Answer:
    """Read the settings for DNS over HTTPS."""
    if subject.is_chromium:
        state = subject.local_state.get("dns_over_https", {})
        servers = str(state.get("templates", "")) if state.get("mode") == "secure" else ""
    else:
        on = subject.prefs.get("network.trr.mode") in _TRR
        servers = str(subject.prefs.get("network.trr.uri", "")) if on else ""
    if not servers:
        return ok(say("The browser asks the system's name service, or its usual one."))
    return Answer(
        Verdict.SUSPICIOUS,
        say("The browser asks a name service that was chosen by hand."),
        (servers,),
        Remedy(say("If it filters, allow the site there, or go back to the default for a try.")),
    )


CHECK = Check("name-service", message("Name service"), Cause.BROWSER, Confidence.LOW, examine)
