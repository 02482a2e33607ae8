"""The page about the format is right: it is what a person without loginfix has."""

import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from loginfix.vault import database
from loginfix.vault.reader import Backup
from test_vault_writer import write_backup

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "backup-format.md"
SQL = re.findall(r"```sql\n(.*?)\n```", PAGE.read_text("utf-8"), re.DOTALL)


def test_the_page_shows_every_table() -> None:
    assert tuple(block for block in SQL if block.startswith("CREATE")) == database.SCHEMA


def test_the_page_names_the_version_and_the_marks() -> None:
    page = PAGE.read_text("utf-8")
    assert f"This is format version {database.FORMAT_VERSION}." in page
    assert f"{database.APPLICATION_ID:#x}" in page


def test_the_page_explains_every_entry_of_the_manifest(tmp_path: Path) -> None:
    with closing(sqlite3.connect(write_backup(tmp_path))) as connection:
        keys = [key for (key,) in connection.execute("SELECT key FROM manifest")]
    page = PAGE.read_text("utf-8")
    assert [key for key in keys if f"`{key}`" not in page] == []


@pytest.mark.parametrize("block", [block for block in SQL if block.startswith("SELECT")])
def test_the_queries_on_the_page_work(tmp_path: Path, block: str) -> None:
    with closing(database.open_unchanged(write_backup(tmp_path))) as connection:
        for query in filter(str.strip, block.split(";")):
            assert connection.execute(query).fetchall()


def test_the_digest_is_what_the_page_says(tmp_path: Path) -> None:
    lines = []
    with closing(database.open_unchanged(write_backup(tmp_path))) as connection:
        for table, columns in [
            ("manifest", "key, value"),
            ("profiles", "*"),
            ("stores", "*"),
            ("notes", "*"),
            ("rows", "id, store, sha256"),
            ("files", "*"),
            ("chunks", "id, file, number, size, sha256"),
        ]:
            records = connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall()
            lines += [[table, *record] for record in records if record[0] != "digest"]
        query = "SELECT value FROM manifest WHERE key = 'digest'"
        (expected,) = connection.execute(query).fetchone()
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    assert hashlib.sha256(text.encode()).hexdigest() == expected


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="no sqlite3 shell")
def test_the_sqlite3_shell_gives_a_file_back(tmp_path: Path) -> None:
    path = write_backup(tmp_path)
    query = "SELECT hex(sqlar_uncompress(data, size)) FROM chunks WHERE file = 1"
    command = ["sqlite3", f"{path.as_uri()}?mode=ro&immutable=1", query]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if "no such function" in done.stderr:
        pytest.skip("this sqlite3 shell was built without zlib")
    assert bytes.fromhex(done.stdout) == b"body " * 100
    with Backup.open(path) as backup:
        assert backup.verify() == ()
