"""The whole content of a small file: as it is, or as another store of this run has staged it."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from loginfix.errors import (
    DamagedFileError,
    NotUnderstoodError,
    ProfileUnreadableError,
    VerificationError,
)
from loginfix.files.exact import write_exactly
from loginfix.files.reading import read_up_to
from loginfix.stores.model import Place, Workspace
from loginfix.words import say


def read_content(place: Place, work: Workspace | None = None, *, limit: int) -> bytes:
    """Read a file of at most ``limit`` bytes.

    Raises:
        NotUnderstoodError: It is larger.
        ProfileUnreadableError: It is not there.
    """
    staged = work.staged(place.rel) if work else None
    if staged is not None:
        return staged.read_bytes()
    try:
        with place.tree.open(place.rel) as file:
            content = read_up_to(file, limit + 1)
    except FileNotFoundError as error:
        raise ProfileUnreadableError(
            say("{path} is not there, so nothing can be put back into it.", path=place.path),
            next_step=say(
                "Start the browser once and close it, so that it makes the file anew."
                " Then restore again."
            ),
            path=place.path,
        ) from error
    if len(content) > limit:
        raise NotUnderstoodError(
            say(
                "{path} was left alone: it is larger than {limit} MiB, which no browser makes it.",
                path=place.path,
                limit=limit >> 20,
            ),
            next_step=say(
                "If the browser works, delete the file while it is closed: it is made anew."
            ),
            path=place.path,
        )
    return content


def stage_content(place: Place, work: Workspace, content: bytes) -> None:
    """Stage a file's new content."""
    staged = work.scratch(place.rel.rpartition("/")[2])
    write_exactly(staged, content)
    work.replace(place.rel, staged)


@contextmanager
def understood(place: Place, kind: type[ValueError]) -> Iterator[None]:
    """Say of a file that its codec cannot read, with this kind of error, that it was left alone.

    Raises:
        DamagedFileError: It cannot.
    """
    try:
        yield
    except kind as error:
        raise DamagedFileError(
            say("{path} was left alone: {error}.", path=place.path, error=error),
            next_step=say(
                "Start the browser once and close it: it repairs or replaces damaged files."
                " Then run this again."
            ),
            path=place.path,
        ) from error


def digest(content: bytes) -> str:
    """The SHA-256 of a content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def not_proven(place: Place) -> VerificationError:
    """The error for an edited copy that is not what it should be."""
    return VerificationError(
        say(
            "The edited copy of {path} is not what it should be. It was not used.", path=place.path
        ),
        next_step=say("Nothing was changed. Please report this, with the browser's version."),
        path=place.path,
    )
