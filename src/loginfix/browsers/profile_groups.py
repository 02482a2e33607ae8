"""Profiles made in Firefox's profile selector, which only its own databases list.

``<profile root>/Profile Groups/<StoreID>.sqlite``, table ``Profiles`` with ``path`` relative to
the root and ``name`` (toolkit/profile/ProfilesDatastoreService.sys.mjs, schema 7).
"""

import contextlib
import sqlite3
from pathlib import Path

from loginfix.files.plain import open_plain, read_plain
from loginfix.files.scratch import scratch
from loginfix.files.sqlite import DAMAGED
from loginfix.words import say

_SIDE_FILES = ("-wal", "-journal")


class UnreadableGroupError(ValueError):
    """A database of profiles that cannot be read."""


def databases(root: Path) -> list[Path]:
    """The group databases below a profile root."""
    return sorted((root / "Profile Groups").glob("*.sqlite"))


def read(path: Path) -> dict[str, str]:
    """Paths relative to the profile root, with ``/`` as in the ini files, and the given names.

    No byte beside or inside the database changes: it is opened as immutable, or, where a log
    belongs to it that must be read too, as a private copy.

    Raises:
        UnreadableGroupError: it is not such a database, or damaged.
    """
    try:
        if not any(_has_content(path, suffix) for suffix in _SIDE_FILES):
            open_plain(path).close()  # SQLite would wait at a pipe
            return _rows(f"{path.absolute().as_uri()}?mode=ro&immutable=1")
        with scratch() as directory:
            copy = directory / path.name
            for suffix in ("", *_SIDE_FILES):
                with contextlib.suppress(FileNotFoundError):
                    content = read_plain(path.with_name(path.name + suffix))
                    copy.with_name(copy.name + suffix).write_bytes(content)
            return _rows(copy.as_uri())
    except (OSError, *DAMAGED) as error:
        raise UnreadableGroupError(say("cannot be read ({error})", error=error)) from error


def _has_content(path: Path, suffix: str) -> bool:
    side = path.with_name(path.name + suffix)
    return side.exists() and side.stat().st_size > 0


def _rows(uri: str) -> dict[str, str]:
    with contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
        rows = connection.execute("SELECT path, name FROM Profiles").fetchall()
    return {Path(str(path)).as_posix(): str(name) for path, name in rows}
