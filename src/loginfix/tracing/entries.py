"""Searching one entry of a folder: what it is called, and every byte that is in it."""

import copy
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from loginfix.errors import LoginfixError
from loginfix.files.tree import Entry, Tree
from loginfix.tracing.databases import open_database
from loginfix.tracing.folders import Folders
from loginfix.tracing.found import Found
from loginfix.tracing.judging import Rows, judge
from loginfix.tracing.layout import Layout, StoreRule
from loginfix.tracing.model import UNKNOWN, Encoding, Hit, Match, Piece, Record
from loginfix.tracing.needles import Needles
from loginfix.tracing.problems import not_followed, partly, unreadable
from loginfix.tracing.readers.choosing import read
from loginfix.tracing.readers.sqlite import RowRecord
from loginfix.tracing.source import Source
from loginfix.words import say

_SMALL = 1 << 20  # bytes of a file that is read at once, as most are
# Links that browsers make themselves, while they run or after they crashed.
_OWN_LINKS = frozenset({"SingletonLock", "SingletonCookie", "SingletonSocket", "lock"})
_INTERLEAVED = re.compile(r"[0-9]+(?P<name>.+?)\.(?:sqlite|files)(?:-wal|-shm|-journal)?")


@dataclass(frozen=True, slots=True)
class EntrySearch:
    """Looks for the needles; what it finds goes into ``found``.

    ``keep_cookies`` are names of cookies that the person keeps.
    """

    needles: Needles
    layout: Layout
    folders: Folders
    keep_cookies: frozenset[str]
    found: Found

    def search(self, entry: Entry, *, is_named: bool) -> None:
        """Search one entry; its name too where ``is_named``."""
        root, path = entry.tree.root, entry.path
        rule = self.layout.rule(path)
        record = self.folders.record(path)
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

    def _name(self, entry: Entry, rule: StoreRule, record: Record) -> None:
        for number, name in enumerate(names_of(entry)):
            for match, _ in self.needles.find(os.fsencode(name)):
                encoding = Encoding.INTERLEAVED if number else match.encoding
                hit = Hit(None, match.host, encoding)
                self._note(entry.tree.root, entry.path, rule, record, hit, match)

    def _file(self, entry: Entry, rule: StoreRule, record: Record) -> None:
        tree, path = entry.tree, entry.path
        try:
            folder, _, name = path.rpartition("/")
            known = (record, self.folders.owners, self.folders.ranges(folder).get(name, ()))
            if (content := tree.read(path, _SMALL)) is not None:
                source = Source(content, len(content), path, rule, *known)
                self._source(tree, source)
            else:
                with tree.open(path) as file:
                    size = file.seek(0, os.SEEK_END)
                    source = Source(file, size, path, rule, *known)
                    self._source(tree, source)
        except (OSError, LoginfixError) as error:
            complain(self.found, tree.root / path, error)
            return
        self.found.searched += 1
        self.found.size += source.size
        for note in dict.fromkeys(source.notes):
            self.found.problems.append(partly(tree.root / path, note))

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

    def _note(
        self, root: Path, path: str, rule: StoreRule, record: Record, hit: Hit, match: Match
    ) -> None:
        verdict = judge(self.needles.spotter, rule, record, match)
        self.found.note((root, path), verdict, hit)


def names_of(entry: Entry) -> list[str]:
    """The name of an entry, and what it stands for where that is another."""
    names = [entry.name]
    if found := _INTERLEAVED.fullmatch(entry.name):
        names.append(_deinterleaved(found["name"]))
    return names


def complain(found: Found, path: Path, error: Exception) -> None:
    """Note that something could not be searched."""
    if isinstance(error, FileNotFoundError):
        return  # a running browser removes files all the time
    if isinstance(error, LoginfixError):
        found.problems.append(error.as_problem())
    elif isinstance(error, OSError):
        found.problems.append(unreadable(path, error).as_problem())


def _deinterleaved(text: str) -> str:
    """A database's name out of its file's: first, last, second, last but one, and so on."""
    return text[::2] + text[1::2][::-1]
