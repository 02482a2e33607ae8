"""Browsing, clearing, restoring, pruning and being killed, in any order, against a model.

The model knows what must exist: in the profiles, and in each backup. ``LOGINFIX_STATEFUL`` is how
many sequences are tried.
"""

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import synthetic
from crashing import killed_at
from loginfix.errors import ExitCode
from loginfix.formats.simple_cache import build_entry, entry_file_name
from test_cli_program import FOR_SURE, backups, invoke

if sys.platform == "win32":
    pytest.skip("being killed at a given write needs a fork", allow_module_level=True)

SEQUENCES = int(os.environ.get("LOGINFIX_STATEFUL", "12"))
SITE_HOSTS = ("www.amazon.com", "amazon.co.jp")
OTHER_HOSTS = ("www.example.org", "notamazon.com", "console.aws.amazon.com")
DONE = (ExitCode.DONE, ExitCode.NOTHING_FOUND)


SETTINGS = settings(
    max_examples=SEQUENCES,
    stateful_step_count=20,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    # A step takes so long that the first failure is worth more than the shortest.
    phases=(Phase.explicit, Phase.generate),
)


class Item(NamedTuple):
    """One thing a browser keeps of a host."""

    kind: str
    host: str
    name: str

    @property
    def is_the_sites(self) -> bool:
        return self.host in SITE_HOSTS


Content = dict[Item, str]


@dataclass(frozen=True)
class Database:
    """Cookies: one row an item."""

    path: Path
    table: str
    host: str
    insert: str

    def write(self, item: Item, value: str) -> None:
        self.remove(item)
        with closing(sqlite3.connect(self.path)) as database, database:
            database.execute(self.insert, (item.host, item.name, value))

    def remove(self, item: Item) -> None:
        with closing(sqlite3.connect(self.path)) as database, database:
            database.execute(
                f"DELETE FROM {self.table} WHERE {self.host} = ? AND name = ?",
                (item.host, item.name),
            )

    def read(self, kind: str) -> Content:
        with closing(sqlite3.connect(self.path)) as database:
            rows = database.execute(f"SELECT {self.host}, name, value FROM {self.table}")
            return {Item(kind, host, name): value for host, name, value in rows}


@dataclass(frozen=True)
class Files:
    """Storage and caches: one file an item."""

    root: Path
    pattern: str
    encode: Callable[[Item, str], bytes] = lambda _, value: value.encode()

    def path(self, item: Item) -> Path:
        key = entry_file_name(key_of(item), 0)  # type: ignore[arg-type]
        return self.root / self.pattern.format(host=item.host, name=item.name, entry=key)

    def write(self, item: Item, value: str) -> None:
        self.path(item).parent.mkdir(parents=True, exist_ok=True)
        self.path(item).write_bytes(self.encode(item, value))

    def remove(self, item: Item) -> None:
        self.path(item).unlink(missing_ok=True)

    def read(self, kind: str) -> Content:
        found = {}
        for host in (*SITE_HOSTS, *OTHER_HOSTS):
            for name in NAMES:
                path = self.path(Item(kind, host, name))
                if path.is_file():
                    content = path.read_bytes()
                    found[Item(kind, host, name)] = next(v for v in VALUES if v.encode() in content)
        return found


NAMES = ("session-id", "ubid")
VALUES = ("first-value", "second-value", "third-value")


def units(content: Content) -> dict[tuple[str, ...], Content]:
    """What is merged as one thing: a cookie, a cache entry, all that an origin stores."""
    found: dict[tuple[str, ...], Content] = {}
    for item, value in content.items():
        unit = item[:2] if "storage" in item.kind else item
        found.setdefault(unit, {})[item] = value
    return found


def key_of(item: Item) -> str:
    site = f"https://{item.host}"
    return f"1/0/_dk_{site} {site} {site}/{item.name}"


def cache_entry(item: Item, value: str) -> bytes:
    return build_entry(key_of(item).encode(), b"", value.encode())


def kinds_in(home: Path) -> dict[str, Database | Files]:
    """The kinds of things in the two browsers of a home."""
    firefox, chromium = synthetic.firefox(home, ()), synthetic.chromium(home, ())
    return {
        "firefox cookies": Database(
            firefox.cookies,
            "moz_cookies",
            "host",
            "INSERT INTO moz_cookies (host, name, value, path, expiry, lastAccessed, creationTime,"
            " isSecure, isHttpOnly, updateTime) VALUES (?, ?, ?, '/', 1830054844800,"
            " 1795494844800407, 1795494844800414, 1, 1, 1795494844800414)",
        ),
        "chromium cookies": Database(
            chromium.cookies,
            "cookies",
            "host_key",
            "INSERT INTO cookies VALUES (13439968414223405, ?, '', ?, ?, '', '/',"
            " 13474528414223405, 1, 1, 13439968414223405, 1, 1, 1, -1, 2, 443,"
            " 13439968414223409, 1, 0)",
        ),
        "firefox storage": Files(firefox.path, "storage/default/https+++{host}/idb/{name}.files"),
        "chromium storage": Files(chromium.path, "IndexedDB/https_{host}_0.indexeddb.blob/{name}"),
        "chromium cache": Files(
            home / ".cache/chromium/Default", "Cache/Cache_Data/{entry}", cache_entry
        ),
    }


