"""What is said of a session file that is left alone."""

from collections.abc import Iterator
from contextlib import contextmanager

from loginfix.errors import NotUnderstoodError
from loginfix.stores.model import Place
from loginfix.stores.sessions.files import LockedError
from loginfix.words import say


@contextmanager
def understood(place: Place, rel: str) -> Iterator[None]:
    """Turn what a codec or an edit says of a file into an error for the person.

    Raises:
        NotUnderstoodError: The file cannot be edited safely.
    """
    path = place.tree.root / rel
    try:
        yield
    except LockedError as error:
        raise NotUnderstoodError(
            say("{path} was left alone: {error}.", path=path, error=error),
            next_step=say("Unlock the keyring of this account, and run this again."),
            path=path,
        ) from error
    except (ValueError, RecursionError) as error:
        raise NotUnderstoodError(
            say(
                "The open and recently closed tabs of this profile were left alone."
                " {path}: {error}.",
                path=path,
                error=error,
            ),
            next_step=say(
                "Start the browser once and close it, which writes these files anew. Then run"
                " this again. If that does not help, report it with the browser's version."
            ),
            path=path,
        ) from error
