"""Which reader a file gets: by its content, for names can be anything."""

from collections.abc import Iterator, Mapping

from loginfix.tracing.model import Piece, Record
from loginfix.tracing.readers import cache_entries, leveldb, sqlite
from loginfix.tracing.readers.compressed import kind_of, pieces
from loginfix.tracing.source import Source


def read(source: Source, rows: sqlite.RowRecord, owners: Mapping[str, Record]) -> Iterator[Piece]:
    """All pieces of a file.

    ``rows`` says whose a row of a database is, ``owners`` whose what is stored under a path.
    """
    if size := sqlite.page_size(source):
        yield from sqlite.database(source, size, rows)
    elif found := sqlite.log_offsets(source):
        yield from sqlite.log(source, *found)
    elif leveldb.is_table(source):
        yield from leveldb.table(source)
    elif leveldb.is_log(source):
        yield from leveldb.log(source)
    elif (key := cache_entries.simple_key(source)) is not None:
        folder = source.path.rpartition("/")[0]
        owner = owners.get(f"{folder}/{key.decode('latin-1')}", source.record)
        yield from cache_entries.simple(source, key, owner)
    elif metadata := cache_entries.cache2_metadata(source):
        yield from cache_entries.cache2(source, metadata)
    else:
        yield from source.windows()
        if kind := kind_of(source.read(0, 16)):
            yield from pieces(source, kind[0], kind[1], source.size, source.record)
