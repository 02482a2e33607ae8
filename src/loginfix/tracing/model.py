"""The words of this package: piece, record, hit, verdict, and what a search comes to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from loginfix.browsers.model import Profile
from loginfix.errors import Problem
from loginfix.sites.forms import Names


class Verdict(StrEnum):
    """What a place that names the site is.

    *Protected* is the person's own, such as a bookmark. A *mention* is another site's content.
    *Excluded* is of a group that was not selected. Everything else is a *leftover*.
    """

    LEFTOVER = "leftover"
    EXCLUDED = "excluded"
    MENTION = "mention"
    PROTECTED = "protected"


class Encoding(StrEnum):
    """How a name is spelled in bytes."""

    PLAIN = "plain"
    UTF16 = "utf-16"
    REVERSED = "reversed"
    REVERSED_UTF16 = "reversed utf-16"
    HEX = "hex"
    BASE64 = "base64"
    UNICODE = "unicode"
    PERCENT = "percent-encoded"
    INTERLEAVED = "interleaved"
    HASH = "hash"


class Match(NamedTuple):
    """A name of the site in some bytes; ``start`` and ``end`` are where it is spelled."""

    start: int
    end: int
    host: str
    encoding: Encoding
    is_excluded: bool


@dataclass(frozen=True, slots=True)
class Record:
    """Whose data some bytes are.

    ``names`` are the alternatives under which it is stored; none means that it cannot be told.
    A record with ``keep`` is the person's own. ``mentions`` overrules what the store says of
    whether another site's record may mention the site.
    """

    names: tuple[Names, ...] = ()
    keep: bool = False
    mentions: bool | None = None


UNKNOWN = Record()


class Bounds(NamedTuple):
    """The value that a position lies in, and its record; ``skip`` if it is searched elsewhere."""

    start: int
    end: int
    record: Record
    skip: bool = False


@dataclass(slots=True)
class Piece:
    """Some bytes of a file, to be searched.

    Matches that end behind ``start`` and not behind ``end`` count; what is around them is context.
    ``place`` maps a position to an offset in the file; ``inside`` says what had to be taken apart
    to see the bytes.
    """

    data: bytes
    place: Callable[[int], int]
    record: Record = UNKNOWN
    inside: str = ""
    start: int = 0
    end: int | None = None
    bounds: Callable[[int], Bounds] | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One place that names the site; ``offset`` is in bytes, None for the name of the file."""

    offset: int | None
    host: str
    encoding: Encoding
    inside: str = ""


@dataclass(slots=True)
class Tally:
    """The places of one verdict in one file: how many, and the first few."""

    count: int = 0
    hits: list[Hit] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class TracedFile:
    """A file that names the site, ``path`` below one of the profile's directories."""

    path: Path
    store: str
    tallies: Mapping[Verdict, Tally]


@dataclass(frozen=True, slots=True)
class ProfileTrace:
    """What searching one profile came to; ``size`` in bytes, ``seconds`` of searching."""

    profile: Profile
    files: tuple[TracedFile, ...]
    searched: int = 0
    size: int = 0
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()

    def of(self, verdict: Verdict) -> tuple[TracedFile, ...]:
        """The files with places of this verdict."""
        return tuple(each for each in self.files if verdict in each.tallies)

    def count(self, verdict: Verdict) -> int:
        """How many places have this verdict."""
        return sum(each.tallies[verdict].count for each in self.of(verdict))

    @property
    def leftovers(self) -> tuple[TracedFile, ...]:
        """The files in which something of the site is left."""
        return self.of(Verdict.LEFTOVER)
