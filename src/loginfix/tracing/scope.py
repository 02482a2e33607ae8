"""Which files of a profile are searched."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a profile is searched: all, or only what is at or below some paths."""

    paths: frozenset[Path] | None = None

    def covers(self, path: Path) -> bool:
        """Whether a file is to be searched."""
        return self.paths is None or is_within(path, self.paths)

    def leads_on(self, folder: Path) -> bool:
        """Whether something in a folder may have to be searched."""
        return self.covers(folder) or any(path.is_relative_to(folder) for path in self.paths or ())


def is_within(path: Path, paths: Collection[Path]) -> bool:
    """Whether a file is at or below one of some paths, or accompanies a database there."""
    return any(
        path.with_name(path.name.removesuffix(suffix)) in paths
        for suffix in ("", "-wal", "-shm", "-journal")
    ) or not set(path.parents).isdisjoint(paths)


EVERYTHING = Scope()
