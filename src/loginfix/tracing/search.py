"""The search: every file and name of a profile, one after the other; changes not one byte."""

import copy
import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

from loginfix.browsers.model import Profile
from loginfix.errors import LoginfixError
from loginfix.files.tree import Entry, Tree
from loginfix.progress import Doing, Progress, silent
from loginfix.sites.site import Site
from loginfix.sites.spotting import Spotter
from loginfix.tracing.databases import open_database
from loginfix.tracing.found import Found
from loginfix.tracing.hashes import Hashes
from loginfix.tracing.judging import Rows, directory_record, judge
from loginfix.tracing.layout import Layout, StoreRule, layout_of
from loginfix.tracing.model import (
    UNKNOWN,
    Encoding,
    Hit,
    Match,
    Piece,
    ProfileTrace,
    Record,
    TracedFile,
)
from loginfix.tracing.needles import Needles
from loginfix.tracing.owners import owners_below
from loginfix.tracing.problems import not_followed, partly, unreadable
from loginfix.tracing.readers.blockfile import Ranges, Read, ranges
from loginfix.tracing.readers.choosing import read
from loginfix.tracing.readers.sqlite import RowRecord
from loginfix.tracing.scope import EVERYTHING, Scope
from loginfix.tracing.source import Source
from loginfix.words import say
from loginfix.workers import spread

_SMALL = 1 << 20  # bytes of a file that is read at once, as most are
_WORTH = 500  # files for a process: they take it some 30 ms
_AT_ONCE = 1 << 14  # files of a folder, then it is told how far the search is
# Links that browsers make themselves, while they run or after they crashed.
_OWN_LINKS = frozenset({"SingletonLock", "SingletonCookie", "SingletonSocket", "lock"})
_INTERLEAVED = re.compile(r"[0-9]+(?P<name>.+?)\.(?:sqlite|files)(?:-wal|-shm|-journal)?")


def trace_profile(
    profile: Profile,
    site: Site,
    *,
    scope: Scope = EVERYTHING,
    with_shared: bool = True,
    keep_cookies: frozenset[str] = frozenset(),
    candidates: Iterable[str] = (),
    ignore: str = "",
    progress: Progress = silent,
) -> ProfileTrace:
    """Search one profile for a site.

    ``with_shared`` also searches what profiles have in common: the parts of the user data
    directory that hold data of sites. ``candidates`` are hosts that are looked for as hashes too.
    Directories whose name begins with ``ignore`` are passed over.

    Raises:
        ProfileUnreadableError: The profile directory cannot be opened.
        ConfigurationError: The layout of the engine cannot be understood.
    """
    search = _Search(profile, Needles(Spotter(site)), scope, keep_cookies, ignore, progress)
    search.found.hosts |= {host for host in candidates if site.owns_host(host)}
    started = time.monotonic()
    roots = tuple(_roots(profile, search.layout, with_shared=with_shared))
    if progress is not silent:
        search.count(roots)
    for root, parts in roots:
        try:
            with Tree(root) as tree:
                search.tree(tree, parts)
        except OSError as error:
            if root == profile.path:
                raise unreadable(root, error) from error
            search.found.problems.append(unreadable(root, error).as_problem())
    search.look_up_hashes()
    return ProfileTrace(
        profile,
        search.files(),
        search.found.searched,
        search.found.size,
        time.monotonic() - started,
        tuple(dict.fromkeys(search.found.problems)),
    )


