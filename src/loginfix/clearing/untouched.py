"""Proof that nothing but the planned files changed: the listing of a directory, twice."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path

from loginfix.clearing.transaction import STAGING_PREFIX
from loginfix.clearing.writable import parents_of
from loginfix.errors import UnsafePathError, VerificationError
from loginfix.files.tree import Entry, Tree
from loginfix.words import say

Listing = dict[str, tuple[int, int, int]]
"""Size in bytes, modification time in nanoseconds and inode by relative path."""

# A Firefox that finds its profile locked has opened the lock file for writing, and counts how often
# that happened to it.
_WRITTEN_WHEN_REFUSED = (".parentlock", "Telemetry.FailedProfileLocks.txt")


def take_listing(root: Path) -> Listing:
    """List every file below a directory.

    What this program stages there is left out, and so is what a browser writes whom the lock that
    we hold keeps from starting.
    """
    with Tree(root) as tree:
        listing = {}
        for entry in _files(tree, ""):
            if entry.path in _WRITTEN_WHEN_REFUSED:
                continue
            with suppress(FileNotFoundError):  # just gone: the other listing tells
                status = entry.stat()
                listing[entry.path] = (status.st_size, status.st_mtime_ns, status.st_ino)
        return listing


def _files(tree: Tree, rel: str) -> Iterator[Entry]:
    try:
        entries = list(tree.list(rel))
    except (PermissionError, UnsafePathError, FileNotFoundError, NotADirectoryError):
        return  # what we may not read, or do not go into, we cannot have changed either
    for entry in entries:
        if entry.is_dir():
            if not entry.name.startswith(STAGING_PREFIX):
                yield from _files(tree, entry.path)
        else:
            yield entry


def prove_untouched(root: Path, before: Listing, touched: AbstractSet[str]) -> None:
    """Compare with an earlier listing.

    Raises:
        VerificationError: A file that was not ``touched`` by plan, nor lies in a directory that
            was, is new, gone or different.
    """
    after = take_listing(root)
    for path in before.keys() | after.keys():
        if before.get(path) != after.get(path) and touched.isdisjoint((path, *parents_of(path))):
            raise VerificationError(
                say(
                    "{path} changed while loginfix was at work. Everything was put back.",
                    path=root / path,
                ),
                next_step=say(
                    "Close every program that uses this profile (also backup and sync"
                    " programs) and run this again."
                ),
                path=root / path,
            )
