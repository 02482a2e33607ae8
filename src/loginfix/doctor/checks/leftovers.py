"""Did the browser end in the middle of something?"""

from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.subject import Subject
from loginfix.words import message, say

_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")


def examine(subject: Subject) -> Answer | None:
    """Look for hot journals: changes that were begun and neither finished nor taken back."""
    found = []
    for folder in ("", "Network"):
        if folder and not subject.exists(folder):
            continue
        for entry in subject.tree.list(folder):
            if entry.name.endswith("-journal") and entry.is_file() and entry.stat().st_size:
                with subject.tree.open(entry.path) as file:
                    if file.read(len(_JOURNAL_MAGIC)) == _JOURNAL_MAGIC:
                        found.append(entry.path)
    if not found:
        return ok(say("The browser ended in order, as far as its journals tell."))
    return Answer(
        Verdict.SUSPICIOUS,
        say("The browser was ended in the middle of writing."),
        tuple(found),
        Remedy(
            say("Start the browser once and close it in order: it takes back what was half done.")
        ),
    )


CHECK = Check("leftovers", message("Unfinished writing"), Cause.BROWSER, Confidence.LOW, examine)
