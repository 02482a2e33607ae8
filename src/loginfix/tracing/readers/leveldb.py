"""LevelDB files, each by itself: whose each record is, and what key prefixes and blocks hide.

Nothing is replayed: an old version of a record, or a deleted one, names the site as well as a
live one does, and the MANIFEST names keys. Formats: google/leveldb, doc/table_format.md and
doc/log_format.md; db/write_batch.cc, db/version_edit.cc.
"""

from collections.abc import Callable, Iterator
from functools import partial

from loginfix.sites.forms import FORMS, Names
from loginfix.sites.spotting import hosts_within, names_in
from loginfix.tracing.model import UNKNOWN, Piece, Record
from loginfix.tracing.readers.compressed import expand
from loginfix.tracing.readers.joined import Joined
from loginfix.tracing.source import Source

_TABLE_MAGIC = bytes.fromhex("57fb808b247547db")
_FOOTER = 48
_TRAILER = 5
_LOG_BLOCK = 32 << 10
_LOG_HEADER = 7
_LARGEST_BLOCK = 32 << 20
_LARGEST_RECORD = 64 << 20
_SEQUENCE = 8
_BATCH_HEADER = 12
_COMPRESSIONS = {0: "", 1: "snappy block", 2: "zstd"}
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_MORE = 128  # in each byte of a number: whether more follow


def is_table(source: Source) -> bool:
    """Whether a file ends like a table."""
    return source.size >= _FOOTER and source.read(source.size - 8, 8) == _TABLE_MAGIC


def is_log(source: Source) -> bool:
    """Whether a file starts like a log: a whole or first record that fits into its block."""
    header = source.read(0, _LOG_HEADER)
    if len(header) < _LOG_HEADER:
        return False
    length, kind = int.from_bytes(header[4:6], "little"), header[6]
    name = source.path.rpartition("/")[2]
    return (
        kind in (_FULL, _FIRST)
        and _LOG_HEADER + length <= min(_LOG_BLOCK, source.size)
        and (name.endswith(".log") or name.startswith("MANIFEST-"))
    )


def record_of(source: Source, key: bytes, value: bytes) -> Record:
    """Whose a pair is: by its key, its value's URLs, or the directory it is in."""
    for pattern in source.rule.keys:
        if found := pattern.fullmatch(key):
            groups = {form: text for form, text in found.groupdict().items() if text is not None}
            if (owner := groups.pop("owner", None)) is not None:
                folder = source.path.rpartition("/")[0]
                return source.owners.get(f"{folder}/{owner.decode('latin-1')}", UNKNOWN)
            return Record(
                tuple(FORMS[form](text.decode("latin-1")) for form, text in groups.items())
            )
    if source.rule.urls_in_value:
        hosts = {*hosts_within(value.decode("latin-1"))}
        return Record(tuple(Names(host, None) for host in sorted(hosts)))
    if source.record.names:
        return source.record
    if names := names_in(key.decode("latin-1")):
        return Record((names,))
    return UNKNOWN


def table(source: Source) -> Iterator[Piece]:
    """Every entry of every block, then the rest of the file raw."""
    covered: list[tuple[int, int]] = []
    footer = source.read(source.size - _FOOTER, _FOOTER)
    try:
        _, at = _handle(footer, 0)
        index, _ = _handle(footer, at)
        handles = [index]
        for _, value in _entries(_block(source, index)):
            handles.append(_handle(value, 0)[0])
    except (ValueError, IndexError):
        handles = []
    joined = Joined(partial(record_of, source), "table block")
    for handle in sorted(set(handles)):
        try:
            entries = list(_entries(_block(source, handle)))
        except (ValueError, IndexError):
            continue  # raw below
        covered.append((handle[0], handle[0] + handle[1]))
        is_index = handle == index
        for key, value in entries:
            joined.add(key[:-_SEQUENCE], b"" if is_index else value, handle[0])
        if joined.is_enough:
            yield joined.taken()
    yield joined.taken()
    yield from source.rest(covered)


def log(source: Source) -> Iterator[Piece]:
    """Every record of a log, put together from its fragments, then the rest of the file raw."""
    covered: list[tuple[int, int]] = []
    is_manifest = source.path.rpartition("/")[2].startswith("MANIFEST-")
    for segments, data in _records(source):
        batch = None if is_manifest else _batch(data)
        if batch is None:
            yield Piece(data, _place(segments), source.record, "log record")
        else:
            for key, key_at, value, value_at in batch:
                record = record_of(source, key, value)
                place = _place(segments)
                for text, at in ((key, key_at), (value, value_at)):
                    yield Piece(
                        text,
                        lambda position, at=at, place=place: place(at + position),  # type: ignore[misc]
                        record,
                        "log record",
                    )
        covered += [(start, start + length) for start, _, length in segments]
    yield from source.rest(covered)


