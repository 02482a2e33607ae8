"""What a search tells of files that it could not search."""

from pathlib import Path

from loginfix.errors import Problem, ProfileUnreadableError
from loginfix.words import say


def unreadable(path: Path, error: OSError) -> ProfileUnreadableError:
    """A directory or file that the system does not let us read."""
    return ProfileUnreadableError(
        say(
            "{path} could not be searched: it cannot be read ({reason}).",
            path=path,
            reason=error.strerror,
        ),
        next_step=say("Check that it belongs to you and that you may read it."),
        path=path,
    )


def not_followed(path: Path) -> Problem:
    """A link, which leads to who knows where."""
    return Problem(
        "not-followed",
        say("{path} is a link; what it leads to was not searched.", path=path),
        say("If you put the link there, search that place with --profile-dir."),
        path,
    )


def partly(path: Path, note: str) -> Problem:
    """A file of which a part could not be looked into."""
    return Problem(
        "searched-partly",
        say("{path} was searched only in part: {note}.", path=path, note=note),
        say("If it matters to you, look into that file yourself."),
        path,
    )
