"""SQLite databases, page by page, without SQLite: every value where it stands, and whose row.

The file is searched raw, so that also free pages and unused space are. A page is taken apart only
where something was found in it, to know where the value ends and which row it is in; and all
pages are looked at for values that overflow into other pages, where a name may be cut in two.
Format: sqlite.org/fileformat2.html.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from struct import error as StructError  # noqa: N812  named as other errors are
from struct import unpack_from
from typing import NamedTuple

from loginfix.tracing.model import UNKNOWN, Bounds, Piece, Record
from loginfix.tracing.readers.compressed import expand
from loginfix.tracing.source import Source
from loginfix.words import say

MAGIC = b"SQLite format 3\0"
_WAL_MAGIC = (bytes.fromhex("377f0682"), bytes.fromhex("377f0683"))
_WAL_HEADER, _FRAME_HEADER = 32, 24
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
_INDEX_INNER, _TABLE_INNER, _INDEX_LEAF, _TABLE_LEAF = 2, 5, 10, 13
_WITH_ROWS = (b"\x02", b"\x0a", b"\x0d")
_LARGEST_PAYLOAD = 64 << 20
_LONG = 128  # the first byte of a number that has further ones
_PACKED = 4  # the shortest blob that is tried as compressed


class Cell(NamedTuple):
    """A row in a page: its row number (None in an index), and where its values are."""

    rowid: int | None
    values: list[tuple[int, int, int]]  # serial type, start, end; in the page or payload
    overflow: tuple[int, int] | None  # payload size, first overflow page
    start: int
    end: int  # of the payload in the page


@dataclass(slots=True)
class Pages:
    """The pages of one database, or of its log or journal."""

    source: Source
    size: int
    usable: int
    versions: Sequence[tuple[int, int]] = ()  # number and offset, if not one after another
    offsets: Mapping[int, int] | None = None  # of the last version of each
    roots: dict[int, str] = field(default_factory=dict)
    _page: tuple[int, bytes] = (-1, b"")
    _cells: tuple[int, list[Cell]] = (-1, [])

    def where(self, number: int) -> int | None:
        """Where a page begins; None if it is not here."""
        if self.offsets is not None:
            return self.offsets.get(number)
        return (number - 1) * self.size if 0 < number <= self.source.size // self.size else None

    def every(self) -> Iterator[tuple[int, int]]:
        """Number and offset of each page, all versions in a log."""
        if self.versions:
            yield from self.versions
            return
        for number in range(1, self.source.size // self.size + 1):
            yield number, (number - 1) * self.size

    def at(self, offset: int) -> bytes:
        """The page that begins at an offset."""
        if self._page[0] != offset:
            self._page = offset, self.source.read(offset, self.size)
        return self._page[1]

    def cells(self, offset: int, number: int) -> list[Cell]:
        """The rows of a page; none if it is no page of a table or index."""
        if self._cells[0] != offset:
            self._cells = offset, list(_cells(self.at(offset), self.usable, number == 1))
        return self._cells[1]


RowRecord = Callable[[str, int | None, list[object]], Record]
"""Whose a row is: by the name of its table, its number, and the values that the page shows."""


def page_size(source: Source) -> int | None:
    """The size of a database's pages; None if the file is no database."""
    head = source.read(0, 32)
    if not head.startswith(MAGIC):
        return None
    size = int.from_bytes(head[16:18], "big")
    size = 65536 if size == 1 else size
    return size if size >= 512 and size & (size - 1) == 0 else None  # noqa: PLR2004


def log_offsets(source: Source) -> tuple[int, list[tuple[int, int]]] | None:
    """Page size, and number and offset of each page in a log or rollback journal."""
    head = source.read(0, 32)
    if head[:4] in _WAL_MAGIC:
        size = int.from_bytes(head[8:12], "big")
        step, first = size + _FRAME_HEADER, _WAL_HEADER
        lead = _FRAME_HEADER
    elif head.startswith(_JOURNAL_MAGIC) or (
        # A journal that was committed keeps its pages behind a header of zeros.
        head.startswith(bytes(8)) and source.path.endswith("-journal")
    ):
        size, first = int.from_bytes(head[24:28], "big"), int.from_bytes(head[20:24], "big")
        size, first = size or 4096, first or 512
        step, lead = size + 8, 4
    else:
        return None
    if not 512 <= size <= 65536 or size & (size - 1):  # noqa: PLR2004
        return None
    pages = []
    for start in range(first, source.size - size, step):
        number = int.from_bytes(source.read(start, 4), "big")
        pages.append((number, start + lead))
    return size, pages


