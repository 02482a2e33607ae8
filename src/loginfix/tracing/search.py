"""The search: every file and name of a profile, one after the other; changes not one byte."""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from loginfix.browsers.model import Profile
from loginfix.errors import LoginfixError
from loginfix.files.tree import Entry, Tree
from loginfix.progress import Doing, Progress, silent
from loginfix.sites.site import Site
from loginfix.sites.spotting import Spotter
from loginfix.tracing.entries import EntrySearch, complain, names_of
from loginfix.tracing.folders import Folders
from loginfix.tracing.found import Found
from loginfix.tracing.hashed import look_up_hashes
from loginfix.tracing.layout import Layout, layout_of
from loginfix.tracing.model import ProfileTrace, TracedFile
from loginfix.tracing.needles import Needles
from loginfix.tracing.problems import unreadable
from loginfix.tracing.scope import EVERYTHING, Scope
from loginfix.words import say
from loginfix.workers import spread

_WORTH = 500  # files for a process: they take it some 30 ms
_AT_ONCE = 1 << 14  # files of a folder, then it is told how far the search is


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
    found = search.found
    found.hosts |= {host for host in candidates if site.owns_host(host)}
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
            found.problems.append(unreadable(root, error).as_problem())
    look_up_hashes(found, search.needles.spotter, search.layout)
    return ProfileTrace(
        profile,
        search.files(),
        found.searched,
        found.size,
        time.monotonic() - started,
        tuple(dict.fromkeys(found.problems)),
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
    _total: int = 0
    _speaker: int = field(default_factory=os.getpid)  # of several processes, only this one

    @property
    def layout(self) -> Layout:
        """The layout of the profile's engine."""
        return layout_of(self.profile.engine)

    def tree(self, tree: Tree, parts: Iterable[str]) -> None:
        """Search what is below some paths of a root."""
        folders = Folders(tree, self.layout)
        for part in parts:
            if part and not _is_directory(tree, part):
                self._entries([tree.entry(part)], folders)
                continue
            for entries in self._below(tree, part):
                self._entries(entries, folders)

    def count(self, roots: Iterable[tuple[Path, tuple[str, ...]]]) -> None:
        """Find out how many files there are to search, for whoever waits for it."""
        for root, parts in roots:
            with suppress(OSError), Tree(root) as tree:
                self._total += sum(
                    entry.is_file() and self.scope.covers(root / entry.path)
                    for part in parts
                    if not part or _is_directory(tree, part)
                    for entries in self._below(tree, part)
                    for entry in entries
                )

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
                complain(self.found, tree.root / folder, error)
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

    def _entries(self, entries: list[Entry], folders: Folders) -> None:
        """Search what is in one folder, in several processes if that is much."""

        def part(some: Sequence[Entry]) -> Found:
            return self._part(some, folders)

        for start in range(0, len(entries), _AT_ONCE):
            for found in spread(part, entries[start : start + _AT_ONCE], worth=_WORTH):
                self.found.add(found)

    def _part(self, entries: Sequence[Entry], folders: Folders) -> Found:
        """What some entries of a folder hold, by themselves."""
        speaks = self.progress is not silent and os.getpid() == self._speaker
        found = Found()
        search = EntrySearch(self.needles, self.layout, folders, self.keep_cookies, found)
        names = b"\0".join(os.fsencode(name) for entry in entries for name in names_of(entry))
        is_named = self.needles.may_be_in(names)
        for entry in entries:
            if self.scope.paths is None or self.scope.covers(entry.tree.root / entry.path):
                if speaks:
                    self._speak(found.searched)
                search.search(entry, is_named=is_named)
        return found

    def _speak(self, more: int) -> None:
        sentence = say("Searching every byte of {profile}", profile=self.profile.label)
        done = self.found.searched + more
        # A running browser adds files meanwhile.
        self.progress(Doing(sentence, done, max(self._total, done)))


def _is_directory(tree: Tree, path: str) -> bool:
    return tree.exists(path) and tree.is_dir(path)
