"""What a check may look at: one profile, or this computer. Reading only."""

import json
import os
import re
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from loginfix.browsers.model import Engine, Profile
from loginfix.files.plain import open_plain
from loginfix.files.tree import Tree
from loginfix.sites.login import Login
from loginfix.sites.site import Site
from loginfix.stores.model import Place, Root
from loginfix.stores.sqlite.files import reading
from loginfix.words import say

MAX_JSON = 64 << 20
_PREF = re.compile(r'^user_pref\("((?:[^"\\]|\\.)*)",\s*(.*)\);\s*$', re.MULTILINE)


@dataclass
class Subject:
    """One profile and the site that cannot be logged in to."""

    profile: Profile
    site: Site
    login: Login
    tree: Tree
    now: datetime

    @property
    def is_chromium(self) -> bool:
        """Whether the profile is of that engine; otherwise it is Firefox's."""
        return self.profile.engine is Engine.CHROMIUM

    def exists(self, rel: str) -> bool:
        """Whether the profile has this file or directory."""
        return self.tree.exists(rel)

    def first_of(self, *rels: str) -> str | None:
        """The first of some paths that is there."""
        return next((rel for rel in rels if self.exists(rel)), None)

    @contextmanager
    def database(self, rel: str) -> Iterator[sqlite3.Connection]:
        """A database of the profile, as it is, not one byte changed.

        Raises:
            LoginfixError: It cannot be read.
        """
        with reading(Place(self.tree, Root.PROFILE, rel)) as connection:
            yield connection

    def rows(self, rel: str, sql: str) -> list[tuple[Any, ...]]:
        """The rows of one query; see ``database``."""
        with self.database(rel) as connection:
            return connection.execute(sql).fetchall()

    def text(self, rel: str) -> str:
        """A text file of the profile.

        Raises:
            ValueError: It is too large to be what it should be, or not text.
        """
        with self.tree.open(rel) as file:
            data = file.read(MAX_JSON + 1)
        if len(data) > MAX_JSON:
            raise ValueError(say("{rel} is too large", rel=rel))
        return data.decode("utf-8")

    @cached_property
    def preferences(self) -> Mapping[str, Any]:
        """Chromium's ``Preferences``, with those that are kept in ``Secure Preferences``."""
        merged: dict[str, Any] = {}
        for rel in ("Preferences", "Secure Preferences"):
            if self.exists(rel):
                _merge(merged, json.loads(self.text(rel)))
        return merged

    def preference(self, path: str, default: Any = None) -> Any:
        """A value of Chromium's preferences by its dotted path."""
        value: Any = self.preferences
        for part in path.split("."):
            if not isinstance(value, Mapping) or part not in value:
                return default
            value = value[part]
        return value

    @cached_property
    def prefs(self) -> Mapping[str, Any]:
        """Firefox's preferences that differ from the default; ``user.js`` wins at every start."""
        return {
            name: value
            for rel in ("prefs.js", "user.js")
            if self.exists(rel)
            for name, value in _read_prefs(self.text(rel))
        }

    @cached_property
    def local_state(self) -> Mapping[str, Any]:
        """Chromium's ``Local State``, of all profiles; empty where it is not there."""
        path = self.profile.user_data / "Local State"
        try:
            with open_plain(path) as file:
                state: Mapping[str, Any] = json.loads(file.read(MAX_JSON))
        except (OSError, ValueError):
            return {}
        return state

    def clear_command(self, *categories: str) -> tuple[str, ...]:
        """The words of the command that clears these kinds of data from this profile."""
        only = [word for category in categories for word in ("--only", category)]
        return ("clear-cache", "--site", self.site.name, "--profile", self.profile.id, *only)


@contextmanager
def opened(profile: Profile, site: Site, login: Login, now: datetime) -> Iterator[Subject]:
    """Pin a profile for its checks.

    Raises:
        OSError: The profile directory cannot be opened.
    """
    with ExitStack() as stack:
        yield Subject(profile, site, login, stack.enter_context(Tree(profile.path)), now)


@dataclass(frozen=True)
class Computer:
    """This computer as checks see it; tests give another one.

    ``root`` is where ``/etc`` is, ``environment`` the variables, ``interfaces`` the names of the
    network interfaces that are up.
    """

    site: Site
    root: Path = Path("/")
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    platform: str = sys.platform
    interfaces: tuple[str, ...] | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def read(self, rel: str) -> str | None:
        """A system file's text; None where there is none."""
        try:
            return (self.root / rel).read_text("utf-8", "replace")
        except OSError:
            return None


def _read_prefs(text: str) -> Iterator[tuple[str, Any]]:
    for match in _PREF.finditer(text):
        try:
            yield match[1], json.loads(match[2])
        except ValueError:
            continue  # a string with an escape that only JavaScript has


def _merge(into: dict[str, Any], other: Mapping[str, Any]) -> None:
    for key, value in other.items():
        present = into.get(key)
        if isinstance(present, dict) and isinstance(value, Mapping):
            _merge(present, value)
        else:
            into[key] = value
