"""Errors and problems in words: what happened, then what the person can do."""

from collections.abc import Iterable

from loginfix.errors import Problem
from loginfix.reports.layout import BAD, BLANK, QUIET, WARNING, Line, Lines, Paragraph
from loginfix.words import message, say

ERROR = message("Error: {message}")
LEFT_ALONE = message("Left alone, with the reason:")
MISUSE_NEXT = message("See: {command} --help")
UNEXPECTED = message("Something unexpected went wrong ({kind}).")
UNEXPECTED_NEXT = message(
    "Please report this, with the command and what it prints with --debug. If a profile was being"
    " changed, run: loginfix recover"
)
INTERRUPTED = message("Interrupted. Nothing in your browsers was changed.")
INTERRUPTED_NEXT = message("Run the command again when you are ready.")
INTERRUPTED_UNFINISHED = message("Interrupted before everything was finished.")
INTERRUPTED_UNFINISHED_NEXT = message("Run: loginfix recover")
NOT_CONFIRMED = message("Nothing was changed: you did not say yes.")
NOT_CONFIRMED_NEXT = message("Run the command again, and answer y if you want it to go on.")
CANNOT_ASK = message(
    "Nothing was changed: this needs your yes, and there is no terminal to ask on."
)
CANNOT_ASK_NEXT = message("See what would happen with --dry-run. Then add --yes.")
CANNOT_ASK_IN_JSON = message(
    "Nothing was changed: with --json there is no question, so --yes is needed."
)


def error(it: Problem) -> Lines:
    """An error that ended the command."""
    yield Paragraph(say(ERROR, message=it.message), BAD)
    yield Paragraph(it.next_step)


def problems(those: Iterable[Problem]) -> Lines:
    """What was left alone while the rest went on; nothing if there is nothing."""
    for number, it in enumerate(those):
        if number == 0:
            yield BLANK
            yield Line(say(LEFT_ALONE), WARNING)
        yield Paragraph(it.message, indent=2)
        yield Paragraph(it.next_step, QUIET, indent=4)
