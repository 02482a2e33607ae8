"""Block-file caches in memory: made from nothing, or out of a recording."""

import io
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from loginfix.formats.block_cache.cache import BlockCache
from loginfix.formats.block_cache.edit import NewEntry, finish, insert
from loginfix.formats.block_cache.records import EntryRecord, Node

INDEX_HEADER = 368
TABLE = 0x10000
BLOCK_SIZES = (36, 256, 1024, 4096)
CREATED = 13_440_000_000_000_000


@dataclass
class Files:
    """The files of a cache: ``index``, ``data_0`` and on, and those of single streams."""

    contents: dict[str, bytearray] = field(default_factory=dict)

    @classmethod
    def empty(cls, *, further: int = 0) -> "Files":
        """A cache as the browser makes it, without the statistics.

        Each block file goes on in so many ``further`` ones.
        """
        index = bytearray(INDEX_HEADER + 4 * TABLE)
        struct.pack_into("<II", index, 0, 0xC103CAC3, 0x30000)
        struct.pack_into("<i", index, 28, TABLE)
        struct.pack_into("<Q", index, 40, CREATED)
        files = cls({"index": index})
        kinds = len(BLOCK_SIZES)
        for number in range(kinds * (1 + further)):
            following = number + kinds if number < kinds * further else 0
            header = bytearray(8192)
            size = BLOCK_SIZES[number % kinds]
            struct.pack_into("<IIhhi", header, 0, 0xC104CAC3, 0x20000, number, following, size)
            files.contents[f"data_{number}"] = header
        return files

    @classmethod
    def of(cls, directory: Path) -> "Files":
        """Those of a directory."""
        return cls(
            {
                path.name: bytearray(path.read_bytes())
                for path in directory.iterdir()
                if path.is_file()
            }
        )

    def opened(self) -> "Opened":
        """Parse them."""
        return Opened(self)

    def write(self, directory: Path) -> None:
        """Write them into a directory."""
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in self.contents.items():
            (directory / name).write_bytes(content)


class Opened:
    """Parsed files; ``saved`` are the files with what was changed."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._streams: dict[str, io.BytesIO] = {}
        self.cache = BlockCache(bytes(files.contents.get("index", b"")), self._open, self._external)

    def saved(self) -> Files:
        contents = dict(self._files.contents)
        contents["index"] = bytearray(finish(self.cache))
        for name, stream in self._streams.items():
            contents[name] = bytearray(stream.getbuffer())
        return Files(contents)

    def _open(self, number: int) -> io.BytesIO:
        content = self._files.contents.get(f"data_{number}", b"")
        stream = self._streams[f"data_{number}"] = io.BytesIO(content)
        return stream

    def _external(self, name: str, size: int) -> bytes:
        return bytes(self._files.contents.get(name, b"")[:size])


def new_entry(key: bytes, streams: Iterable[bytes], *, reuse: int = 0, used: int = 1) -> NewEntry:
    """An entry whose key and streams fit into blocks."""
    parts = (*streams, b"", b"", b"", b"")[:4]
    record = EntryRecord(
        hash=0,
        next=0,
        node=0,
        reuse_count=reuse,
        refetch_count=0,
        state=0,
        created=CREATED + used,
        key_length=len(key),
        long_key=int(len(key) > 927),
        sizes=tuple(map(len, parts)),
        addresses=(0, 0, 0, 0),
        flags=0,
        padding=(0, 0, 0, 0),
    )
    return NewEntry(key, record, Node(CREATED + used, CREATED, 0, 0, 0, 0), parts)


def with_entries(entries: Iterable[NewEntry], files: Files | None = None) -> Files:
    """A cache of these entries."""
    opened = (files or Files.empty()).opened()
    insert(opened.cache, entries)
    return opened.saved()


def addresses(cache: BlockCache, are_wanted: Callable[[bytes], bool] = lambda _: True) -> list[int]:
    """The addresses of all entries, or of those with some keys."""
    return [entry.address.value for entry in cache.entries if are_wanted(entry.key)]


def contents_of(cache: BlockCache) -> Mapping[bytes, tuple[object, ...]]:
    """What each entry that a chain leads to holds, by key; large streams by their files' names."""
    list_of = {value: number for number, each in enumerate(cache.lists) for value in each}
    return {
        entry.key: (
            entry.record.sizes,
            entry.record.reuse_count,
            entry.record.created,
            entry.record.flags,
            entry.node.last_used,
            list_of.get(entry.record.node),
            tuple(
                cache.read(address, size) if address.kind else address.external_name
                for address, size in entry.streams()
            ),
        )
        for entry in cache.entries
        if entry.bucket is not None
    }
