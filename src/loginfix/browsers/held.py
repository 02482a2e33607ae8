"""The locks this process holds: each is taken once and shared by whoever needs it.

Profiles of one user data directory share one lock, and a lock we hold must not be probed: the
probe would find ourselves, and closing the probed file could drop the lock.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

Release = Callable[[], None]


@dataclass(slots=True)
class _Held:
    release: Release
    users: int = 0


_held: dict[Path, _Held] = {}


def is_held(file: Path) -> bool:
    """Whether this process holds the lock that ``file`` stands for."""
    return file in _held


@contextmanager
def shared(file: Path, take: Callable[[], Release]) -> Iterator[None]:
    """Hold the lock of ``file``; ``take`` gets it and returns how to give it back."""
    if file not in _held:
        _held[file] = _Held(take())
    held = _held[file]
    held.users += 1
    try:
        yield
    finally:
        held.users -= 1
        if not held.users:
            del _held[file]
            held.release()
