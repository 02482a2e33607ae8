"""Lesser traces of visits in Chromium: search engines of pages, texts of pages, sync's notes.

Their rows only come with days of use, a signed-in person or features that are being rolled out;
here they are put into recorded databases, or into databases with the schema of Chromium 156.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from databases import column, dump, run
from leveldbs import opener
from loginfix.formats.leveldb import build, read_database
from loginfix.stores.model import State
from recorder.recordings import unpack
from sqlite_stores import clear, restore, store_of
from store_doubles import WISH, MemoryBackup, place_of, workspace_for
from test_recorded_profiles import loginfix

ENGINE = (
    "INSERT INTO keywords(id, short_name, keyword, favicon_url, url, safe_for_autoreplace,"
    " prepopulate_id, created_by_policy, url_hash) VALUES (?, ?, ?, '', ?, ?, ?, ?, x'763130aa')"
)
SHOP = "https://www.amazon.co.jp/s?k={searchTerms}"
ENGINES = [
    (101, "Amazon", "amazon.co.jp", SHOP, 1, 0, 0),
    (102, "mine", "az", SHOP, 0, 0, 0),
    (103, "came along", "amazon.com", "https://www.amazon.com/s?k={searchTerms}", 1, 99, 0),
    (104, "company", "shop", SHOP, 1, 0, 1),
    (105, "Not Amazon", "notamazon.com", "https://www.notamazon.com/?q={searchTerms}", 1, 0, 0),
]


def test_only_search_engines_that_came_of_visits_go(tmp_path: Path) -> None:
    recording = unpack("chromium-156", tmp_path / "home")
    path = recording.profile / "Web Data"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(ENGINE, ENGINES)
        connection.execute("INSERT INTO autofill VALUES ('mail', 'me@amazon.com', 'me', 1, 1, 1)")
    before = dump(path, tmp_path)
    result = loginfix(recording, "clear-cache", "--site", "amazon", "--yes", "--only", "history")
    assert result["problems"] == []
    after = dump(path, tmp_path)
    gone = [row for row in before["keywords"] if row not in after["keywords"]]
    assert [row[1] for row in gone] == [101]
    assert {**before, "keywords": []} == {**after, "keywords": []}
    assert len(after["keywords"]) == len(before["keywords"]) - 1
    loginfix(recording, "restore", "--yes")
    assert dump(path, tmp_path) == before


def test_a_form_entry_or_its_trace_is_no_reason_to_touch_the_file(tmp_path: Path) -> None:
    path = unpack("chromium-156", tmp_path / "home").profile / "Web Data"
    insert = "INSERT INTO autofill VALUES ('mail', 'me@www.amazon.com', 'me', 1, 1, 1)"
    run(path, insert, insert.replace("'me',", "'x',").replace("mail", "m"), "DELETE FROM autofill")
    run(path, insert)
    content = path.read_bytes()
    assert store_of("chromium.search_engines").find(place_of(path), WISH).state is State.CLEAN
    assert not clear("chromium.search_engines", path).all_rows
    assert path.read_bytes() == content


def test_texts_of_pages_go_with_their_pages(tmp_path: Path) -> None:
    path = tmp_path / "annotated_page_contents_db"
    run(
        path,
        "CREATE TABLE page_content (id INTEGER PRIMARY KEY AUTOINCREMENT,value BLOB)",
        "CREATE TABLE page_metadata (id INTEGER PRIMARY KEY AUTOINCREMENT,tab_id INTEGER UNIQUE,"
        "url TEXT,content_id INTEGER,visit_timestamp INTEGER,extraction_timestamp INTEGER)",
        "INSERT INTO page_content VALUES (1, x'763130aa'), (2, x'763130bb'), (3, x'763130cc')",
        "INSERT INTO page_metadata VALUES (1, 7, 'https://www.amazon.com/dp/1', 1, 5, 6),"
        " (2, 8, 'https://www.example.org/amazon.com', 2, 5, 6)",
    )
    before = dump(path, tmp_path)
    backup = clear("chromium.page_contents", path)
    assert column(path, "SELECT id FROM page_content") == [2, 3]
    assert column(path, "SELECT id FROM page_metadata") == [2]
    restore("chromium.page_contents", path, backup)
    assert dump(path, tmp_path) == before


def test_what_history_sync_notes_of_a_visit_goes_with_it(tmp_path: Path) -> None:
    path = unpack("chromium-156", tmp_path / "home").profile / "History"
    times = column(path, "SELECT visit_time FROM visits")
    run(path, *(f"INSERT INTO history_sync_metadata VALUES ({time}, x'08')" for time in set(times)))
    before = dump(path, tmp_path)
    backup = clear("chromium.history", path)
    left = set(column(path, "SELECT storage_key FROM history_sync_metadata"))
    assert left == set(column(path, "SELECT visit_time FROM visits"))
    assert left < set(times)
    restore("chromium.history", path, backup)
    assert dump(path, tmp_path) == before


def test_the_search_by_meaning_goes_whole_with_its_journal(tmp_path: Path) -> None:
    recording = unpack("chromium-156", tmp_path / "home")
    files = [recording.profile / f"HistoryEmbeddings{end}" for end in ("", "-journal", "-wal")]
    for file in files:
        file.write_bytes(b"nothing to read")
    loginfix(recording, "clear-cache", "--site", "never-visited.com", "--yes", code=3)
    assert all(file.exists() for file in files)
    loginfix(recording, "clear-cache", "--site", "amazon", "--yes", "--only", "history")
    assert not any(file.exists() for file in files)
    loginfix(recording, "restore", "--yes")
    assert all(file.read_bytes() == b"nothing to read" for file in files)


@pytest.mark.parametrize(
    ("store", "own", "others"),
    [
        (
            "chromium.optimization_hints",
            [b"3_www.amazon.com", b"3_amazon.co.jp"],
            [b"1_", b"2_5.1_amazon.com", b"3_notamazon.com", b"3_x.aws.amazon.com"],
        ),
        (
            "chromium.shopping",
            [b"amazon.com", b"https://www.amazon.co.jp/", b"https://www.amazon.com/dp/B0"],
            [b"notamazon.com", b"https://shop.example/amazon.com", b"https://x.aws.amazon.com/"],
        ),
    ],
)
def test_records_are_the_sites_by_their_keys(
    store: str, own: list[bytes], others: list[bytes], tmp_path: Path
) -> None:
    directory = tmp_path / "db"
    directory.mkdir()
    content = dict.fromkeys((*own, *others), b"\n\x01x")
    for name, data in build(sorted(content.items()), last_sequence=9, next_file_number=3):
        (directory / name).write_bytes(data)
    place, backup = place_of(directory), MemoryBackup()
    work = workspace_for(place, tmp_path / "scratch")
    assert store_of(store).clear(place, WISH, work, backup).items == len(own)
    work.apply()
    files = {path.name: path.read_bytes() for path in directory.iterdir()}
    assert {key for key, _ in read_database(files, opener(files)).live()} == set(others)
    assert {row.before["key"] for row in backup.all_rows} == set(own)