def _roots(
    profile: Profile, layout: Layout, *, with_shared: bool
) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Directories, and the parts of each that are searched."""
    yield profile.path, ("",)
    if profile.cache_path.is_dir() and not profile.cache_path.is_relative_to(profile.path):
        yield profile.cache_path, ("",)
    if profile.separate_cache and profile.separate_cache.is_dir():
        yield profile.separate_cache, ("",)
    if with_shared and profile.user_data != profile.path:
        parts = tuple(part for part in layout.shared if (profile.user_data / part).exists())
        if parts:
            yield profile.user_data, parts


@dataclass(slots=True)
class _Search:
    """The state of one search."""

    profile: Profile
    needles: Needles
    scope: Scope
    keep_cookies: frozenset[str]
    ignore: str
    progress: Progress
    found: Found = field(default_factory=Found)
    _owners: dict[str, Record] = field(default_factory=dict)
    _cache: tuple[tuple[Path, str], Ranges] | None = None
    _folder: tuple[str, Record | None, Record | None] = ("", None, None)
    _total: int = 0
    _done: int = 0
    _speaker: int = field(default_factory=os.getpid)  # of several processes, only this one

    @property
    def layout(self) -> Layout:
        """The layout of the profile's engine."""
        return layout_of(self.profile.engine)

    def tree(self, tree: Tree, parts: Iterable[str]) -> None:
        """Search what is below some paths of a root."""
        self._owners, self._folder = self._written_owners(tree), ("", None, None)
        for part in parts:
            if part and tree.stat(part) and not _is_directory(tree, part):
                self._entry(tree.entry(part), is_named=True)
                continue
            for folder in self._below(tree, part):
                self._entries(folder)

    def count(self, roots: Iterable[tuple[Path, tuple[str, ...]]]) -> None:
        """Find out how many files there are to search, for whoever waits for it."""
        for root, parts in roots:
            with suppress(OSError), Tree(root) as tree:
                self._total += sum(
                    entry.is_file() and self.scope.covers(root / entry.path)
                    for part in parts
                    if not part or _is_directory(tree, part)
                    for folder in self._below(tree, part)
                    for entry in folder
                )

    def look_up_hashes(self) -> None:
        """Look for the hashes of every host that was seen, where the engine keeps any."""
        hashes = Hashes((*self.needles.spotter.names, *self.found.hosts), self.found.urls)
        for root, path in self.found.hashed:
            rule = self.layout.rule(path)
            if host := hashes.in_name(rule.hashes, path.rpartition("/")[2]):
                self._note(root, path, rule, UNKNOWN, Hit(None, host, Encoding.HASH), UNKNOWN_MATCH)
            with suppress(OSError, LoginfixError), Tree(root) as tree:
                if _is_directory(tree, path):
                    continue
                with tree.open(path) as file:
                    source = Source(file, tree.stat(path).st_size, path, rule)
                    for piece in read(source, lambda: nullcontext(_of_nobody)):
                        for start, _, host in hashes.in_bytes(rule.hashes, piece.data):
                            hit = Hit(piece.place(start), host, Encoding.HASH, piece.inside)
                            self._note(root, path, rule, UNKNOWN, hit, UNKNOWN_MATCH)

    def files(self) -> tuple[TracedFile, ...]:
        """Every file that names the site, by path."""
        return tuple(
            TracedFile(root / path, self.layout.rule(path).name, tallies)
            for (root, path), tallies in sorted(self.found.files.items())
        )

    def _below(self, tree: Tree, folder: str) -> Iterator[list[Entry]]:
        """Everything below a folder that may have to be searched, folder by folder."""
        waiting = [folder]
        while waiting:
            folder = waiting.pop()
            try:
                entries = list(tree.list(folder))
            except (OSError, LoginfixError) as error:
                self._complain(tree.root / folder, error)
                continue
            yield [each for each in entries if not (each.is_dir() and self._is_ignored(each))]
            waiting += [each.path for each in reversed(entries) if self._goes_into(each)]

    def _is_ignored(self, entry: Entry) -> bool:
        return bool(self.ignore) and entry.name.startswith(self.ignore)

    def _goes_into(self, entry: Entry) -> bool:
        return (
            entry.is_dir()
            and not self._is_ignored(entry)
            and self.scope.leads_on(entry.tree.root / entry.path)
        )

    def _entries(self, entries: list[Entry]) -> None:
        """Search what is in one folder, in several processes if that is much."""
        for start in range(0, len(entries), _AT_ONCE):
            for found in spread(self._part, entries[start : start + _AT_ONCE], worth=_WORTH):
                self.found.add(found)
            self._done = self.found.searched

    def _part(self, entries: Sequence[Entry]) -> Found:
        """What some entries of a folder hold, by themselves."""
        before, self.found = self.found, Found()
        if os.getpid() != self._speaker:
            self.progress = silent
        names = b"\0".join(os.fsencode(name) for entry in entries for name in _names(entry))
        try:
            is_named = self.needles.may_be_in(names)
            for entry in entries:
                self._entry(entry, is_named=is_named)
            return self.found
        finally:
            self.found = before

    def _entry(self, entry: Entry, *, is_named: bool) -> None:
        root, path = entry.tree.root, entry.path
        if self.scope.paths is not None and not self.scope.covers(root / path):
            return
        rule = self.layout.rule(path)
        record = self._record(path)
        if is_named:
            self._name(entry, rule, record)
        if rule.hashes:
            self.found.hashed.append((root, path))
        if entry.is_file():
            self._file(entry, rule, record)
        elif not entry.is_dir() and entry.name not in _OWN_LINKS:
            with suppress(OSError):
                if (root / path).is_symlink():
                    self.found.problems.append(not_followed(root / path))

    def _file(self, entry: Entry, rule: StoreRule, record: Record) -> None:
        root, path = entry.tree.root, entry.path
        self._speak()
        try:
            folder, _, name = path.rpartition("/")
            ranges = self._ranges(entry.tree, folder).get(name, ())
            if (content := entry.tree.read(path, _SMALL)) is not None:
                source = Source(content, len(content), path, rule, record, self._owners, ranges)
                self._source(entry.tree, source)
            else:
                with entry.tree.open(path) as file:
                    size = file.seek(0, os.SEEK_END)
                    source = Source(file, size, path, rule, record, self._owners, ranges)
                    self._source(entry.tree, source)
        except (OSError, LoginfixError) as error:
            self._complain(root / path, error)
            return
        self._done += 1
        self.found.searched += 1
        self.found.size += source.size
        for note in dict.fromkeys(source.notes):
            self.found.problems.append(partly(root / path, note))

    def _source(self, tree: Tree, source: Source) -> None:
        """Search a file with the reader for it, or raw where that one fails."""
        root, path, rule = tree.root, source.path, source.rule
        before = self.found.files.get((root, path))
        known = copy.deepcopy(before) if before else None
        try:
            with closing(read(source, partial(self._rows, tree, source))) as pieces:
                for piece in pieces:
                    self._piece(root, path, rule, piece)
        except (OSError, LoginfixError):
            raise
        except Exception:  # noqa: BLE001  no file may end the search, whatever is in it
            self.found.files.pop((root, path), None)
            if known:
                self.found.files[root, path] = known
            source.notes.append(say("its records could not be told apart"))
            for piece in source.windows(record=UNKNOWN):
                self._piece(root, path, rule, piece)

    @contextmanager
    def _rows(self, tree: Tree, source: Source) -> Iterator[RowRecord]:
        """What says whose the rows of a file are."""
        with ExitStack() as stack:
            connect = partial(open_database, tree, source.path, stack)
            rows = Rows(source.rule, source.record, connect, self.keep_cookies)
            stack.callback(rows.close)
            yield rows

    def _piece(self, root: Path, path: str, rule: StoreRule, piece: Piece) -> None:
        end = len(piece.data) if piece.end is None else piece.end
        for match, bounds in self.needles.find(piece.data, piece.bounds):
            if not piece.start < match.end <= end or (bounds and bounds.skip):
                continue
            record = bounds.record if bounds else piece.record
            hit = Hit(piece.place(match.start), match.host, match.encoding, piece.inside)
            self._note(root, path, rule, record, hit, match)
            if match.encoding is Encoding.PLAIN and not match.is_excluded:
                self.found.remember(piece.data, match)

    def _name(self, entry: Entry, rule: StoreRule, record: Record) -> None:
        for number, name in enumerate(_names(entry)):
            for match, _ in self.needles.find(os.fsencode(name)):
                encoding = Encoding.INTERLEAVED if number else match.encoding
                hit = Hit(None, match.host, encoding)
                self._note(entry.tree.root, entry.path, rule, record, hit, match)

    def _note(
        self, root: Path, path: str, rule: StoreRule, record: Record, hit: Hit, match: Match
    ) -> None:
        verdict = judge(self.needles.spotter, rule, record, match)
        self.found.note((root, path), verdict, hit)

    def _record(self, path: str) -> Record:
        """Whose a file is by the directories it is in."""
        folder, _, name = path.rpartition("/")
        if not folder:
            return self._owners.get(path) or directory_record(path) or UNKNOWN
        if self._folder[0] != folder:
            self._folder = folder, self._owner(folder), directory_record(folder)
        _, owner, named = self._folder
        return self._owners.get(path) or owner or named or directory_record(name) or UNKNOWN

    def _owner(self, folder: str) -> Record | None:
        """Whose a directory is, or the nearest one above it of which that is written."""
        parts = folder.split("/")
        owners = (self._owners.get("/".join(parts[:n])) for n in range(len(parts), 0, -1))
        return next(filter(None, owners), None)

    def _ranges(self, tree: Tree, folder: str) -> Ranges:
        """Whose the parts of files in a folder are, if it is a block-file cache."""
        if self._cache is None or self._cache[0] != (tree.root, folder):
            found: Ranges = {}
            with suppress(OSError, LoginfixError), ExitStack() as stack:
                if tree.exists(f"{folder}/data_1" if folder else "data_1"):
                    found = ranges(_reader(tree, folder, stack))
            self._cache = (tree.root, folder), found
        return self._cache[1]

    def _written_owners(self, tree: Tree) -> dict[str, Record]:
        found: dict[str, Record] = {}
        with ExitStack() as stack:
            for base in ("", *_nested(tree, self.layout)):
                found |= owners_below(
                    tree,
                    base,
                    self.layout.directories,
                    lambda path: open_database(tree, path, stack),
                )
        return found

    def _speak(self) -> None:
        if self.progress is silent:
            return
        sentence = say("Searching every byte of {profile}", profile=self.profile.label)
        # A running browser adds files meanwhile.
        self.progress(Doing(sentence, self._done, max(self._total, self._done)))

    def _complain(self, path: Path, error: Exception) -> None:
        if isinstance(error, FileNotFoundError):
            return  # a running browser removes files all the time
        if isinstance(error, LoginfixError):
            self.found.problems.append(error.as_problem())
        elif isinstance(error, OSError):
            self.found.problems.append(unreadable(path, error).as_problem())


