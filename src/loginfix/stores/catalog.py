"""The stores of an engine, as ``profiles/stores/`` declares them, and where they are."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from loginfix.browsers.model import Engine
from loginfix.data import data_root
from loginfix.errors import ConfigurationError, UnsafePathError
from loginfix.files.tree import Tree
from loginfix.stores.caches.cache2 import Cache2Store
from loginfix.stores.caches.simple import SimpleCacheStore
from loginfix.stores.leveldb.records import parse_record
from loginfix.stores.leveldb.store import LevelDBStore
from loginfix.stores.model import Category, Place, Root, Store
from loginfix.stores.sqlite.spec import parse_table
from loginfix.stores.sqlite.store import SqliteStore


@dataclass(frozen=True, slots=True)
class DeclaredStore:
    """A store and where it may be: paths below the profile or, for a cache, below either root."""

    store: Store
    root: Root
    paths: tuple[str, ...]

    def places(self, root: Root, tree: Tree) -> Iterator[Place]:
        """The paths that exist below one pinned directory of a profile."""
        for path in self.paths:
            if _is_there(tree, path):
                yield Place(tree, root, path)


def _is_there(tree: Tree, path: str) -> bool:
    try:
        return tree.exists(path)
    except (OSError, UnsafePathError):
        return True  # what cannot be looked at must be reported by the store, not passed over


@cache
def declared_stores(engine: Engine) -> tuple[DeclaredStore, ...]:
    """Read the declarations of an engine.

    Raises:
        ConfigurationError: A declaration cannot be understood; the message names file and key.
    """
    path = data_root() / "stores" / f"{engine}.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise _broken(path, str(error)) from error
    stores = []
    for name, declaration in data.items():
        try:
            stores.append(_declared(f"{engine}.{name}", declaration))
        except (KeyError, TypeError, ValueError) as error:
            raise _broken(path, f"[{name}]: {error}") from error
    return tuple(stores)


def known_categories() -> frozenset[Category]:
    """The categories that some store has; nothing can be promised of any other."""
    return frozenset(each.store.category for one in Engine for each in declared_stores(one))


def _declared(identifier: str, data: dict[str, Any]) -> DeclaredStore:
    return DeclaredStore(_store(identifier, data), Root(data["root"]), tuple(data["paths"]))


def _store(identifier: str, data: dict[str, Any]) -> Store:
    title, category = data["title"], Category(data["category"])
    match data["format"]:
        case "sqlite":
            tables = tuple(parse_table(table) for table in data["table"])
            return SqliteStore(identifier, title, category, tables, data["version"])
        case "leveldb":
            records = tuple(parse_record(record) for record in data["record"])
            return LevelDBStore(identifier, title, category, records)
        case "simple-cache":
            return SimpleCacheStore(identifier, title, category)
        case "cache2":
            return Cache2Store(identifier, title, category)
        case other:
            raise ValueError(f"unknown format {other!r}")


def _broken(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"{path} cannot be understood: {why}.",
        next_step="Install loginfix again, or report this.",
        path=path,
    )
