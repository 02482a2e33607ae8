"""What is being worked on, in a sentence."""

from loginfix.reports.layout import QUIET, Lines, Paragraph

_STEPS = {
    "backup": "Writing the backup and reading it again …",
    "commit": "Changing the profiles …",
    "verify": "Checking every byte …",
}
_PROFILE = "Looking at {profile} …"


def progress(word: str) -> Lines:
    """A step by its name, a sentence as it is, or the name of a profile."""
    is_sentence = word.endswith((".", "。"))
    sentence = word if is_sentence else _STEPS.get(word) or _PROFILE.format(profile=word)
    yield Paragraph(sentence, QUIET)
