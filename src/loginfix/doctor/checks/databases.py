"""Are the databases that a login needs whole?"""

import sqlite3
import time

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
from loginfix.errors import LoginfixError
from loginfix.words import message, say

_CHROMIUM = ("Cookies", "Network/Cookies", "History", "Web Data", "Login Data")
_FIREFOX = ("cookies.sqlite", "places.sqlite", "permissions.sqlite", "storage.sqlite")
_SECONDS = 0.5
_STEPS = 10_000


def examine(subject: Subject) -> Answer:
    """Let SQLite check each, within half a second for all."""
    damaged: list[str] = []
    unfinished: list[str] = []
    deadline = time.monotonic() + _SECONDS
    for rel in _CHROMIUM if subject.is_chromium else _FIREFOX:
        if not subject.exists(rel) or subject.tree.stat(rel).st_size == 0:
            continue
        try:
            with subject.database(rel) as connection:
                connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
                report = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.OperationalError as error:
            (unfinished if "interrupt" in str(error) else damaged).append(f"{rel}: {error}")
            continue
        except (LoginfixError, sqlite3.DatabaseError) as error:
            damaged.append(error.message if isinstance(error, LoginfixError) else f"{rel}: {error}")
            continue
        if report != "ok":
            damaged.append(f"{rel}: {report}")
    copies = sorted(
        entry.name
        for entry in subject.tree.list("")
        if entry.name.endswith((".corrupt", ".bak-rebuild"))
    )
    damaged += [
        say("{name}: the browser has set a damaged database aside", name=name) for name in copies
    ]
    if damaged:
        return Answer(
            Verdict.PROBLEM,
            say("A database of the browser is damaged."),
            tuple(damaged),
            Remedy(
                say(
                    "Start the browser once and close it: it repairs or replaces damaged databases."
                    " If it does not, make a new profile in it."
                )
            ),
        )
    if unfinished:
        return cannot_tell(say("The databases are too large to check quickly."), *unfinished)
    return ok(say("The browser's databases are whole."))


CHECK = Check("databases", message("Databases"), Cause.BROWSER, Confidence.HIGH, examine)
