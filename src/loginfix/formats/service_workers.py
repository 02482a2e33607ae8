"""``serviceworker.txt``: the service workers that are registered in Firefox.

The first line is the version; then records of lines, each closed by a line ``#``. A record begins
with the origin attributes and the scope; what follows depends on the version. Firefox reads
nothing more after the first record that it does not understand
(dom/serviceworkers/ServiceWorkerRegistrar.cpp; versions 10 and 12 seen in ESR 140 and 153).
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

_VERSION = re.compile(rb"0|[1-9][0-9]{0,8}")
_END = b"#"
_LEAST_LINES = 3


class Registration(NamedTuple):
    """One record; ``lines`` are all of it, without its end."""

    suffix: str
    scope: str
    lines: tuple[bytes, ...]

    @classmethod
    def of(cls, lines: Sequence[bytes]) -> "Registration":
        """Read a record's lines.

        Raises:
            ValueError: They are something else.
        """
        if len(lines) < _LEAST_LINES:
            raise ValueError("a registration is cut off")
        suffix, scope = (line.decode("utf-8") for line in lines[:2])
        if (suffix and not suffix.startswith("^")) or "://" not in scope:
            raise ValueError("a registration does not begin with origin attributes and a scope")
        return cls(suffix, scope, tuple(lines))


class Registrations(NamedTuple):
    """The whole file; ``version`` is its first line."""

    version: int
    records: tuple[Registration, ...]


def parse(data: bytes) -> Registrations:
    """Read the file's content; ``build`` of the result gives back the same bytes.

    Raises:
        ValueError: It is damaged, or something else.
    """
    first, *lines = data.split(b"\n")
    if not _VERSION.fullmatch(first) or lines[-1:] != [b""]:
        raise ValueError("it does not begin with a version and end with a line")
    records = []
    record: list[bytes] = []
    for line in lines[:-1]:
        if line == _END:
            records.append(Registration.of(record))
            record = []
        else:
            record.append(line)
    if record:
        raise ValueError("the last registration has no end")
    return Registrations(int(first), tuple(records))


def build(registrations: Registrations) -> bytes:
    """Write the file's content."""
    lines = [b"%d" % registrations.version]
    for record in registrations.records:
        lines += (*record.lines, _END)
    return b"\n".join((*lines, b""))
