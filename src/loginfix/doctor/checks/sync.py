"""Will another device bring back what is cleared here?"""

from loginfix.doctor.model import Answer, Cause, Check, Confidence, ok
from loginfix.doctor.subject import Subject
from loginfix.words import message, say


def examine(subject: Subject) -> Answer:
    """See whether the profile is synchronised."""
    if subject.is_chromium:
        on = bool(
            subject.preference("google.services.last_username")
            or subject.preference("google.services.account_id")
        ) and not subject.preference("sync.disabled", default=False)
    else:
        on = bool(subject.prefs.get("services.sync.username"))
    if not on:
        return ok(say("The profile is not synchronised with other devices."))
    return ok(
        say(
            "The profile is synchronised: history that is cleared here may come back from another"
            " device. Cookies are not synchronised."
        ),
    )


CHECK = Check("sync", message("Synchronisation"), Cause.BROWSER, Confidence.LOW, examine)
