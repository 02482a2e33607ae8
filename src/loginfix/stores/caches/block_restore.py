"""Putting entries back into a block-file cache.

Where the browser has not used the cache since, its files become what they were, byte for byte.
Otherwise the saved entries are put in as the browser itself would, beside those that came since.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count
from pathlib import Path

from loginfix.errors import Problem, VerificationError
from loginfix.files.durable import create_private
from loginfix.files.exact import write_exactly
from loginfix.formats.block_cache.addresses import (
    BLOCK_SIZES,
    Address,
    BlockCacheError,
    Kind,
    parse_address,
    parse_block_address,
)
from loginfix.formats.block_cache.block_file import HEADER
from loginfix.formats.block_cache.cache import BlockCache, Entry
from loginfix.formats.block_cache.edit import NewEntry, NoRoomError, finish, insert, remove
from loginfix.formats.block_cache.records import KEY_OFFSET, NODE_SIZE, EntryRecord, Node, State
from loginfix.stores.caches.block_files import INDEX, Copies, digest, is_block_cache
from loginfix.stores.caches.block_patches import TABLE, Before, put_back
from loginfix.stores.model import Place, Restored, SavedFile, SavedRow, SavedStore, Workspace
from loginfix.words import say

ENTRIES = "entries"
"""Rows: ``address`` and ``key`` of each entry that went."""

WAS, LEFT = "sha256_before:", "sha256_after:"
"""Prefixes of notes: a changed file's digest before and after the clear."""

