"""Opening and copying a SQLite database together with what belongs to it.

The unit is ``{db, -wal, -shm, -journal}``: the main file alone, next to a write-ahead log or a hot
journal, says something else than the browser would read (https://www.sqlite.org/wal.html,
https://www.sqlite.org/lockingv3.html#hot_journals).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from loginfix.errors import (
    DamagedFileError,
    LoginfixError,
    NotUnderstoodError,
    ProfileWriteError,
)
from loginfix.files.exact import copy_exactly
from loginfix.files.scratch import scratch
from loginfix.files.sqlite import UNCHANGED, connect
from loginfix.stores.model import Place
from loginfix.words import say

_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
_HEADER_SIZE = 100
_WAL_VERSION = 2
_CANNOT_WRITE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
}
# Firefox's obfuscating file system: page size 8192 with 32 reserved bytes (dom/quota/test/gtest).
_ENCRYPTED_PAGE_SIZE = 8192
_ENCRYPTED_RESERVED = 32


def pending_side_files(place: Place) -> list[str]:
    """The side files that hold content or would confuse a database swapped in without them.

    Raises:
        UnsafePathError: One is a link or a special file.
    """
    pending = []
    for suffix in ("-wal", "-shm", "-journal"):
        rel = place.rel + suffix
        if not place.tree.exists(rel):
            continue
        place.tree.open(rel).close()  # refuses what no browser puts there
        if suffix == "-shm" or place.tree.stat(rel).st_size > 0:
            pending.append(rel)
    return pending


def _holds_content(place: Place) -> bool:
    """Whether a write-ahead log or a hot journal changes what the database means."""
    for rel in pending_side_files(place):
        if rel.endswith("-wal"):
            return True
        if rel.endswith("-journal"):
            with place.tree.open(rel) as file:
                if file.read(len(_JOURNAL_MAGIC)) == _JOURNAL_MAGIC:
                    return True
    return False


def check_header(place: Place) -> None:
    """Refuse what is not a plain SQLite database.

    Raises:
        DamagedFileError: The file does not start as a database does.
        NotUnderstoodError: Firefox encrypted it.
    """
    with place.tree.open(place.rel) as file:
        header = file.read(_HEADER_SIZE)
    if len(header) < _HEADER_SIZE or not header.startswith(b"SQLite format 3\0"):
        raise damaged(place, say("it is not a database"))
    page_size = int.from_bytes(header[16:18], "big")
    if page_size == _ENCRYPTED_PAGE_SIZE and header[20] == _ENCRYPTED_RESERVED:
        raise NotUnderstoodError(
            say("{path} was left alone: the browser encrypted it.", path=place.path),
            next_step=say(
                "Use the browser's own settings to clear this site, or turn the encryption"
                " of its databases off first."
            ),
            path=place.path,
        )


def is_wal(path: Path) -> bool:
    """Whether the database is in write-ahead mode (header byte 18)."""
    with path.open("rb") as file:
        return file.read(19)[-1] == _WAL_VERSION


@contextmanager
def reading(place: Place) -> Iterator[sqlite3.Connection]:
    """Open for reading without changing a byte or creating a file beside it.

    Raises:
        LoginfixError: The file cannot be opened or is damaged.
    """
    check_header(place)
    with scratch() as directory, guarded(place):
        if _holds_content(place):
            path, query = directory / "copy", ""
            copy_unit(place, path)
        else:
            path, query = place.tree.local_path(place.rel), UNCHANGED
        with closing(_careful(connect(path, query))) as connection:
            yield connection


@contextmanager
def guarded(place: Place) -> Iterator[None]:
    """Turn SQLite's complaints about ``place`` or an edited copy of it into errors for a person.

    Raises:
        ProfileWriteError: There is no room for the copy.
        NotUnderstoodError: The database's own rules forbid the change.
        DamagedFileError: It cannot be read.
    """
    try:
        yield
    except LoginfixError:
        raise
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _CANNOT_WRITE:
            raise damaged(place, str(error)) from error
        raise not_written(place, str(error)) from error
    except sqlite3.IntegrityError as error:
        raise NotUnderstoodError(
            say(
                "{path} was left alone: its rules forbid the change ({error}).",
                path=place.path,
                error=error,
            ),
            next_step=say("This version of the browser is not known yet. Update loginfix."),
            path=place.path,
        ) from error
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        # SQLite quotes a damaged schema in its message, which then is not text.
        raise damaged(place, str(error)) from error


def not_written(place: Place, reason: str) -> ProfileWriteError:
    """The error for an edited copy of ``place`` for which the disk has no room, or fails."""
    return ProfileWriteError(
        say(
            "An edited copy of {path} could not be written ({error}). Nothing was changed.",
            path=place.path,
            error=reason,
        ),
        next_step=say("Make room on that disk, or make it writable, and run this again."),
        path=place.path,
    )


def open_private(path: Path) -> sqlite3.Connection:
    """Open a private copy, or with care what the browser wrote.

    What is in the schema is not trusted, and nothing spills into files elsewhere.
    """
    return _careful(connect(path))


def _careful(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def copy_unit(place: Place, target: Path) -> None:
    """Copy the database and its side files to ``target``, ``target-wal`` and ``target-journal``.

    The shared-memory file is only an index of the log and is made anew.
    """
    for suffix in ("", "-wal", "-journal"):
        rel = place.rel + suffix
        if suffix and not place.tree.exists(rel):
            continue
        with place.tree.open(rel) as source:
            copy_exactly(source, Path(f"{target}{suffix}"))


def settle(path: Path) -> None:
    """Fold a write-ahead log or a hot journal into the database at ``path``.

    Byte for byte what the browser's next start would make of it, so a log or journal that is
    replayed over it once more changes nothing.

    Raises:
        sqlite3.DatabaseError: The log could not be folded in whole.
    """
    with closing(open_private(path)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        fold_in(connection)


def fold_in(connection: sqlite3.Connection) -> None:
    """Fold the write-ahead log in, if there is one. Closing does so too, but keeps a failure quiet.

    Raises:
        sqlite3.DatabaseError: It could not be folded in whole.
    """
    busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise sqlite3.OperationalError(say("the write-ahead log could not be folded in"))


def damaged(place: Place, why: str) -> DamagedFileError:
    """The error for a database that cannot be read."""
    return DamagedFileError(
        say("{path} was left alone: it is damaged ({why}).", path=place.path, why=why),
        next_step=say(
            "Start the browser once and close it: it repairs or replaces damaged databases."
            " Then run this again."
        ),
        path=place.path,
    )
