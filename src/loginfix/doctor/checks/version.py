"""Is the browser so old that sites may refuse it?"""

import re
import tomllib
from datetime import UTC, datetime, time

from loginfix.data import data_root
from loginfix.doctor.model import (
    Answer,
    Cause,
    Check,
    Confidence,
    Remedy,
    Verdict,
    cannot_tell,
    ok,
)
from loginfix.doctor.subject import Subject
from loginfix.words import message, say

_WEEKS_A_VERSION = 4
_WEEKS_SUPPORTED = 60
_MAJOR = re.compile(r"(\d+)\.")
_LAST_VERSION = re.compile(r"^LastVersion=(\d+)\.", re.MULTILINE)


def examine(subject: Subject) -> Answer:
    """Compare the version that last used the profile with what must be out by now."""
    version = _chromium(subject) if subject.is_chromium else _firefox(subject)
    if version is None:
        return cannot_tell(say("The browser's version is not written down."))
    table = tomllib.loads((data_root() / "doctor" / "versions.toml").read_text("utf-8"))
    weeks = (subject.now - datetime.combine(table["date"], time(), UTC)).days / 7
    newest = table["newest"][subject.profile.engine] + max(0, weeks) / _WEEKS_A_VERSION
    behind = (newest - version) * _WEEKS_A_VERSION
    evidence = say("version {version}", version=version)
    if behind < _WEEKS_SUPPORTED:
        return ok(say("The browser is new enough."), evidence)
    return Answer(
        Verdict.SUSPICIOUS,
        say("The browser is old; sites may refuse it or not work in it."),
        (evidence, say("about version {newest} must be out by now", newest=int(newest))),
        Remedy(say("Update the browser.")),
    )


def _chromium(subject: Subject) -> int | None:
    path = subject.profile.user_data / "Last Version"
    if not path.is_file():
        return None
    found = _MAJOR.match(path.read_text("ascii", "replace"))
    return int(found[1]) if found else None


def _firefox(subject: Subject) -> int | None:
    if not subject.exists("compatibility.ini"):
        return None
    found = _LAST_VERSION.search(subject.text("compatibility.ini"))
    return int(found[1]) if found else None


CHECK = Check("version", message("Version of the browser"), Cause.BROWSER, Confidence.LOW, examine)