KINDS = (
    *("firefox cookies", "chromium cookies", "chromium cache"),
    *("firefox storage", "chromium storage"),
)
ITEMS = st.builds(
    Item, st.sampled_from(KINDS), st.sampled_from(SITE_HOSTS + OTHER_HOSTS), st.sampled_from(NAMES)
)
# A write to die before; most runs have about a hundred.
MOMENTS = st.none() | st.integers(1, 160)


class Loginfix(RuleBasedStateMachine):
    """``content`` must be in the profiles; ``saved`` in each backup, oldest first."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(mkdtemp(prefix="stateful-"))
        self.kinds = kinds_in(self.home)
        self.content: Content = {}
        self.saved: dict[str, Content] = {}

    def teardown(self) -> None:
        shutil.rmtree(self.home)

    @initialize()
    def begin(self) -> None:
        """Everything there can be, once."""
        self.browse(
            [
                Item(kind, host, name)
                for kind in KINDS
                for host in (*SITE_HOSTS, *OTHER_HOSTS)
                for name in NAMES
            ],
            VALUES[0],
        )

    @rule(items=st.lists(ITEMS, min_size=1, max_size=6), value=st.sampled_from(VALUES))
    def browse(self, items: list[Item], value: str) -> None:
        for item in items:
            self.kinds[item.kind].write(item, value)
            self.content[item] = value

    @precondition(lambda self: self.content)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        """The browser itself deletes something."""
        item = data.draw(st.sampled_from(sorted(self.content)))
        self.kinds[item.kind].remove(item)
        del self.content[item]

    @precondition(lambda self: any(item.is_the_sites for item in self.content))
    @rule(killed=MOMENTS, undo=st.booleans())
    def clear(self, killed: int | None, undo: bool) -> None:  # noqa: FBT001  a rule's own way
        going = {item: value for item, value in self.content.items() if item.is_the_sites}
        staying = {item: value for item, value in self.content.items() if not item.is_the_sites}
        self.run(killed, FOR_SURE, undo=undo)
        made = [path.stem for path in backups(self.home) if path.stem not in self.saved]
        if self.observed() == self.content:
            # Nothing happened, or everything was undone: nothing may look as if it could come back.
            assert going == {} or killed is not None
            assert made == []
        else:
            assert self.observed() == staying
            self.content = staying
            (new,) = made
            self.saved[new] = going

    @precondition(lambda self: self.saved)
    @rule(data=st.data(), overwrite=st.booleans(), killed=MOMENTS, undo=st.booleans())
    def restore(
        self,
        data: st.DataObject,
        overwrite: bool,  # noqa: FBT001
        killed: int | None,
        undo: bool,  # noqa: FBT001
    ) -> None:
        chosen = data.draw(st.sampled_from(sorted(self.saved)))
        options = ("--overwrite",) if overwrite else ()
        self.run(killed, ("restore", chosen, "--yes", *options), undo=undo)
        observed = self.observed()
        if killed is not None and observed == self.content:
            return
        saved = units(self.saved[chosen])
        there = units(self.content)
        merged = there | saved if overwrite else saved | there
        self.content = {item: value for unit in merged.values() for item, value in unit.items()}
        assert observed == self.content

    @precondition(lambda self: self.saved)
    @rule(keep=st.integers(0, 3), killed=MOMENTS)
    def prune(self, keep: int, killed: int | None) -> None:
        self.run(killed, ("backups", "prune", "--keep", str(keep), "--yes"), undo=False)
        present = {path.stem for path in backups(self.home)}
        staying = set(list(self.saved)[max(0, len(self.saved) - keep) :])
        assert staying <= present <= self.saved.keys()
        assert killed is not None or present == staying
        self.saved = {name: saved for name, saved in self.saved.items() if name in present}

    @invariant()
    def what_must_exist_exists(self) -> None:
        assert self.observed() == self.content
        assert {path.stem for path in backups(self.home)} == self.saved.keys()
        left = [path for path in self.home.rglob("*") if path.name.startswith(".loginfix-")]
        assert left == []

    def run(self, killed: int | None, arguments: tuple[str, ...], *, undo: bool) -> None:
        """Run a command or, killed in the middle of it, also what ends that."""
        if killed is not None and killed_at(killed, lambda: invoke(self.home, *arguments)):
            done = invoke(self.home, "recover", *(("--undo",) if undo else ()))
            assert done.code in DONE, done
            assert invoke(self.home, "recover").code == ExitCode.NOTHING_FOUND
        elif killed is None:
            done = invoke(self.home, *arguments)
            assert done.code in DONE, done

    def observed(self) -> Content:
        """What is in the profiles."""
        return {
            item: value
            for kind, each in self.kinds.items()
            for item, value in each.read(kind).items()
        }

    @precondition(lambda self: self.saved)
    @rule()
    def verify(self) -> None:
        done = invoke(self.home, "backups", "verify")
        assert done.code == ExitCode.DONE, done


def test_what_must_exist_exists_whatever_is_done() -> None:
    run_state_machine_as_test(Loginfix, settings=SETTINGS)