def pairs(source: Source) -> Iterator[tuple[bytes, bytes]]:
    """All pairs in one file of a database, old ones too."""
    if is_table(source):
        try:
            footer = source.read(source.size - _FOOTER, _FOOTER)
            index, _ = _handle(footer, _handle(footer, 0)[1])
            for _, value in _entries(_block(source, index)):
                for key, content in _entries(_block(source, _handle(value, 0)[0])):
                    yield key[:-_SEQUENCE], content
        except (ValueError, IndexError):
            return
    elif is_log(source):
        for _, data in _records(source):
            for key, _, value, _ in _batch(data) or ():
                yield key, value


def _records(source: Source) -> Iterator[tuple[list[tuple[int, int, int]], bytes]]:
    """Segments (offset in the file, in the record, length) and the content of each record."""
    segments: list[tuple[int, int, int]] = []
    parts: list[bytes] = []
    total = 0
    for block_start in range(0, source.size, _LOG_BLOCK):
        block = source.read(block_start, _LOG_BLOCK)
        at = 0
        while at + _LOG_HEADER <= len(block):
            length, kind = int.from_bytes(block[at + 4 : at + 6], "little"), block[at + 6]
            body = at + _LOG_HEADER
            if kind not in (_FULL, _FIRST, _MIDDLE, _LAST) or body + length > len(block):
                break
            if kind in (_FULL, _FIRST):
                segments, parts, total = [], [], 0
            if total + length > _LARGEST_RECORD:
                break
            segments.append((block_start + body, total, length))
            parts.append(block[body : body + length])
            total += length
            if kind in (_FULL, _LAST):
                yield segments, b"".join(parts)
                segments, parts, total = [], [], 0
            at = body + length


def _place(segments: list[tuple[int, int, int]]) -> Callable[[int], int]:
    def place(position: int) -> int:
        for start, first, length in segments:
            if position < first + length:
                return start + position - first
        return segments[-1][0]

    return place


def _batch(data: bytes) -> list[tuple[bytes, int, bytes, int]] | None:
    """Keys and values of a write batch with their positions; None if it is none."""
    if len(data) < _BATCH_HEADER:
        return None
    found = []
    at = _BATCH_HEADER
    try:
        while at < len(data):
            kind = data[at]
            if kind not in (0, 1):
                return None
            length, key_at = _varint(data, at + 1)
            at = key_at + length
            key, value, value_at = data[key_at:at], b"", at
            if kind == 1:
                length, value_at = _varint(data, at)
                at = value_at + length
                value = data[value_at:at]
            if at > len(data):
                return None
            found.append((key, key_at, value, value_at))
    except (ValueError, IndexError):
        return None
    return found


def _block(source: Source, handle: tuple[int, int]) -> bytes:
    offset, size = handle
    if size > _LARGEST_BLOCK or offset + size + _TRAILER > source.size:
        raise ValueError("not a block")
    data = source.read(offset, size + _TRAILER)
    kind = _COMPRESSIONS.get(data[size])
    if kind is None:
        raise ValueError("unknown compression")
    return expand(kind, data[:size], _LARGEST_BLOCK)[0] if kind else data[:size]


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 * (restarts + 1)
    if end < 0:
        raise ValueError("not a block")
    at, key = 0, b""
    while at < end:
        # Nearly always numbers of one byte, and a length of one or two.
        shared, unshared, length, more = block[at : at + 4]
        if shared < _MORE and unshared < _MORE and (length < _MORE or more < _MORE):
            at += 3
            if length >= _MORE:
                length = length & (_MORE - 1) | more << 7
                at += 1
        else:
            shared, at = _varint(block, at)
            unshared, at = _varint(block, at)
            length, at = _varint(block, at)
        if shared > len(key) or at + unshared + length > end:
            raise ValueError("not a block")
        key = key[:shared] + block[at : at + unshared]
        at += unshared
        yield key, block[at : at + length]
        at += length


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    offset, at = _varint(data, at)
    size, at = _varint(data, at)
    return (offset, size), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & (_MORE - 1)) << shift
        if byte < _MORE:
            return value, at
    raise ValueError("not a number")
