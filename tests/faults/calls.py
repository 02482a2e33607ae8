"""System calls that change what is on the disk, as ``strace`` writes them down."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

VAULT = ".local/share/loginfix"
"""Where loginfix keeps backups and journals, below a home."""

CHANGING = (
    *("open", "openat", "creat", "write", "writev", "pwrite64", "sendfile", "copy_file_range"),
    *("rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat"),
    *("unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "fsync", "fdatasync"),
    *("truncate", "ftruncate", "fallocate", "chmod", "fchmod", "fchmodat"),
    *("chown", "fchown", "fchownat", "utimensat"),
)
TRACED = ",".join(f"?{call}" for call in CHANGING)  # not every machine has all of them

# "4711 fsync(5</path>) = 0"; a process that is killed in a call leaves " = ?".
_LINE = re.compile(r"(\d+) +(\w+)\((.*)\) += (\S+)(.*)")
_NAMED = re.compile(r'<([^<>]*)>|"((?:[^"\\]|\\.)*)"')
_WRITES = re.compile(r"O_(?:WRONLY|RDWR|CREAT|TRUNC)")


class Side(StrEnum):
    """Whose disk a call is about."""

    PROFILE = "profile"
    VAULT = "vault"


@dataclass(frozen=True)
class Point:
    """The ``number``th time that a command makes this call; ``path`` is below the home."""

    call: str
    number: int
    path: str

    @property
    def side(self) -> Side:
        """Whose disk it is about."""
        below, above = Path(self.path).is_relative_to(VAULT), Path(VAULT).is_relative_to(self.path)
        return Side.VAULT if below or above else Side.PROFILE


@dataclass(frozen=True)
class Call:
    """One call of a process, as it is in the log."""

    pid: int
    name: str
    arguments: str
    injected: bool

    def path_below(self, home: Path) -> str | None:
        """The last path in it if that is below the home; a link's and a new name's target."""
        arguments = self.arguments
        if self.name in ("write", "pwrite64", "writev"):  # what is written may look like a path
            arguments = arguments.partition(">")[0] + ">"
        path = Path()
        for found in _NAMED.finditer(arguments):
            path /= found[1] or found[2] or ""
        return path.relative_to(home).as_posix() if path.is_relative_to(home) else None

    @property
    def changes(self) -> bool:
        """Whether it may change anything; most files are only opened to be read."""
        return not self.name.startswith("open") or bool(_WRITES.search(self.arguments))


def calls(log: Iterable[str]) -> Iterator[Call]:
    """The calls in a log."""
    for line in log:
        if found := _LINE.match(line):
            yield Call(int(found[1]), found[2], found[3], found[5].endswith("(INJECTED)"))


def points(made: Iterable[Call], home: Path) -> list[Point]:
    """Where the calls of one process change what is below its home."""
    numbers: Counter[str] = Counter()
    found = []
    for call in made:
        numbers[call.name] += 1
        path = call.path_below(home) if call.changes else None
        if path is not None:
            found.append(Point(call.name, numbers[call.name], path))
    return found
