"""Which reader a file gets: by its content, for names can be anything."""

from bisect import bisect_right
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager

from loginfix.tracing.model import UNKNOWN, Bounds, Piece
from loginfix.tracing.readers import cache_entries, leveldb, sqlite
from loginfix.tracing.readers.compressed import kind_of, pieces
from loginfix.tracing.readers.texts import LARGEST, json_pieces, pattern_piece, slots, snss
from loginfix.tracing.source import Source

_SNSS = b"SNSS"


Rows = Callable[[], AbstractContextManager[sqlite.RowRecord]]
"""Opens what says whose a row of a database is."""


def read(source: Source, rows: Rows) -> Generator[Piece, None, None]:
    """All pieces of a file."""
    # First what there are a hundred thousand of.
    if (key := cache_entries.simple_key(source)) is not None:
        folder = source.path.rpartition("/")[0]
        owner = source.owners.get(f"{folder}/{key.decode('latin-1')}", source.record)
        yield from cache_entries.simple(source, key, owner)
    elif size := sqlite.page_size(source):
        with rows() as row_record:
            yield from sqlite.database(source, size, row_record)
    elif found := sqlite.log_offsets(source):
        with rows() as row_record:
            yield from sqlite.log(source, *found, row_record)
    elif leveldb.is_table(source):
        yield from leveldb.table(source)
    elif leveldb.is_log(source):
        yield from leveldb.log(source)
    elif metadata := cache_entries.cache2_metadata(source):
        yield from cache_entries.cache2(source, metadata)
    else:
        yield from _plain(source)


def _plain(source: Source) -> Iterator[Piece]:
    """A file of no kind that is kept record by record; what it may be packed in is undone."""
    if source.ranges:
        yield from _ranged(source)
        return
    if (text := _text(source)) is not None:
        yield text
        return
    yield from source.windows()
    if kind := kind_of(source.read(0, 16)):
        for piece in pieces(source, kind[0], kind[1], source.size, source.record):
            is_json = piece.data[:1] in (b"{", b"[")
            yield json_pieces(piece.data, piece, source.rule) if is_json else piece


def _text(source: Source) -> Piece | None:
    """A text whose records can be told apart."""
    if not 0 < source.size <= LARGEST or source.record.names:
        return None
    head = source.read(0, 4)
    is_known = head[:1] in (b"{", b"[") or head == _SNSS
    if not is_known and source.rule.records is None and not source.rule.slots:
        return None
    data = source.read(0, source.size)
    piece = Piece(data, lambda position: position, source.record)
    if size := source.rule.slots.get(source.path.rpartition("/")[2]):
        return slots(data, piece, size[0], size[1])
    if source.rule.records is not None:
        return pattern_piece(data, piece, source.rule.records)
    if not is_known:
        return piece
    return snss(data, piece) if head == _SNSS else json_pieces(data, piece, source.rule)


def _ranged(source: Source) -> Iterator[Piece]:
    """A file of which it is written elsewhere whose its parts are."""
    starts = [start for start, _, _ in source.ranges]
    for piece in source.windows():
        base = piece.place(0)

        def bounds(position: int, base: int = base, size: int = len(piece.data)) -> Bounds:
            index = bisect_right(starts, base + position) - 1
            if index >= 0 and base + position < source.ranges[index][1]:
                start, end, record = source.ranges[index]
                return Bounds(max(0, start - base), min(size, end - base), record)
            return Bounds(0, size, UNKNOWN)

        piece.bounds = bounds
        yield piece