def database(source: Source, size: int, row_record: RowRecord) -> Iterator[Piece]:
    """The raw file, with the boundaries of values; then what overflows and what is packed."""
    reserved = source.read(20, 1)[0]
    pages = Pages(source, size, max(size - reserved, 480))
    pages.roots = _roots(pages)
    locate = _Locator(pages, row_record)
    overflowing, used = array("Q"), set[int]()
    for number, _, _, _, chain in _overflowing(pages, pages.every()):
        used.update(chain)
        if not overflowing or overflowing[-1] != number:
            overflowing.append(number)

    def bounds(offset: int) -> Bounds:
        number = offset // size + 1
        if (number - 1) * size in used:
            return Bounds(offset, offset, UNKNOWN, skip=True)
        return locate(offset, (number - 1) * size, number)

    for piece in source.windows():
        yield _bounded(piece, bounds)
    yield from _logical(pages, locate, ((each, (each - 1) * size) for each in overflowing))


def log(
    source: Source, size: int, found: list[tuple[int, int]], row_record: RowRecord
) -> Iterator[Piece]:
    """The raw log or journal, with the boundaries of the values in its pages.

    Which table a page is of cannot be told here: rows are judged by their values alone.
    """
    starts = {offset: number for number, offset in found}
    pages = Pages(source, size, size, found, dict(found))
    first = found[0][1] if found else 0
    step = found[1][1] - first if len(found) > 1 else size
    locate = _Locator(pages, row_record)

    def bounds(offset: int) -> Bounds:
        start = first + (offset - first) // step * step
        if start not in starts or offset >= start + size:
            return Bounds(offset, offset, source.record)
        return locate(offset, start, starts[start])

    for piece in source.windows():
        yield _bounded(piece, bounds)
    yield from _logical(pages, locate, pages.every())


def _logical(pages: Pages, locate: "_Locator", among: Iterable[tuple[int, int]]) -> Iterator[Piece]:
    """What raw pages do not show: values that overflow, ``among`` these pages, and packed ones."""
    for number, offset, cell, payload, chain in _overflowing(pages, among):
        record = locate.record(cell, offset, number, payload)
        yield from _values(pages, offset, cell, payload, chain, record)
    yield from _packed(pages, locate)


def _bounded(piece: Piece, bounds: Callable[[int], Bounds]) -> Piece:
    base = piece.place(0)

    def within(position: int) -> Bounds:
        found = bounds(base + position)
        if found.start == found.end and not found.skip:
            return Bounds(0, len(piece.data), found.record)
        return found._replace(
            start=max(0, found.start - base), end=min(len(piece.data), found.end - base)
        )

    piece.bounds = within
    return piece


class _Locator:
    """Which value and row an offset lies in."""

    def __init__(self, pages: Pages, row_record: RowRecord) -> None:
        self._pages = pages
        self._row_record = row_record
        self._last: tuple[tuple[int, int], Record] | None = None

    def __call__(self, offset: int, start: int, number: int) -> Bounds:
        position = offset - start
        for cell in self._pages.cells(start, number):
            if cell.start <= position < cell.end:
                for _, low, high in cell.values:
                    if low <= position < high:
                        record = self.record(cell, start, number, self._pages.at(start))
                        return Bounds(start + low, start + high, record)
        return Bounds(offset, offset, self._pages.source.record)

    def record(self, cell: Cell, offset: int, number: int, data: bytes) -> Record:
        """Whose a row is; the last answer is remembered, since a row has many values."""
        key = (offset, cell.start)
        if self._last is None or self._last[0] != key:
            values = [_value(kind, data[low:high]) for kind, low, high in cell.values]
            rowid = cell.rowid
            if rowid is None and values and isinstance(values[-1], int):
                rowid = values[-1]  # an index ends with the row number
            table = self._pages.roots.get(number, "")
            self._last = key, self._row_record(table, rowid, values)
        return self._last[1]


