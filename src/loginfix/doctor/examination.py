"""Running every check; one that fails says "cannot tell" and never stops the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loginfix.browsers.model import Profile
from loginfix.doctor.checks import COMPUTER_CHECKS, PROFILE_CHECKS, marketplaces
from loginfix.doctor.model import (
    Answer,
    Cause,
    Check,
    Confidence,
    Observation,
    S_contra,
    cannot_tell,
)
from loginfix.doctor.subject import Computer, Subject, opened
from loginfix.errors import LoginfixError
from loginfix.progress import Progress, counted, silent
from loginfix.sites.login import Login
from loginfix.sites.site import Site
from loginfix.words import say

PROFILE: Check[Subject] = Check("profile", "Profile", Cause.BROWSER, Confidence.LOW, lambda _: None)
"""What it is called that a profile cannot be opened at all."""


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything that was looked at, and what each look came to."""

    site: Site
    login: Login
    profiles: tuple[Profile, ...]
    observations: tuple[Observation, ...]

    @property
    def signed_in_at(self) -> tuple[str, ...]:
        """The site's domains that have login cookies in any profile."""
        named = [each for each in self.observations if each.check == marketplaces.CHECK.id]
        return tuple(dict.fromkeys(line for each in named for line in each.answer.evidence))


def examine(
    site: Site,
    login: Login,
    profiles: Sequence[Profile],
    computer: Computer,
    *,
    now: datetime,
    progress: Progress = silent,
) -> Examination:
    """Look at this computer and at each profile; nothing is changed."""
    observations = [
        observation for check in COMPUTER_CHECKS if (observation := _observe(check, computer, None))
    ]
    for profile in profiles:
        observations += _examine_profile(profile, site, login, now, progress)
    return Examination(site, login, tuple(profiles), tuple(observations))


def _examine_profile(
    profile: Profile, site: Site, login: Login, now: datetime, progress: Progress
) -> list[Observation]:
    try:
        with opened(profile, site, login, now) as subject:
            doing = say("Looking at {profile}", profile=profile.label)
            checks = counted(progress, doing, PROFILE_CHECKS, len(PROFILE_CHECKS))
            answers = [_observe(check, subject, profile) for check in checks]
            return [each for each in answers if each]
    except OSError as error:
        answer = cannot_tell(
            say("The profile cannot be read ({reason}).", reason=error.strerror), str(profile.path)
        )
        return [_observation(PROFILE, answer, profile)]


def _observe(check: Check[S_contra], what: S_contra, profile: Profile | None) -> Observation | None:
    try:
        answer = check.examine(what)
    except LoginfixError as error:
        answer = cannot_tell(say("It could not be looked at."), error.message)
    except Exception as error:  # noqa: BLE001  what others wrote can be anything
        # Only the kind of error: its text may quote what a browser has stored.
        answer = cannot_tell(say("It could not be looked at."), type(error).__name__)
    return _observation(check, answer, profile) if answer else None


def _observation(check: Check[Any], answer: Answer, profile: Profile | None) -> Observation:
    return Observation(
        check=check.id,
        title=say(check.title),
        cause=check.cause,
        confidence=answer.confidence or check.confidence,
        answer=answer,
        profile=profile.id if profile else None,
        subject=profile.label if profile else "",
    )
