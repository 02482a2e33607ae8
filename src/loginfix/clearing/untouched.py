"""Proof that nothing but the planned files changed: the listing of a directory, twice."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

from loginfix.clearing.transaction import STAGING_PREFIX
from loginfix.clearing.writable import parents_of
from loginfix.errors import UnsafePathError, VerificationError
from loginfix.files.tree import Tree
from loginfix.words import say

Listing = dict[str, str]
"""What is in each directory, by its relative path: of every file its name and its facts.

One text for a directory, because there may be a hundred thousand files. The facts are size in
bytes, modification time in nanoseconds and inode; no name and no number has a ``/``, so it stands
between them.
"""

# A Firefox that finds its profile locked has opened the lock file for writing, and counts how often
# that happened to it.
_WRITTEN_WHEN_REFUSED = (".parentlock", "Telemetry.FailedProfileLocks.txt")


def take_listing(root: Path) -> Listing:
    """List every file below a directory.

    What this program stages there is left out, and so is what a browser writes whom the lock that
    we hold keeps from starting.
    """
    with Tree(root) as tree:
        return dict(_folders(tree, ""))


def _folders(tree: Tree, rel: str) -> Iterator[tuple[str, str]]:
    prefix = f"{rel}/" if rel else ""
    below, files = [], []
    try:
        for name, status in tree.statuses(rel):
            if status is None:
                if not name.startswith(STAGING_PREFIX):
                    below.append(prefix + name)
            elif rel or name not in _WRITTEN_WHEN_REFUSED:
                files.append(f"{name}/{status.st_size} {status.st_mtime_ns} {status.st_ino}")
    except (PermissionError, UnsafePathError, FileNotFoundError, NotADirectoryError):
        return  # what we may not read, or do not go into, we cannot have changed either
    if files:
        yield rel, "/".join(files)
    del files
    for folder in below:
        yield from _folders(tree, folder)


def prove_untouched(root: Path, before: Listing, touched: AbstractSet[str]) -> None:
    """Compare with an earlier listing.

    Raises:
        VerificationError: A file that was not ``touched`` by plan, nor lies in a directory that
            was, is new, gone or different.
    """
    after = take_listing(root)
    for folder in before.keys() | after.keys():
        if before.get(folder) == after.get(folder):
            continue
        if not touched.isdisjoint((folder, *parents_of(folder))):
            continue
        prefix = f"{folder}/" if folder else ""
        old, new = (_facts(listing.get(folder, "")) for listing in (before, after))
        for name, _ in old.items() ^ new.items():
            if prefix + name not in touched:
                raise _changed(root / (prefix + name))


def _facts(folder: str) -> dict[str, str]:
    """The facts about each file of a directory, by its name."""
    parts = folder.split("/")
    return dict(zip(parts[::2], parts[1::2], strict=False))


def _changed(path: Path) -> VerificationError:
    return VerificationError(
        say("{path} changed while loginfix was at work. Everything was put back.", path=path),
        next_step=say(
            "Close every program that uses this profile (also backup and sync"
            " programs) and run this again."
        ),
        path=path,
    )
