"""Which file is which store, and whose its records are: ``profiles/traces/``, as data."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from loginfix.browsers.model import Engine
from loginfix.data import data_root
from loginfix.errors import ConfigurationError
from loginfix.words import say

_SIDE_FILES = r"(?:-wal|-shm|-journal)?"


@dataclass(frozen=True, slots=True)
class TableRule:
    """Whose a row of a SQLite table is.

    ``names`` are alternatives, each from SQL expressions to forms of ``sites.forms``. ``keep`` is
    an SQL condition for rows that are the person's own, ``cookie`` the column of a cookie's name.
    ``first`` is the first column of a primary key that a table has instead of row numbers.
    ``mentions`` overrules the store's.
    """

    names: tuple[Mapping[str, str], ...] = ()
    keep: str = ""
    cookie: str = ""
    first: str = ""
    mentions: bool | None = None


@dataclass(frozen=True, slots=True)
class StoreRule:
    """One store: its name, and how its records name their owner."""

    name: str
    keep: bool = False
    mentions: bool = True
    tables: Mapping[str, TableRule] = field(default_factory=dict)
    keys: tuple[re.Pattern[bytes], ...] = ()
    urls_in_value: bool = False
    keep_json: tuple[tuple[str, ...], ...] = ()
    owner_json: tuple[str, ...] = ()
    hashes: str = ""
    packed: bool = False
    records: re.Pattern[bytes] | None = None
    owner_members: tuple[str, ...] = ()
    slots: Mapping[str, tuple[int, re.Pattern[bytes]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DirectoryRule:
    """Where it is written whose each directory of a ``folder`` is.

    ``source`` is a LevelDB directory with a ``key`` (its group ``name``, or the value, is the
    directory), a database with a ``query`` for names and owners, or the name of a file in each.
    With ``references``, cache entries in the folder say by what they contain whose others are.
    """

    folder: str
    source: str
    key: re.Pattern[bytes] | None = None
    query: str = ""
    references: re.Pattern[bytes] | None = None


@dataclass(frozen=True)
class Layout:
    """The stores of an engine. Paths are below the profile or cache directory."""

    rules: tuple[tuple[re.Pattern[str], StoreRule], ...]
    directories: tuple[DirectoryRule, ...]
    shared: tuple[str, ...]
    nested_folders: tuple[str, ...]

    def rule(self, path: str) -> StoreRule:
        """The store that a file belongs to; one named after its first folder if none is known."""
        path = self.inner(path)
        found = self._any.fullmatch(path)
        if found is None or found.lastindex is None:
            return StoreRule(path.partition("/")[0])
        return self.rules[found.lastindex - 1][1]

    def inner(self, path: str) -> str:
        """The path within the profile that a folder repeats, if it lies in such a folder."""
        for pattern in self._nested:
            if found := pattern.match(path):
                return path[found.end() :]
        return path

    @cached_property
    def _any(self) -> re.Pattern[str]:
        """The patterns of all rules, a group each: the first that fits is the one."""
        return re.compile("|".join(f"({each.pattern})" for each, _ in self.rules), re.DOTALL)

    @cached_property
    def _nested(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(_glob(each) + "/") for each in self.nested_folders)


@cache
def layout_of(engine: Engine) -> Layout:
    """Read the layout of an engine.

    Raises:
        ConfigurationError: It cannot be understood; the message names the file.
    """
    path = data_root() / "traces" / f"{engine}.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        return Layout(
            tuple((_paths(each["paths"]), _store(each)) for each in data.get("store", ())),
            tuple(_directory(each) for each in data.get("directory", ())),
            tuple(data.get("shared", ())),
            tuple(data.get("nested", ())),
        )
    except (OSError, KeyError, TypeError, ValueError, re.error) as error:
        raise _broken(path, error) from error


def _store(data: Mapping[str, Any]) -> StoreRule:
    tables = {name: _table(table) for name, table in data.get("tables", {}).items()}
    return StoreRule(
        name=data["name"],
        keep=data.get("keep", False),
        mentions=data.get("mentions", True),
        tables=tables,
        keys=tuple(re.compile(each.encode("latin-1"), re.DOTALL) for each in data.get("keys", ())),
        urls_in_value=data.get("urls_in_value", False),
        keep_json=tuple(tuple(each) for each in data.get("keep_json", ())),
        owner_json=tuple(data.get("owner_json", ())),
        hashes=data.get("hashes", ""),
        packed=data.get("packed", False),
        owner_members=tuple(data.get("owner_members", ())),
        slots={
            name: (size, re.compile(key.encode("latin-1"), re.DOTALL))
            for name, (size, key) in data.get("slots", {}).items()
        },
        records=re.compile(data["records"].encode("latin-1")) if "records" in data else None,
    )


def _table(data: Mapping[str, Any]) -> TableRule:
    names = tuple(dict(each) for each in data.get("names", ()))
    return TableRule(
        names,
        data.get("keep", ""),
        data.get("cookie", ""),
        data.get("first", ""),
        data.get("mentions"),
    )


def _directory(data: Mapping[str, Any]) -> DirectoryRule:
    key = data.get("key")
    return DirectoryRule(
        data["folder"],
        data.get("source", ""),
        re.compile(key.encode("latin-1"), re.DOTALL) if key else None,
        data.get("query", ""),
        re.compile(data["references"].encode("latin-1")) if "references" in data else None,
    )


def _paths(patterns: list[str]) -> re.Pattern[str]:
    """A path, what accompanies a database there, and everything below it."""
    one = "|".join(_glob(each) for each in patterns)
    return re.compile(rf"(?:{one}){_SIDE_FILES}(?:/.*)?", re.DOTALL)


def _glob(pattern: str) -> str:
    """A star is a part of one name."""
    return "[^/]*".join(re.escape(part) for part in pattern.split("*"))


def _broken(path: Path, why: Exception) -> ConfigurationError:
    return ConfigurationError(
        say(
            "{path} cannot be understood: {name}: {why}.",
            path=path,
            name=type(why).__name__,
            why=why,
        ),
        next_step=say("Install loginfix again, or report this."),
        path=path,
    )
