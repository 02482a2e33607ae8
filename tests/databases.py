"""Looking at SQLite databases, independently of the program under test."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

Dump = dict[str, list[tuple[object, ...]]]
SIDE_FILES = ("-wal", "-shm", "-journal")


def copy_database(source: Path, target: Path) -> Path:
    """Copy a database with its log and journal."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("", *SIDE_FILES):
        path = Path(f"{source}{suffix}")
        if path.exists():
            shutil.copy2(path, f"{target}{suffix}")
    return target


def dump(path: Path, scratch: Path) -> Dump:
    """Every row of every table with its row number, as the browser would read it."""
    copy = copy_database(path, scratch / f"dump-{path.name}")
    with closing(sqlite3.connect(copy)) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            )
        ]
        content = {table: _rows(connection, table) for table in tables}
    for suffix in ("", *SIDE_FILES):
        Path(f"{copy}{suffix}").unlink(missing_ok=True)
    return content


def _rows(connection: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    try:
        return sorted(connection.execute(f'SELECT rowid, * FROM "{table}"'), key=repr)
    except sqlite3.OperationalError:
        return sorted(connection.execute(f'SELECT * FROM "{table}"'), key=repr)


def run(path: Path, *statements: str) -> None:
    """Execute statements and commit, with nothing wiped that is deleted."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def column(path: Path, sql: str) -> list[object]:
    """The first column of a query."""
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute(sql)]
