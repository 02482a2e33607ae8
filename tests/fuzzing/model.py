"""What is fuzzed: a parser, how it refuses, and what it is given to begin with."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

FINDINGS = Path(__file__).parents[1] / "data" / "fuzz"
"""Inputs that once broke a promise, by target: each is tried again in every run of the tests."""


@dataclass(frozen=True)
class Target:
    """``run`` parses an input; ``refusals`` are the errors by which it may say no.

    ``run`` raises ``AssertionError`` where a result is not correct. ``seeds`` are made when they
    are needed. ``weight`` says how much of the time it gets.
    """

    name: str
    run: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...]
    seeds: Callable[[], Sequence[bytes]]
    weight: float = 1.0

    def takes(self, data: bytes) -> bool:
        """Whether the input is parsed, not refused; whatever else it raises is a finding."""
        try:
            self.run(data)
        except self.refusals:
            return False
        return True

    def kept(self) -> list[Path]:
        """The inputs that once broke a promise."""
        return sorted(each for each in (FINDINGS / self.name).glob("*") if each.is_file())


def name_of(data: bytes) -> str:
    """What a kept input is called."""
    return hashlib.sha256(data).hexdigest()[:16]