_CHILD = re.compile(rb"Range_(.*):[0-9a-f]+:[0-9a-f]+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Saved:
    """An entry out of a backup; a stream is where it was or, if it had a file of its own, that."""

    key: bytes
    record: EntryRecord
    node: Node
    streams: tuple[Address | SavedFile | None, ...]
    long_key: SavedFile | None


class _Keys:
    """Chooses the keys that a backup has, and notes all that it is asked about."""

    def __init__(self, saved: Iterable[SavedRow]) -> None:
        self._saved = {_digest(_key(row)) for row in saved}
        self.met: set[bytes] = set()

    def __call__(self, key: bytes) -> bool:
        """See ``choose`` of ``BlockCache``."""
        digest = _digest(key)
        self.met.add(digest)
        return digest in self._saved


@dataclass(slots=True)
class _Tally:
    restored: int = 0
    unchanged: int = 0
    kept_newer: list[str] = field(default_factory=list)


class BlockRestore:
    """One restoring of one cache."""

    def __init__(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> None:
        """See ``Store.restore``."""
        self._place = place
        self._saved = saved
        self._work = work
        self._overwrite = overwrite
        self._files = {file.rel.rpartition("/")[2]: file for file in saved.files()}

    def run(self) -> Restored:
        """Stage it.

        Raises:
            BlockCacheError: The cache is not as the browser leaves it.
        """
        names = [note.removeprefix(WAS) for note in self._saved.notes if note.startswith(WAS)]
        now = {name: digest(self._place, name) for name in names}
        entries = sum(1 for _ in self._saved.rows(ENTRIES))
        if not names:
            return Restored(restored=sum(map(self._create, self._files.values())))
        if self._are(WAS, now):
            back = sum(map(self._create, self._files.values()))
            return Restored(restored=back, unchanged=entries)
        absent = not any(self._is_there(file) for file in self._files.values())
        if absent and self._are(LEFT, now):
            self._undo(names)
            return Restored(restored=entries or len(names))
        if not is_block_cache(self._place):
            why = say("the browser keeps its cache in another form now")
            return Restored(problems=(self._not_merged(entries, why),))
        return self._merge()

    def _are(self, when: str, now: dict[str, str]) -> bool:
        return all(self._saved.notes.get(when + name) == sha256 for name, sha256 in now.items())

    def _is_there(self, file: SavedFile) -> bool:
        return self._place.tree.exists(file.rel)

    def _create(self, file: SavedFile) -> bool:
        """Put a file back under its own name, unless something has that now."""
        if self._is_there(file):
            return False
        self._work.create(file.rel, self._written(file))
        return True

    def _written(self, file: SavedFile) -> Path:
        staged = self._work.scratch(file.rel.rpartition("/")[2])
        self._saved.write_file(file, staged)
        return staged

    def _undo(self, names: list[str]) -> None:
        copies = Copies.make(self._place, self._work)
        put_back(self._saved.rows(TABLE), copies.paths)
        for name in names:
            if copies.digest(name) != self._saved.notes[WAS + name]:
                raise VerificationError(
                    say(
                        "{path} could not be made again what it was; it was left alone.",
                        path=self._place.path,
                    ),
                    next_step=say("Nothing was changed. Please report this."),
                    path=self._place.path,
                )
            self._work.replace(f"{self._place.rel}/{name}", copies.paths[name])
        for file in self._files.values():
            self._create(file)

    def _merge(self) -> Restored:
        copies = Copies.make(self._place, self._work)
        tally = _Tally()
        keys, keys_after = (_Keys(self._saved.rows(ENTRIES)) for _ in range(2))
        with (
            copies.opened(keys) as cache,
            open(self._work.scratch("before"), "xb+", opener=create_private) as spool,
        ):
            before = Before(self._saved.rows(TABLE), spool)
            chosen, replaced = self._choose(cache, before, tally)
            if not chosen:
                return Restored(unchanged=tally.unchanged, kept_newer=tuple(tally.kept_newer))
            outdated = remove(cache, [entry.address.value for entry in replaced])
            externals = self._numbered(cache, chosen)
            for rel, address in externals.items():
                file = self._files[rel.rpartition("/")[2]]
                copies.coming[address.external_name] = self._written(file)
            try:
                insert(cache, (_new(each, externals, before) for each in chosen))
            except NoRoomError:
                return Restored(problems=(self._not_merged(len(chosen), say("it is full")),))
            index = finish(cache)
        write_exactly(copies.paths[INDEX], index)
        with copies.opened(keys_after):  # checks everything anew
            if keys_after.met != keys.met | {_digest(each.key) for each in chosen}:
                raise BlockCacheError(say("the edited copy does not hold what it should"))
        for name, path in copies.paths.items():
            if copies.digest(name) != digest(self._place, name):
                self._work.replace(f"{self._place.rel}/{name}", path)
        for name in outdated:
            if self._place.tree.exists(f"{self._place.rel}/{name}"):
                self._work.remove(f"{self._place.rel}/{name}")
        for name, staged in copies.coming.items():
            self._work.create(f"{self._place.rel}/{name}", staged)
        return Restored(
            restored=len(chosen), unchanged=tally.unchanged, kept_newer=tuple(tally.kept_newer)
        )

    def _choose(
        self, cache: BlockCache, before: Before, tally: _Tally
    ) -> tuple[list[_Saved], list[Entry]]:
        """The saved entries to put in, and the present ones that make room for them."""
        entries = map(cache.entry, cache.chosen)
        present = {entry.key: entry for entry in entries if entry.bucket is not None}
        chosen: dict[bytes, _Saved] = {}
        replaced = []
        children = []
        for saved in self._entries(before):
            if _CHILD.fullmatch(saved.key):
                children.append(saved)
                continue
            now = present.get(saved.key)
            if now is not None and now.record.state == State.NORMAL and not now.node.dirty:
                if _is_same(now, saved):
                    tally.unchanged += 1
                    continue
                if not self._overwrite:
                    tally.kept_newer.append(saved.key.decode("utf-8", "replace"))
                    continue
            if now is not None:
                replaced.append(now)
            chosen[saved.key] = saved
        for child in children:
            # Parts are found through their whole, and through none that came since.
            parent = _CHILD.fullmatch(child.key)
            if parent and parent[1] in chosen and child.key not in present:
                chosen[child.key] = child
        return list(chosen.values()), replaced

    def _entries(self, before: Before) -> Iterator[_Saved]:
        """The saved entries that the browser would have used again."""
        for row in self._saved.rows(ENTRIES):
            value, key = row.before["address"], _key(row)
            if not isinstance(value, int):
                raise TypeError("a saved entry has not the form of one")
            address = parse_block_address(value, Kind.BLOCK_256)
            record = EntryRecord.parse(_piece(before, address, KEY_OFFSET))
            node_address = parse_block_address(record.node, Kind.RANKINGS)
            node = Node.parse(_piece(before, node_address, NODE_SIZE))
            if record.state != State.NORMAL or node.dirty:
                continue
            parts: list[Address | SavedFile | None] = []
            for place, size in zip(record.addresses, record.sizes, strict=True):
                stream = parse_address(place)
                if stream is None or stream.kind is not Kind.EXTERNAL:
                    _refuse_larger(stream, size)
                    parts.append(stream)
                elif file := self._files.get(stream.external_name):
                    parts.append(file)
                else:
                    break  # its file was missing already: the browser would have dropped the entry
            else:
                outside = parse_address(record.long_key)
                has_file = outside is not None and outside.kind is Kind.EXTERNAL
                long_key = self._files.get(outside.external_name) if outside and has_file else None
                yield _Saved(key, record, node, tuple(parts), long_key)

    def _numbered(self, cache: BlockCache, chosen: list[_Saved]) -> dict[str, Address]:
        """A new number for each file that comes back, as the browser chooses them."""
        first = max(cache.index.last_file, 0) + 1
        addresses = (Address(Kind.EXTERNAL, number) for number in count(first))
        given: dict[str, Address] = {}
        for saved in chosen:
            for file in (*saved.streams, saved.long_key):
                if isinstance(file, SavedFile):
                    address = next(filter(self._is_free, addresses))
                    given[file.rel] = address
                    cache.index.last_file = address.file
        return given

    def _is_free(self, address: Address) -> bool:
        return not self._place.tree.exists(f"{self._place.rel}/{address.external_name}")

    def _not_merged(self, entries: int, why: str) -> Problem:
        return Problem(
            "not-merged",
            say(
                "{entries} entries of the web cache {path} could not be put back: {why}.",
                entries=entries,
                path=self._place.path,
                why=why,
            ),
            say(
                "Nothing is wrong with the browser: it fetches these files again when it needs"
                " them. The backup keeps them."
            ),
            self._place.path,
        )


def _key(row: SavedRow) -> bytes:
    key = row.before["key"]
    if not isinstance(key, bytes):
        raise TypeError("a saved entry has not the form of one")
    return key


def _digest(key: bytes) -> bytes:
    return blake2b(key, digest_size=16).digest()


def _refuse_larger(address: Address | None, size: int) -> None:
    if address and size > address.size:
        raise BlockCacheError("a saved stream is larger than its blocks")


def _piece(before: Before, address: Address, size: int) -> bytes:
    _refuse_larger(address, size)
    offset = HEADER + address.block * BLOCK_SIZES[address.kind]
    return before.read(f"data_{address.file}", offset, size)


def _new(saved: _Saved, externals: dict[str, Address], before: Before) -> NewEntry:
    streams: list[bytes | Address] = []
    for part, size in zip(saved.streams, saved.record.sizes, strict=True):
        if isinstance(part, SavedFile):
            streams.append(externals[part.rel])
        else:
            streams.append(_piece(before, part, size) if part else b"")
    long_key = externals[saved.long_key.rel] if saved.long_key else None
    return NewEntry(saved.key, saved.record, saved.node, tuple(streams), long_key)


def _is_same(now: Entry, saved: _Saved) -> bool:
    """Whether it is the very entry: made at the same time, of the same size."""
    return (now.record.created, now.record.sizes) == (saved.record.created, saved.record.sizes)
