"""Everything that is fuzzed."""

from collections.abc import Iterator

from fuzzing import backups, codecs, stores
from fuzzing.model import Target


def all_targets() -> Iterator[Target]:
    """Those that take no profile first."""
    yield from codecs.targets()
    yield from backups.targets()
    yield from stores.targets()
