"""What editing a log of commands came to."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from loginfix.formats.snss import Command


class UnknownCommandError(ValueError):
    """A command that is not understood and names the site, or one of another shape than known."""


@dataclass(slots=True)
class Edit:
    """Which commands of a log go, which are replaced, and what that means to a person.

    ``pages`` counts the site's pages in open or closed tabs by host, ``references`` what other
    sites' pages said of the site, ``superseded`` what the browser would not have read any more.
    ``lost`` holds the tabs that lose a page, each as the commands of a closed tab.
    """

    commands: Sequence[Command]
    dropped: set[int] = field(default_factory=set)
    replaced: dict[int, Command] = field(default_factory=dict)
    pages: Counter[str] = field(default_factory=Counter)
    tabs: int = 0
    references: int = 0
    superseded: int = 0
    lost: list[list[Command]] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        """Whether anything goes or is replaced."""
        return bool(self.dropped or self.replaced)

    def drop(self, positions: Iterator[int] | Sequence[int] | set[int]) -> None:
        """Let commands go."""
        self.dropped.update(positions)

    def now(self, position: int) -> Command:
        """A command as it will be."""
        return self.replaced.get(position, self.commands[position])

    def result(self) -> list[tuple[int, Command | None]]:
        """The positions that stay, with what stands there instead."""
        return [
            (position, self.replaced.get(position))
            for position in range(len(self.commands))
            if position not in self.dropped
        ]

    def remaining(self) -> list[Command]:
        """The commands as they will be."""
        return [new or self.commands[position] for position, new in self.result()]
