"""Databases of a profile that is searched, to be asked whose a row is."""

import sqlite3
from contextlib import ExitStack

from loginfix.errors import LoginfixError
from loginfix.files.copying import copy_content
from loginfix.files.scratch import scratch
from loginfix.files.sqlite import DAMAGED, UNCHANGED, connect
from loginfix.files.tree import Tree


def open_database(tree: Tree, path: str, stack: ExitStack) -> sqlite3.Connection | None:
    """Open a database, or a private copy of one that has a log, without changing a byte."""
    try:
        original = tree.local_path(path)
        logs = [f"{path}{suffix}" for suffix in ("-wal", "-journal")]
        if any(tree.exists(each) and tree.stat(each).st_size for each in logs):
            directory = stack.enter_context(scratch())
            for each in (path, *logs):
                if tree.exists(each):
                    copy = directory / f"database{each.removeprefix(path)}"
                    with tree.open(each) as file, copy.open("xb") as target:
                        copy_content(file, target)
            return connect(directory / "database")
        return connect(original, UNCHANGED)
    except (OSError, *DAMAGED, LoginfixError):
        return None
