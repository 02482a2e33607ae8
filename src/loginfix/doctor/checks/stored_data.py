"""Can the browser open what sites have stored?"""

from typing import BinaryIO

from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.subject import Subject
from loginfix.formats.leveldb import LevelDBError, read_database
from loginfix.words import message, say

_STORES = ("Local Storage/leveldb", "Session Storage", "Service Worker/Database")
_LARGEST = 64 << 20


def examine(subject: Subject) -> Answer | None:
    """Read the LevelDB databases whose loss a login would notice."""
    if not subject.is_chromium:
        return None
    damaged = []
    for rel in _STORES:
        if not subject.exists(rel):
            continue
        files = [entry for entry in subject.tree.list(rel) if entry.is_file()]
        if sum(entry.stat().st_size for entry in files) > _LARGEST:
            continue

        def opened(name: str, rel: str = rel) -> BinaryIO:
            return subject.tree.open(f"{rel}/{name}")

        try:
            read_database([entry.name for entry in files], opened).check()
        except LevelDBError as error:
            damaged.append(f"{rel}: {error}")
    if not damaged:
        return ok(say("What sites have stored can be read."))
    return Answer(
        Verdict.PROBLEM,
        say("What sites have stored is damaged."),
        tuple(damaged),
        Remedy(
            say("Start the browser once and close it: it repairs or replaces damaged databases.")
        ),
    )


CHECK = Check("stored-data", message("Stored data"), Cause.BROWSER, Confidence.MEDIUM, examine)
