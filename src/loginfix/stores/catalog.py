"""The stores of an engine, as ``profiles/stores/`` declares them."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from loginfix.browsers.model import Engine
from loginfix.data import data_root
from loginfix.errors import ConfigurationError
from loginfix.stores.caches.block import BlockCacheStore
from loginfix.stores.caches.cache2 import Cache2Store
from loginfix.stores.caches.code import CodeCacheStore
from loginfix.stores.caches.dictionaries import SharedDictionaryStore
from loginfix.stores.caches.simple import SimpleCacheStore
from loginfix.stores.declared import DeclaredStore
from loginfix.stores.directories.store import DirectoriesStore
from loginfix.stores.from_history.pictures import PicturesStore
from loginfix.stores.from_history.semantic import SemanticStore
from loginfix.stores.json.store import JsonStore
from loginfix.stores.leveldb.store import LevelDBStore
from loginfix.stores.lines import LinesStore
from loginfix.stores.media_plugins import MediaPluginsStore
from loginfix.stores.model import Category, Identity, Root, Store
from loginfix.stores.service_workers import ServiceWorkersStore
from loginfix.stores.sessions.chromium import ChromiumSessions
from loginfix.stores.sessions.firefox import FirefoxSessions
from loginfix.stores.slots import SlotsStore
from loginfix.stores.sqlite.folders import FoldersStore
from loginfix.stores.sqlite.store import SqliteStore
from loginfix.stores.whole import WholeStore
from loginfix.words import say

_COMMON = frozenset(
    (
        *("title", "category", "format", "root", "paths", "copies"),
        *("opt_in", "unit", "hashed", "together"),
    )
)

Parser = Callable[[Identity, Mapping[str, Any]], Store]
"""Makes a store of what its declaration says beyond the keys that all have."""

FORMATS: Mapping[str, Parser] = MappingProxyType(
    {
        "block-cache": BlockCacheStore.declared,
        "cache2": Cache2Store.declared,
        "code-cache": CodeCacheStore.declared,
        "chromium-sessions": ChromiumSessions.declared,
        "firefox-sessions": FirefoxSessions.declared,
        "directories": DirectoriesStore.declared,
        "json": JsonStore.declared,
        "leveldb": LevelDBStore.declared,
        "lines": LinesStore.declared,
        "media-plugins": MediaPluginsStore.declared,
        "pictures": PicturesStore.declared,
        "semantic-history": SemanticStore.declared,
        "service-workers": ServiceWorkersStore.declared,
        "shared-dictionary": SharedDictionaryStore.declared,
        "simple-cache": SimpleCacheStore.declared,
        "slots": SlotsStore.declared,
        "sqlite": SqliteStore.declared,
        "sqlite-folders": FoldersStore.declared,
        "whole": WholeStore.declared,
    }
)


@cache
def declared_stores(engine: Engine) -> tuple[DeclaredStore, ...]:
    """Read the declarations of an engine: all files of its directory, in the order of their names.

    Stores that need what others found come last.

    Raises:
        ConfigurationError: A declaration cannot be understood; the message names file and key.
    """
    stores: list[DeclaredStore] = []
    for path in sorted((data_root() / "stores" / engine).glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise _broken(path, str(error)) from error
        for name, declaration in data.items():
            try:
                stores.extend(_declared(f"{engine}.{name}", declaration))
            except (KeyError, TypeError, ValueError) as error:
                raise _broken(path, f"[{name}]: {error}") from error
    return tuple(sorted(stores, key=lambda each: each.hashed))


def known_categories() -> frozenset[Category]:
    """The categories that some store has; nothing can be promised of any other."""
    return frozenset(each.store.category for one in Engine for each in declared_stores(one))


def _declared(identifier: str, data: dict[str, Any]) -> Iterator[DeclaredStore]:
    """The store where it is declared to be, and once more where copies of it may be."""
    identity = Identity(identifier, data["title"], Category(data["category"]))
    if data["format"] not in FORMATS:
        raise ValueError(f"unknown format {data['format']!r}")
    own = {key: value for key, value in data.items() if key not in _COMMON}
    declared = DeclaredStore(
        FORMATS[data["format"]](identity, own),
        Root(data["root"]),
        tuple(data["paths"]),
        opt_in=bool(data.get("opt_in")),
        unit=data.get("unit", ""),
        hashed=bool(data.get("hashed")),
        together=bool(data.get("together")),
    )
    yield declared
    if "copies" in data:
        yield replace(declared, root=Root.USER_DATA, paths=tuple(data["copies"]))


def _broken(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(
        say("{path} cannot be understood: {why}.", path=path, why=why),
        next_step=say("Install loginfix again, or report this."),
        path=path,
    )
