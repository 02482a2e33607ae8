"""The stores of an engine, as ``profiles/stores/`` declares them."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

from loginfix.browsers.model import Engine
from loginfix.data import data_root
from loginfix.errors import ConfigurationError
from loginfix.stores.declared import DeclaredStore
from loginfix.stores.model import Category, Identity, Root, Store
from loginfix.words import say

_COMMON = frozenset(
    (
        *("title", "category", "format", "root", "paths", "copies"),
        *("opt_in", "unit", "hashed", "together"),
    )
)

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "block-cache": "caches.block.BlockCacheStore",
        "cache2": "caches.cache2.Cache2Store",
        "code-cache": "caches.code.CodeCacheStore",
        "chromium-sessions": "sessions.chromium.ChromiumSessions",
        "firefox-sessions": "sessions.firefox.FirefoxSessions",
        "directories": "directories.store.DirectoriesStore",
        "json": "json.store.JsonStore",
        "leveldb": "leveldb.store.LevelDBStore",
        "lines": "lines.LinesStore",
        "media-plugins": "media_plugins.MediaPluginsStore",
        "pictures": "from_history.pictures.PicturesStore",
        "semantic-history": "from_history.semantic.SemanticStore",
        "service-workers": "service_workers.ServiceWorkersStore",
        "shared-dictionary": "caches.dictionaries.SharedDictionaryStore",
        "simple-cache": "caches.simple.SimpleCacheStore",
        "slots": "slots.SlotsStore",
        "sqlite": "sqlite.store.SqliteStore",
        "sqlite-folders": "sqlite.folders.FoldersStore",
        "whole": "whole.WholeStore",
    }
)
"""The class that makes a store of each format, below this package; imported when it is needed."""


@cache
def declared_stores(engine: Engine) -> tuple[DeclaredStore, ...]:
    """Read the declarations of an engine: all files of its directory, in the order of their names.

    Stores that need what others found come last.

    Raises:
        ConfigurationError: A declaration cannot be understood; the message names file and key.
            What only one kind of store has is read when such a store is made.
    """
    stores: list[DeclaredStore] = []
    for path in sorted((data_root() / "stores" / engine).glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise _broken(path, str(error)) from error
        for name, declaration in data.items():
            try:
                stores.extend(_declared(f"{engine}.{name}", declaration, path))
            except (KeyError, TypeError, ValueError) as error:
                raise _broken(path, f"[{name}]: {error}") from error
    return tuple(sorted(stores, key=lambda each: each.hashed))


def _declared(identifier: str, data: dict[str, Any], path: Path) -> Iterator[DeclaredStore]:
    """The store where it is declared to be, and once more where copies of it may be."""
    identity = Identity(identifier, data["title"], Category(data["category"]))
    if data["format"] not in FORMATS:
        raise ValueError(f"unknown format {data['format']!r}")
    own = {key: value for key, value in data.items() if key not in _COMMON}

    @cache
    def make() -> Store:
        try:
            return _make(data["format"], identity, own)
        except (KeyError, TypeError, ValueError) as error:
            raise _broken(path, f"[{identifier.partition('.')[2]}]: {error}") from error

    declared = DeclaredStore(
        identity,
        make,
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


def _make(kind: str, identity: Identity, data: Mapping[str, Any]) -> Store:
    module, _, name = FORMATS[kind].rpartition(".")
    made_by = getattr(import_module(f"loginfix.stores.{module}"), name)
    store: Store = made_by.declared(identity, data)
    return store


def _broken(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(
        say("{path} cannot be understood: {why}.", path=path, why=why),
        next_step=say("Install loginfix again, or report this."),
        path=path,
    )
