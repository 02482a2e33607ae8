"""Many sorted sources as one: LevelDB ``table/merger.cc``.

Tables that follow each other are one source, of which one is open at a time. A database has a few
such runs: one for each of its levels, and one for each table that has no level yet.
"""

import heapq
from collections.abc import Iterable, Iterator

from loginfix.formats.leveldb.manifest import TableFile
from loginfix.formats.leveldb.model import InternalKey, Version


def place(of: Version | InternalKey) -> tuple[bytes, int]:
    """What the bytewise comparator sorts by: by key, and of one key the newest first."""
    return of[0], -of[1]


def runs(tables: Iterable[TableFile]) -> list[list[TableFile]]:
    """Put tables that follow each other into as few rows as can be."""
    rows: list[list[TableFile]] = []
    for table in sorted(tables, key=lambda table: place(table.smallest)):
        for row in rows:
            if place(row[-1].largest) < place(table.smallest):
                row.append(table)
                break
        else:
            rows.append([table])
    return rows


def merge(sources: Iterable[Iterable[Version]]) -> Iterator[Version]:
    """All versions of sources that are in the order of ``place``, in that order."""
    return heapq.merge(*sources, key=place)
