"""What is known of a file by the folder that it is in: whose it is, or whose its parts are."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from typing import BinaryIO

from loginfix.errors import LoginfixError
from loginfix.files.tree import Tree
from loginfix.tracing.databases import open_database
from loginfix.tracing.judging import directory_record
from loginfix.tracing.layout import Layout
from loginfix.tracing.model import UNKNOWN, Record
from loginfix.tracing.owners import owners_below
from loginfix.tracing.readers.blockfile import Ranges, Read, ranges


class Folders:
    """The folders of one root. Asked folder by folder, it looks into each once."""

    def __init__(self, tree: Tree, layout: Layout) -> None:
        self._tree = tree
        self.owners: Mapping[str, Record] = _written_owners(tree, layout)
        """Whose what is kept under a path is, where that is written."""
        self._last: tuple[str, Record | None, Record | None] = ("", None, None)
        self._ranges: tuple[str, Ranges] | None = None

    def record(self, path: str) -> Record:
        """Whose a file is."""
        folder, _, name = path.rpartition("/")
        if not folder:
            return self.owners.get(path) or directory_record(path) or UNKNOWN
        if self._last[0] != folder:
            self._last = folder, self._owner(folder), directory_record(folder)
        _, owner, named = self._last
        return self.owners.get(path) or owner or named or directory_record(name) or UNKNOWN

    def ranges(self, folder: str) -> Ranges:
        """Whose the parts of files in a folder are, if it is a block-file cache."""
        if self._ranges is None or self._ranges[0] != folder:
            found: Ranges = {}
            with suppress(OSError, LoginfixError), ExitStack() as stack:
                if self._tree.exists(f"{folder}/data_1" if folder else "data_1"):
                    found = ranges(_reader(self._tree, folder, stack))
            self._ranges = folder, found
        return self._ranges[1]

    def _owner(self, folder: str) -> Record | None:
        """Whose a folder is, or the nearest one above it of which that is written."""
        parts = folder.split("/")
        owners = (self.owners.get("/".join(parts[:n])) for n in range(len(parts), 0, -1))
        return next(filter(None, owners), None)


def _written_owners(tree: Tree, layout: Layout) -> dict[str, Record]:
    found: dict[str, Record] = {}
    with ExitStack() as stack:
        for base in ("", *_nested(tree, layout)):
            found |= owners_below(
                tree, base, layout.directories, lambda path: open_database(tree, path, stack)
            )
    return found


def _nested(tree: Tree, layout: Layout) -> Iterator[str]:
    """Folders that repeat a whole profile, each with a slash behind it."""
    for pattern in layout.nested_folders:
        folders = [""]
        for part in pattern.split("/"):
            inside = []
            for folder in folders:
                with suppress(OSError, LoginfixError):
                    if part != "*":
                        inside += [f"{folder}{part}/"] if tree.exists(f"{folder}{part}") else []
                    else:
                        inside += [
                            f"{each.path}/" for each in tree.list(folder[:-1]) if each.is_dir()
                        ]
            folders = inside
        yield from folders


def _reader(tree: Tree, folder: str, stack: ExitStack) -> Read:
    """Reads files of a folder, each opened once."""
    files: dict[str, BinaryIO | None] = {}

    def read_file(name: str, offset: int, size: int) -> bytes:
        if name not in files:
            files[name] = None
            with suppress(OSError, LoginfixError):
                files[name] = stack.enter_context(tree.open(f"{folder}/{name}"))
        file = files[name]
        if file is None:
            return b""
        file.seek(offset)
        return file.read(size)

    return read_file
