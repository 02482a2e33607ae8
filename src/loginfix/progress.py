"""What is being worked on, and how far it is: told by whatever takes long, shown by ``reports``."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Doing:
    """A sentence for a person, without a full stop, and how many of how many things are done.

    ``total`` is 0 where nobody knows how many there are.
    """

    sentence: str
    done: int = 0
    total: int = 0


Progress = Callable[[Doing], None]
"""Is told what is being worked on. Called often: it has to be quick."""


def silent(_: Doing) -> None:
    """Tell nobody."""


def counted(progress: Progress, sentence: str, things: Iterable[T], total: int) -> Iterator[T]:
    """Give the things one by one, and tell before each how many are done."""
    for done, thing in enumerate(things):
        progress(Doing(sentence, done, total))
        yield thing
    progress(Doing(sentence, total, total))
