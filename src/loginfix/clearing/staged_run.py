"""One run of staged changes: stage store by store, commit, verify, or put everything back."""

import errno
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Self

from loginfix.browsers.model import Engine, Profile
from loginfix.clearing.closing import nothing
from loginfix.clearing.plan import unreadable
from loginfix.clearing.transaction import Transaction
from loginfix.clearing.uninterrupted import uninterrupted
from loginfix.clearing.untouched import Listing, prove_untouched, take_listing
from loginfix.clearing.workspace import StagedRoot
from loginfix.errors import (
    LoginfixError,
    Problem,
    ProfileUnreadableError,
    ProfileWriteError,
    UnsafePathError,
    VerificationError,
)
from loginfix.progress import Doing, Progress, silent
from loginfix.stores.model import Place, Workspace
from loginfix.words import say

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}


class NotPutBackError(ProfileWriteError):
    """A failed run could not put back everything; the originals are kept for ``recover``."""

    code = "not-put-back"


NOT_TIDIED = "not-tidied"
"""The code of the problem that a run was carried out, but has left something for ``recover``."""


class StagedRun:
    """A transaction over profiles whose locks are held.

    Leaving the ``with`` block before ``commit`` leaves every profile as it was. Wherever it comes
    to that, ``when_undone`` is called before the run is forgotten.
    """

    def __init__(
        self,
        journal: Path,
        run_id: str,
        *,
        purpose: str,
        profiles: Sequence[Profile],
        when_undone: Callable[[], None] = nothing,
    ) -> None:
        details = {"profiles": json.dumps([asdict(profile) for profile in profiles], default=str)}
        self._transaction = Transaction.begin(
            journal, run_id, purpose=purpose, details=details, when_undone=when_undone
        )
        self._listings: dict[Path, Listing] = {}
        self._is_open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._is_open:
            self._is_open = False
            self._transaction.abandon()

    def watch(self, root: Path) -> None:
        """Remember what is in a directory, to prove after the commit that only ours changed."""
        if root not in self._listings:
            self._listings[root] = take_listing(root)

    @contextmanager
    def store(self, place: Place, label: str, unit: str = "") -> Iterator[Workspace]:
        """Stage one store, as a part of a ``unit``; if that fails, nothing of it stays staged.

        Raises:
            ProfileWriteError: There is no room for the edited copy; the run cannot go on.
            LoginfixError: The store cannot be edited safely; see ``can_go_on``.
        """
        savepoint = self._transaction.savepoint()
        try:
            with self._transaction.unit(unit and f"{unit} of {place.tree.root}"):
                yield StagedRoot(self._transaction, place.tree.root, label)
        except OSError as error:
            self._transaction.rollback_to(savepoint)
            raise _failure(place, error) from error
        except BaseException:
            self._transaction.rollback_to(savepoint)
            raise

    def commit(
        self,
        *,
        backup: str,
        verify: Callable[[], None] = lambda: None,
        progress: Progress = silent,
    ) -> tuple[Problem, ...]:
        """Prepare, carry out, and verify on the real profiles; any failure puts everything back.

        So does an interruption, which counts until the result is verified. Putting back, and
        removing the originals at the end, cannot be interrupted.

        Returns:
            What is left for ``recover`` of a run that was carried out.

        Raises:
            NotPutBackError: Something else failed first, and then putting back did too.
            LoginfixError: Every profile is as it was; the class says what failed.
        """
        self._transaction.prepare(backup=backup)
        self._is_open = False
        try:
            self._transaction.commit(progress)
            for root, listing in self._listings.items():
                prove_untouched(root, listing, self._targets(root))
            verify()
        except BaseException as error:
            progress(Doing(say("Putting everything back")))
            if problems := self._undo():
                raise _not_put_back(problems[0]) from error
            raise
        progress(Doing(say("Tidying up")))
        try:
            with uninterrupted():
                self._transaction.finish()
        except LoginfixError as error:
            return (_not_tidied(error),)
        return ()

    def _undo(self) -> tuple[Problem, ...]:
        try:
            with uninterrupted():
                return self._transaction.undo()
        except LoginfixError as error:
            return (error.as_problem(),)

    def _targets(self, root: Path) -> set[str]:
        """What changes below a directory, also as a part of another one of the run inside it.

        Opera's profile holds further profiles.
        """
        return {
            (inner.relative_to(root) / target).as_posix()
            for inner in self._listings
            if inner.is_relative_to(root)
            for target in self._transaction.targets(inner)
        }


def profiles_of(details: str) -> list[Profile]:
    """The profiles of a run, out of its journal."""
    profiles = []
    for data in json.loads(details):
        for key in ("path", "cache_path", "user_data", "moved_cache"):
            if data.get(key) is not None:
                data[key] = Path(data[key])
        data["engine"] = Engine(data["engine"])
        data["process_names"] = tuple(data["process_names"])
        profiles.append(Profile(**data))
    return profiles


def can_go_on(error: LoginfixError) -> bool:
    """Whether a store's failure concerns only that store."""
    return isinstance(error, ProfileUnreadableError | VerificationError | UnsafePathError)


def _failure(place: Place, error: OSError) -> LoginfixError:
    if error.errno in _NO_ROOM:
        return ProfileWriteError(
            say(
                "An edited copy of {path} could not be written ({reason}). Nothing was changed.",
                path=place.path,
                reason=error.strerror,
            ),
            next_step=say("Make room on that disk, or make it writable, and run this again."),
            path=place.path,
        )
    return unreadable(place, error)


def _not_put_back(problem: Problem) -> NotPutBackError:
    return NotPutBackError(
        say(
            "The run failed, and not everything could be put back: {message}",
            message=problem.message,
        ),
        next_step=say(
            "Close the browser and run: loginfix recover --undo. Nothing is lost: what was"
            " there is kept beside the profile and in the backup."
        ),
        path=problem.path,
    )


def _not_tidied(error: LoginfixError) -> Problem:
    return Problem(
        NOT_TIDIED,
        say(
            "Everything was done, but what the run needed for it could not all be removed:"
            " {reason}",
            reason=error.message,
        ),
        say("Run: loginfix recover"),
        error.path,
    )
