"""Whose computer a command is about: a home, its browsers, and loginfix's own directories."""

import os
import shlex
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from loginfix.browsers.brands import load_brands
from loginfix.browsers.installed import find_profiles, profile_at
from loginfix.browsers.model import Discovery, Profile
from loginfix.browsers.places import Home
from loginfix.directories import Directories
from loginfix.errors import (
    LoginfixError,
    NoBrowsersError,
    Problem,
    ProfileUnreadableError,
    UsageError,
)
from loginfix.sites.catalog import Catalog, load_catalog
from loginfix.users.homes import refuse_foreign
from loginfix.words import say


@dataclass(frozen=True, slots=True)
class Machine:
    """Where to look. ``other_home`` is None for the person's own.

    With ``given`` directories, only these are looked at, not the usual places. Backups are kept in
    ``backup_dir``, if one is given, in a folder of their own.

    Raises:
        RefusedError: This is root, and the home or a directory is another user's.
    """

    other_home: Path | None = None
    given: tuple[Path, ...] = ()
    backup_dir: Path | None = None

    def __post_init__(self) -> None:
        home, directories = self.home, self.directories
        ours = (directories.data, directories.config)
        chosen = (*self.given, *((self.backup_dir,) if self.backup_dir else ()))
        refuse_foreign((home.path, home.config, home.cache, *ours, *chosen))

    @property
    def home(self) -> Home:
        """The home whose browsers are meant."""
        return Home.at(self.other_home) if self.other_home else Home.current()

    @property
    def directories(self) -> Directories:
        """Where backups and journals are."""
        found = Directories.at(self.other_home) if self.other_home else Directories.current()
        return replace(found, elsewhere=self.backup_dir)

    @property
    def catalog(self) -> Catalog:
        """The sites known by name, the person's own among them.

        Raises:
            ConfigurationError: A file that describes a site cannot be understood.
        """
        return load_catalog(self.directories.config / "sites")

    def profiles(self, brands: Sequence[str] = (), names: Sequence[str] = ()) -> Discovery:
        """The profiles that are meant; without ``brands`` and ``names``, all.

        Raises:
            UsageError: A brand or profile does not exist.
            NoBrowsersError: There is no profile at all.
            ProfileUnreadableError: None can be read, or a given directory holds none.
        """
        found = self._look(brands)
        if not found.profiles:
            raise _none(found.problems)
        return Discovery(tuple(_chosen(found.profiles, names)), found.problems)

    def all_profiles(self, paths: Iterable[Path] = ()) -> tuple[Profile, ...]:
        """Every profile in the usual places and those given, and what is at ``paths``, if it is."""
        known = load_brands(self.directories.config / "browsers")
        profiles = {each.path: each for each in find_profiles(self.home, known).profiles}
        for path in self.given:
            profiles |= {each.path: each for each in profile_at(path, self.home, known).profiles}
        for path in paths:
            if path in profiles or not self._may_reach(path):
                continue
            # What has gone is missed, and reported, by whoever needs it.
            with suppress(ProfileUnreadableError):
                found = profile_at(path, self.home, known)
                profiles |= {each.path: each for each in found.profiles}
        return tuple(profiles.values())

    def _may_reach(self, path: Path) -> bool:
        """Whether a path out of a backup is meant: that of a copied home still names the first."""
        return self.other_home is None or path.is_relative_to(self.home.path)

    def command(self, *words: str) -> str:
        """A command about this machine, to be copied to a terminal."""
        home = ("--home", str(self.other_home)) if self.other_home else ()
        line = ["loginfix", *words, *home]
        return subprocess.list2cmdline(line) if os.name == "nt" else shlex.join(line)

    def backup_command(self, *words: str) -> str:
        """The same for a command about this machine's backups."""
        where = ("--backup-dir", str(self.backup_dir)) if self.backup_dir else ()
        return self.command(*words, *where)

    def _look(self, brands: Sequence[str]) -> Discovery:
        known = load_brands(self.directories.config / "browsers")
        if not self.given:
            return find_profiles(self.home, known, only=brands)
        if brands:
            raise UsageError(
                say("--browser cannot be used together with --user-data-dir or --profile-dir."),
                next_step=say(
                    "Leave --browser out: the directory already says which browser it is."
                ),
            )
        found = [profile_at(path, self.home, known) for path in self.given]
        profiles = {each.path: each for one in found for each in one.profiles}
        problems = tuple(problem for one in found for problem in one.problems)
        return Discovery(tuple(profiles.values()), problems)


def _chosen(profiles: Sequence[Profile], names: Sequence[str]) -> Iterator[Profile]:
    for name in names:
        if not any(_is_called(profile, name) for profile in profiles):
            existing = ", ".join(f"{each.id} ({each.name})" for each in profiles)
            raise UsageError(
                say("There is no profile {name!r}.", name=name),
                next_step=say("There are these: {existing}.", existing=existing),
            )
    for profile in profiles:
        if not names or any(_is_called(profile, name) for name in names):
            yield profile


def _is_called(profile: Profile, name: str) -> bool:
    wanted = name.casefold()
    return wanted in {each.casefold() for each in (profile.id, profile.directory, profile.name)}


def _none(problems: Sequence[Problem]) -> LoginfixError:
    if problems:
        first = problems[0]
        return ProfileUnreadableError(first.message, next_step=first.next_step, path=first.path)
    return NoBrowsersError(
        say("No browser with a profile was found."),
        next_step=say(
            "Start your browser once. If it keeps its profile in an unusual place, name"
            " that folder with --user-data-dir."
        ),
    )
