"""The likeliest cause, and the one thing to do next."""

from collections.abc import Sequence
from dataclasses import dataclass

from loginfix.browsers.model import Profile
from loginfix.doctor.examination import Examination
from loginfix.doctor.model import Cause, Observation, Remedy, Verdict, strongest
from loginfix.words import say


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What an examination comes to.

    ``findings`` are in the order of how well they explain a failing login. ``remedy`` is the one
    next step. ``unseen`` are the causes that cannot be known here, in the order to think of them.
    ``help`` is the site's own page.
    """

    examination: Examination
    findings: tuple[Observation, ...]
    remedy: Remedy
    unseen: tuple[Cause, ...]
    help: str | None

    @property
    def likeliest(self) -> Observation | None:
        """The finding that explains it best; None where nothing was found."""
        return self.findings[0] if self.findings else None


def diagnose(
    examination: Examination, installed: Sequence[Profile], *, language: str = "en"
) -> Diagnosis:
    """Weigh the findings; ``installed`` are all profiles that this person has."""
    findings = tuple(strongest(examination.observations))
    first = findings[0].answer.remedy if findings else None
    known = {each.cause for each in findings if each.answer.verdict is Verdict.PROBLEM}
    return Diagnosis(
        examination,
        findings,
        first or _another_browser(examination, installed),
        tuple(cause for cause in Cause if cause is not Cause.BROWSER and cause not in known),
        examination.login.help_for(examination.signed_in_at, language),
    )


def _another_browser(examination: Examination, installed: Sequence[Profile]) -> Remedy:
    used = {profile.brand for profile in examination.profiles}
    other = next((each.brand_name for each in installed if each.brand not in used), None)
    if other:
        return Remedy(
            say(
                "Check address and password, then try to sign in with {other}, which is installed"
                " here too.",
                other=other,
            )
        )
    return Remedy(
        say(
            "Check address and password. If they are right, clear what the browser keeps"
            " of the site."
        ),
        ("clear-cache", "--site", examination.site.name),
    )
