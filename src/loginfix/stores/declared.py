"""A store with the places where it may be."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import translate
from typing import Any, Self

from loginfix.errors import UnsafePathError
from loginfix.files.tree import Tree
from loginfix.stores.model import Category, Identity, Place, Root, Store


@dataclass(frozen=True, slots=True)
class DeclaredStore:
    """A store and where it may be: paths below the profile or, for a cache, below either root.

    ``make`` makes the store, or gives the one that it has made before. That is left until it is
    asked for: a profile has few of all that there are.

    In a path, ``*`` stands for anything within one name. An ``opt_in`` store holds decisions of
    the person's own, and is only looked at where its category was asked for by name. Stores of one
    ``unit`` mean something only together: after a crash, either all of them are finished or none.
    A ``hashed`` one names hosts by hashes only: it is looked at last, with the hosts that the
    others named.
    The paths of a store that is ``together`` are parts of one thing: it is looked at once, at the
    first that exists.
    """

    identity: Identity
    make: Callable[[], Store]
    root: Root
    paths: tuple[str, ...]
    opt_in: bool = False
    unit: str = ""
    hashed: bool = False
    together: bool = False

    @property
    def store(self) -> Store:
        """The store.

        Raises:
            ConfigurationError: Its declaration cannot be understood.
        """
        return self.make()

    def is_wanted(self, categories: Collection[Category], asked: Collection[Category]) -> bool:
        """Whether it is to be looked at, given what is to be cleared and what was named for it."""
        category = self.identity.category
        return category in categories and (category in asked or not self.opt_in)

    def inside(self, directory: str) -> "DeclaredStore":
        """The same store where all its paths are inside a directory."""
        return replace(self, paths=tuple(f"{directory}/{path}" for path in self.paths))

    def places(self, root: Root, tree: Tree, below: str = "") -> Iterator[Place]:
        """The paths that exist under a pinned directory.

        ``below`` is that directory's own name where declared paths begin with it.
        """
        prefix = f"{below}/" if below else ""
        for path in self.paths:
            if path.startswith(prefix):
                for rel in matching_paths(tree, path.removeprefix(prefix)):
                    yield Place(tree, root, rel, below)
                    if self.together:
                        return


def refuse_unknown(data: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuse a declaration with a key that nobody reads.

    Raises:
        ValueError: There is one; the text names it.
    """
    if unknown := set(data).difference(known):
        raise ValueError(f"unknown key {min(unknown)!r}")


@dataclass(frozen=True, slots=True)
class PlainStore:
    """What a store is of which a declaration says nothing but what all declarations say."""

    id: str
    title: str
    category: Category

    @classmethod
    def declared(cls, identity: Identity, data: Mapping[str, Any]) -> Self:
        """Make the store that a declaration describes.

        Raises:
            ValueError: The declaration says what such a store does not need; the text names it.
        """
        refuse_unknown(data, ())
        return cls(*identity)


def matching_paths(tree: Tree, pattern: str) -> Iterator[str]:
    """The existing paths that match a declared one, in the order of their names."""
    return _matches(tree, "", pattern.split("/"))


def _matches(tree: Tree, above: str, parts: list[str]) -> Iterator[str]:
    fixed = []
    while parts and "*" not in parts[0]:
        fixed.append(parts[0])
        parts = parts[1:]
    rel = "/".join([above, *fixed] if above else fixed)
    if not parts:
        if _is_there(tree, rel):
            yield rel
        return
    try:
        names = tree.names_as_kept(rel)
    except (OSError, UnsafePathError):
        return  # not there, or not a directory: nothing in it can match
    is_match = re.compile(translate(parts[0])).match
    for path in (f"{rel}/{name}" if rel else name for name in sorted(filter(is_match, names))):
        if len(parts) == 1:
            yield path
        elif tree.is_dir(path):
            yield from _matches(tree, path, parts[1:])


def _is_there(tree: Tree, path: str) -> bool:
    try:
        return tree.exists(path)
    except (OSError, UnsafePathError):
        return True  # what cannot be looked at must be reported by the store, not passed over