def _cells(page: bytes, usable: int, is_first: bool) -> Iterator[Cell]:  # noqa: FBT001
    at = 100 if is_first else 0
    if len(page) < at + 12:
        return
    kind = page[at]
    if kind not in (_INDEX_INNER, _INDEX_LEAF, _TABLE_LEAF):
        return
    count = int.from_bytes(page[at + 3 : at + 5], "big")
    pointers = at + (12 if kind == _INDEX_INNER else 8)
    for number in range(min(count, len(page) // 4)):
        pointer = int.from_bytes(page[pointers + 2 * number : pointers + 2 * number + 2], "big")
        try:
            yield _cell(page, pointer, kind, usable)
        except (ValueError, IndexError):
            continue


def _cell(page: bytes, at: int, kind: int, usable: int) -> Cell:
    if kind == _INDEX_INNER:
        at += 4
    size, at = _varint(page, at)
    rowid = None
    if kind == _TABLE_LEAF:
        rowid, at = _varint(page, at)
        rowid -= (rowid >> 63) << 64
    local = _local_size(size, usable, is_table=kind == _TABLE_LEAF)
    end = at + local
    if end > len(page):
        raise ValueError("not a cell")
    overflow = None
    if local < size:
        overflow = size, int.from_bytes(page[end : end + 4], "big")
    # The row number that ends an index may have no bytes at all: it is 0 or 1 by its type.
    values = [(k, low, min(high, end)) for k, low, high in _columns(page, at, end) if low <= end]
    return Cell(rowid, values, overflow, at, end)


def _columns(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    length, header = _varint(data, at)
    body = header_end = at + length
    while header < min(header_end, end):
        kind, header = _varint(data, header)
        size = _serial_size(kind)
        yield kind, body, body + size
        body += size


def _most_local(usable: int, *, is_table: bool) -> int:
    return usable - 35 if is_table else (usable - 12) * 64 // 255 - 23


def _local_size(size: int, usable: int, *, is_table: bool) -> int:
    most = _most_local(usable, is_table=is_table)
    if size <= most:
        return size
    least = (usable - 12) * 32 // 255 - 23
    fitting = least + (size - least) % (usable - 4)
    return fitting if fitting <= most else least


def _serial_size(kind: int) -> int:
    if kind >= 12:  # noqa: PLR2004  text and blobs
        return (kind - 12) // 2
    return (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[kind]


def _value(kind: int, data: bytes) -> object:
    if kind >= 12:  # noqa: PLR2004
        return data if kind % 2 == 0 else data.decode("utf-8", "replace")
    if kind in (8, 9):
        return kind - 8
    return int.from_bytes(data, "big", signed=True) if 1 <= kind <= 6 else None  # noqa: PLR2004


def _overflowing(
    pages: Pages, among: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int, Cell, bytes, list[int]]]:
    """Page number and offset, cell, payload and offsets of the overflow pages of such values."""
    for number, offset in among:
        if not _may_overflow(pages.at(offset), pages.usable, number == 1):
            continue
        for cell in list(pages.cells(offset, number)):
            if cell.overflow is None:
                continue
            size, page = cell.overflow
            if size > _LARGEST_PAYLOAD:
                pages.source.notes.append(say("a value in it is too large to be put together"))
                continue
            local = pages.at(offset)[cell.start : cell.end]
            payload, chain = _follow(pages, local, size, page)
            yield number, offset, cell, payload, chain


def _may_overflow(page: bytes, usable: int, is_first: bool) -> bool:  # noqa: FBT001
    """Whether one of a page's rows can go on in other pages; few do, and none is taken apart."""
    at = 100 if is_first else 0
    if len(page) < at + 12 or page[at] not in (_INDEX_INNER, _INDEX_LEAF, _TABLE_LEAF):
        return False
    kind = page[at]
    count = min(int.from_bytes(page[at + 3 : at + 5], "big"), len(page) // 4)
    pointers, skip = (at + 12, 4) if kind == _INDEX_INNER else (at + 8, 0)
    most = _most_local(usable, is_table=kind == _TABLE_LEAF)
    try:
        starts = unpack_from(f">{count}H", page, pointers)
        # A row begins with its size: in many pages, all are small numbers of one byte.
        if not skip and max(map(page.__getitem__, starts), default=0) <= min(most, _LONG - 1):
            return False
        for start in starts:
            size, second = page[start + skip], page[start + skip + 1]
            if size >= _LONG:
                size = (size & 127) << 7 | second if second < _LONG else most + 1
            if size > most:
                return True
    except (IndexError, StructError):
        return True  # a damaged page is looked at row by row
    return False


def _follow(pages: Pages, local: bytes, size: int, page: int) -> tuple[bytes, list[int]]:
    parts, total, chain = [local], len(local), list[int]()
    seen = set[int]()
    while page not in seen and total < size and (offset := pages.where(page)) is not None:
        seen.add(page)
        chain.append(offset)
        data = pages.source.read(offset, pages.usable)
        parts.append(data[4 : 4 + size - total])
        total += len(parts[-1])
        page = int.from_bytes(data[:4], "big")
    return b"".join(parts), chain


def _values(
    pages: Pages, offset: int, cell: Cell, payload: bytes, chain: list[int], record: Record
) -> Iterator[Piece]:
    local = cell.end - cell.start
    start = offset + cell.start

    def place(position: int) -> int:
        if position < local or not chain:
            return start + min(position, local)
        index, rest = divmod(position - local, pages.usable - 4)
        return chain[min(index, len(chain) - 1)] + 4 + rest

    for kind, low, high in _columns(payload, 0, len(payload)):
        if kind < 12 or high <= local:  # noqa: PLR2004  found raw
            continue
        first = low
        yield Piece(
            payload[low:high],
            lambda position, first=first: place(first + position),  # type: ignore[misc]
            record,
            "overflowing value",
            # What ends in the page itself was found raw.
            start=max(0, local - low),
        )
        yield from _expanded(payload[low:high], place(low), record)


def _packed(pages: Pages, locate: "_Locator") -> Iterator[Piece]:
    """Blobs and texts that may be snappy, as Firefox keeps structured clones."""
    if not pages.source.rule.packed:
        return
    for number, offset in pages.every():
        # A table without row numbers is kept like an index, with rows in inner pages too.
        if pages.source.read(offset, 1) not in _WITH_ROWS:
            continue
        for cell in list(pages.cells(offset, number)):
            if cell.overflow is not None:
                continue
            for kind, low, high in cell.values:
                if kind >= 12 and high - low > _PACKED:  # noqa: PLR2004
                    blob = pages.at(offset)[low:high]
                    for piece in _expanded(blob, offset + low, UNKNOWN):
                        piece.record = locate.record(cell, offset, number, pages.at(offset))
                        yield piece


def _expanded(blob: bytes, offset: int, record: Record) -> Iterator[Piece]:
    try:
        data, _ = expand("snappy block", blob, 16 << 20)
    except ValueError:
        return
    yield Piece(data, lambda _: offset, record, "snappy block")


def _roots(pages: Pages) -> dict[int, str]:
    """The table of each page, as far as the trees can be followed."""
    tables: dict[int, str] = {}
    for page in _tree(pages, 1):
        for cell in pages.cells((page - 1) * pages.size, page):
            values = [
                _value(kind, pages.at((page - 1) * pages.size)[low:high])
                for kind, low, high in cell.values
            ]
            if len(values) >= 4 and isinstance(values[3], int) and isinstance(values[2], str):  # noqa: PLR2004
                tables[values[3]] = values[2]
    return {
        page: name
        for root, name in tables.items()
        if 0 < root <= pages.source.size // pages.size
        for page in _tree(pages, root)
    }


def _tree(pages: Pages, root: int) -> Iterator[int]:
    """The pages of a tree; each once, whatever the pointers say."""
    seen, waiting = {root}, [root]
    last = pages.source.size // pages.size
    while waiting:
        number = waiting.pop()
        yield number
        page = pages.source.read((number - 1) * pages.size, pages.size)
        at = 100 if number == 1 else 0
        if len(page) < at + 12 or page[at] not in (_INDEX_INNER, _TABLE_INNER):
            continue
        count = int.from_bytes(page[at + 3 : at + 5], "big")
        children = [int.from_bytes(page[at + 8 : at + 12], "big")]
        for index in range(min(count, len(page) // 4)):
            pointer = at + 12 + 2 * index
            cell = int.from_bytes(page[pointer : pointer + 2], "big")
            children.append(int.from_bytes(page[cell : cell + 4], "big"))
        for child in children:
            if 0 < child <= last and child not in seen:
                seen.add(child)
                waiting.append(child)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(9):
        byte = data[at + index]
        if index == 8:  # noqa: PLR2004  the ninth byte counts whole
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 127
        if byte < 128:  # noqa: PLR2004
            return value, at + index + 1
    raise ValueError("not a number")
