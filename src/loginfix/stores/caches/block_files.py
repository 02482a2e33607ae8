"""The files of a block-file cache: opened where they are, or as copies that can be edited."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from loginfix.errors import DamagedFileError
from loginfix.files.exact import copy_exactly
from loginfix.files.reading import read_up_to
from loginfix.files.tree import Tree
from loginfix.formats.block_cache.addresses import BlockCacheError
from loginfix.formats.block_cache.cache import BlockCache, none
from loginfix.formats.block_cache.check import ReadExternal
from loginfix.formats.block_cache.index import MAGIC, MAX_SIZE
from loginfix.stores.model import Place, Workspace
from loginfix.words import say

INDEX = "index"
_BLOCK_FILE = re.compile(r"data_(0|[1-9][0-9]{0,2})")
_EXTERNAL = re.compile(r"f_[0-9a-f]{6,7}")
_BEGINNINGS = ("data_", "f_")  # of both
_CHUNK = 1 << 20


def is_block_cache(place: Place) -> bool:
    """Whether the block-file back end made the present ``index``."""
    rel = f"{place.rel}/{INDEX}"
    if not place.tree.exists(rel):
        return False
    with place.tree.open(rel) as file:
        return file.read(4) == MAGIC.to_bytes(4, "little")


def own_files(place: Place) -> tuple[list[str], list[str]]:
    """The names of the block files, and of the files of single streams."""
    # A hundred thousand, where another back end is at work: little for those that are not ours.
    names = place.tree.names_as_kept(place.rel)
    names = sorted(name for name in names if name.startswith(_BEGINNINGS))
    return _plain_files(place, _BLOCK_FILE, names), _plain_files(place, _EXTERNAL, names)


def _plain_files(place: Place, called: re.Pattern[str], names: list[str]) -> list[str]:
    matching = filter(called.fullmatch, names)
    return [name for name in matching if place.tree.is_file(f"{place.rel}/{name}")]


@contextmanager
def opened(place: Place, choose: Callable[[bytes], bool] = none) -> Iterator[BlockCache]:
    """The cache as it is, for reading; ``choose`` is as in ``BlockCache``.

    Raises:
        DamagedFileError: It is not as the browser leaves it.
    """
    with understood(place), ExitStack() as stack:
        with place.tree.open(f"{place.rel}/{INDEX}") as file:
            index = _whole_index(read_up_to(file, MAX_SIZE + 1))
        blocks, _ = own_files(place)

        def open_file(number: int) -> BinaryIO:
            if f"data_{number}" not in blocks:
                raise BlockCacheError(say("data_{number} is missing", number=number))
            file = stack.enter_context(place.tree.open(f"{place.rel}/data_{number}"))
            # What is read is all over the file: a buffer would be filled anew each time.
            return getattr(file, "raw", file)

        yield BlockCache(index, open_file, _external(place.tree, place.rel), choose)


@dataclass(frozen=True, slots=True)
class Copies:
    """Private copies of ``index`` and of the block files, by name.

    ``coming`` are the files of single streams that will be beside them.
    """

    place: Place
    paths: dict[str, Path]
    coming: dict[str, Path] = field(default_factory=dict)

    @classmethod
    def make(cls, place: Place, work: Workspace) -> "Copies":
        """Copy the files that may be edited."""
        paths = {}
        for name in (INDEX, *own_files(place)[0]):
            path = paths[name] = work.scratch(name)
            with place.tree.open(f"{place.rel}/{name}") as source:
                copy_exactly(source, path)
        return cls(place, paths)

    def digest(self, name: str) -> str:
        """The SHA-256 of a copy."""
        with self.paths[name].open("rb") as file:
            return sha256(file)

    @contextmanager
    def of(self, cache: BlockCache) -> Iterator[BlockCache]:
        """A cache that is open and checked, in its copies, for editing.

        Raises:
            DamagedFileError: The copies are of something else.
        """
        with understood(self.place), ExitStack() as stack:
            yield cache.in_copies(self._opener(stack))

    @contextmanager
    def opened(self, choose: Callable[[bytes], bool] = none) -> Iterator[BlockCache]:
        """The cache in the copies, for editing; ``choose`` is as in ``BlockCache``.

        Raises:
            DamagedFileError: It is not as the browser leaves it.
        """
        with understood(self.place), ExitStack() as stack:
            with self.paths[INDEX].open("rb") as file:
                index = _whole_index(read_up_to(file, MAX_SIZE + 1))
            present = _external(self.place.tree, self.place.rel)

            def external(name: str, size: int) -> bytes:
                if name not in self.coming:
                    return present(name, size)
                with self.coming[name].open("rb") as file:
                    return file.read(size)

            yield BlockCache(index, self._opener(stack), external, choose)

    def _opener(self, stack: ExitStack) -> Callable[[int], BinaryIO]:
        def open_file(number: int) -> BinaryIO:
            if f"data_{number}" not in self.paths:
                raise BlockCacheError(say("data_{number} is missing", number=number))
            return stack.enter_context(self.paths[f"data_{number}"].open("r+b"))

        return open_file


def digest(place: Place, name: str) -> str:
    """The SHA-256 of a file of the cache; empty where it is missing."""
    rel = f"{place.rel}/{name}"
    if not place.tree.exists(rel):
        return ""
    with place.tree.open(rel) as file:
        return sha256(file)


def sha256(file: BinaryIO) -> str:
    """The SHA-256 of what follows in a file, in hexadecimal."""
    sum_ = hashlib.sha256()
    while block := file.read(_CHUNK):
        sum_.update(block)
    return sum_.hexdigest()


@contextmanager
def understood(place: Place) -> Iterator[None]:
    """Say of what cannot be understood that the cache was left alone."""
    try:
        yield
    except BlockCacheError as error:
        raise DamagedFileError(
            say("The web cache {path} was left alone: {error}.", path=place.path, error=error),
            next_step=say(
                "Start the browser once and close it: it mends or drops what is damaged. Then"
                " run this again; or clear the whole cache in the browser's settings."
            ),
            path=place.path,
        ) from error


def _whole_index(data: bytes) -> bytes:
    if len(data) > MAX_SIZE:
        raise BlockCacheError(say("index is too large"))
    return data


def _external(tree: Tree, rel: str) -> ReadExternal:
    def read(name: str, size: int) -> bytes:
        path = f"{rel}/{name}"
        if not tree.exists(path):
            return b""
        with tree.open(path) as file:
            return file.read(size)

    return read
