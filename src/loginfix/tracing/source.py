"""A file that is being searched: its bytes at any offset, and what is known of it beforehand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from loginfix.tracing.layout import StoreRule
from loginfix.tracing.model import UNKNOWN, Piece, Record
from loginfix.tracing.needles import CONTEXT

_WINDOW = 1 << 20


@dataclass(slots=True)
class Source:
    """An open file, or what is in one, of ``size`` bytes at ``path`` below its root.

    ``record`` is whose directory it is in, ``owners`` whose what is kept under a path, ``ranges``
    whose parts of it are, if that is written elsewhere. ``notes`` collects what could not be looked
    into.
    """

    file: BinaryIO | bytes
    size: int
    path: str
    rule: StoreRule
    record: Record = UNKNOWN
    owners: Mapping[str, Record] = field(default_factory=dict)
    ranges: Sequence[tuple[int, int, Record]] = ()
    notes: list[str] = field(default_factory=list)

    def read(self, offset: int, size: int) -> bytes:
        """Up to ``size`` bytes at ``offset``; fewer at the end, none behind it."""
        if offset < 0 or size <= 0:
            return b""
        if isinstance(self.file, bytes):
            return self.file[offset : offset + size]
        self.file.seek(offset)
        return self.file.read(size)

    def windows(
        self, start: int = 0, end: int | None = None, record: Record | None = None
    ) -> Iterator[Piece]:
        """The raw bytes of a range, in pieces that share their context."""
        end = self.size if end is None else min(end, self.size)
        for offset in range(start, end, _WINDOW):
            first = max(start, offset - CONTEXT)
            stop = min(offset + _WINDOW, end)
            data = self.read(first, min(stop + CONTEXT, end) - first)
            yield Piece(
                data,
                lambda position, first=first: first + position,  # type: ignore[misc]
                self.record if record is None else record,
                start=offset - first,
                end=stop - first,
            )

    def rest(self, covered: Sequence[tuple[int, int]]) -> Iterator[Piece]:
        """The raw bytes of what is not covered by sorted ranges."""
        offset = 0
        for start, end in covered:
            if start > offset:
                yield from self.windows(offset, start)
            offset = max(offset, end)
        yield from self.windows(offset)