UNKNOWN_MATCH = Match(0, 0, "", Encoding.HASH, is_excluded=False)


def _of_nobody(*_: object) -> Record:
    return UNKNOWN


def _names(entry: Entry) -> list[str]:
    """The name of an entry, and what it stands for where that is another."""
    names = [entry.name]
    if found := _INTERLEAVED.fullmatch(entry.name):
        names.append(_deinterleaved(found["name"]))
    return names


def _nested(tree: Tree, layout: Layout) -> Iterator[str]:
    """Folders that repeat a whole profile, each with a slash behind it."""
    for pattern in layout.nested_folders:
        folders = [""]
        for part in pattern.split("/"):
            inside = []
            for folder in folders:
                with suppress(OSError, LoginfixError):
                    if part != "*":
                        inside += [f"{folder}{part}/"] if tree.exists(f"{folder}{part}") else []
                    else:
                        inside += [
                            f"{each.path}/" for each in tree.list(folder[:-1]) if each.is_dir()
                        ]
            folders = inside
        yield from folders


def _reader(tree: Tree, folder: str, stack: ExitStack) -> Read:
    """Reads files of a folder, each opened once."""
    files: dict[str, BinaryIO | None] = {}

    def read_file(name: str, offset: int, size: int) -> bytes:
        if name not in files:
            files[name] = None
            with suppress(OSError, LoginfixError):
                files[name] = stack.enter_context(tree.open(f"{folder}/{name}"))
        file = files[name]
        if file is None:
            return b""
        file.seek(offset)
        return file.read(size)

    return read_file


def _is_directory(tree: Tree, path: str) -> bool:
    return tree.exists(path) and tree.is_dir(path)


def _deinterleaved(text: str) -> str:
    """A database's name out of its file's: first, last, second, last but one, and so on."""
    return text[::2] + text[1::2][::-1]
