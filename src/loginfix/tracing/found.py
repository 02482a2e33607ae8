"""What a search has found so far. Parts of it may come from other processes."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from loginfix.errors import Problem
from loginfix.tracing.model import Hit, Match, Tally, Verdict

MOST_HITS = 5
"""So many places of a verdict are kept for each file; all are counted."""

_MOST_CANDIDATES = 50_000
_URL = re.compile(rb"https?://[^\s\x00-\x20\"'<>\\^]{1,2048}")

Traced = tuple[Path, str]
"""A file by its root and its path below it."""

Tallies = dict[Verdict, Tally]


@dataclass(slots=True)
class Found:
    """What some files hold, in a form that is fit for ``pickle``.

    ``hashed`` are files in which the site may be named by a hash: they can be searched when all
    ``hosts`` and ``urls`` of the site are known. ``size`` is in bytes.
    """

    files: dict[Traced, Tallies] = field(default_factory=dict)
    hashed: list[Traced] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    urls: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    searched: int = 0
    size: int = 0

    def note(self, file: Traced, verdict: Verdict, hit: Hit) -> None:
        """Count a place that names the site."""
        tally = self.files.setdefault(file, {}).setdefault(verdict, Tally())
        tally.count += 1
        if len(tally.hits) < MOST_HITS:
            tally.hits.append(hit)
            tally.hosts.add(hit.host)

    def remember(self, data: bytes, match: Match) -> None:
        """Keep a host and its address as candidates for hashes."""
        if len(self.hosts) < _MOST_CANDIDATES:
            self.hosts.add(match.host)
        if len(self.urls) < _MOST_CANDIDATES:
            end = data.rfind(b"://", max(0, match.start - 3), match.start)
            start = data.rfind(b"http", max(0, end - 5), max(0, end))
            if start >= 0 and (found := _URL.match(data, start)):
                self.urls.add(found[0].decode("latin-1"))

    def add(self, other: "Found") -> None:
        """Take over what was found in other files."""
        self.files |= other.files
        self.hashed += other.hashed
        self.problems += other.problems
        self.searched += other.searched
        self.size += other.size
        for mine, theirs in ((self.hosts, other.hosts), (self.urls, other.urls)):
            mine.update(sorted(theirs - mine)[: _MOST_CANDIDATES - len(mine)])
