"""Taking a site out of the databases of recorded profiles: what goes and what stays."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from databases import column, dump, run
from loginfix.errors import NotUnderstoodError
from loginfix.stores.model import State, Wish
from loginfix.stores.sqlite.selection import select
from loginfix.stores.sqlite.store import SqliteStore
from sqlite_stores import EVERY, Database, clear, find, restore, store_of
from store_doubles import WISH, place_of


@pytest.mark.parametrize(("store", "recording"), EVERY)
def test_clearing_leaves_nothing_to_find_and_restoring_gives_back_every_row(
    store: str, recording: str, database: Database, tmp_path: Path
) -> None:
    path = database(store, recording)
    before = dump(path, tmp_path)
    backup = clear(store, path)
    after = dump(path, tmp_path)
    assert store_of(store).find(place_of(path), WISH).state is State.CLEAN
    if not backup.all_rows:
        pytest.fail("the recording holds nothing of the site here")
    assert after != before
    restore(store, path, backup)
    assert dump(path, tmp_path) == before


@pytest.mark.parametrize(("store", "recording"), EVERY)
def test_every_surviving_row_is_as_it_was_or_in_the_backup_as_updated(
    store: str, recording: str, database: Database, tmp_path: Path
) -> None:
    path = database(store, recording)
    before = dump(path, tmp_path)
    backup = clear(store, path)
    updated = {
        tuple(repr(value) for name, value in (row.after or {}).items() if name != "rowid")
        for row in backup.all_rows
    }
    for table, rows in dump(path, tmp_path).items():
        for row in rows:
            as_updated = {tuple(map(repr, row)), tuple(map(repr, row[1:]))} & updated
            assert row in before[table] or as_updated, (table, row)
    tables = {row.table for row in backup.all_rows if row.change == "updated"}
    assert tables <= {"moz_places", "moz_origins"}


@pytest.mark.parametrize(("store", "recording"), EVERY)
def test_looking_changes_not_a_byte(store: str, recording: str, database: Database) -> None:
    path = database(store, recording)

    def state() -> dict[str, tuple[bytes, int]]:
        return {
            each.name: (each.read_bytes(), each.stat().st_mtime_ns)
            for each in path.parent.iterdir()
        }

    before = state()
    assert store_of(store).find(place_of(path), WISH).state is State.FOUND
    assert state() == before


def test_what_was_deleted_before_is_not_left_in_free_pages(database: Database) -> None:
    path = database("chromium.history", "chromium-156")
    run(
        path,
        *(
            "INSERT INTO urls(url, title, last_visit_time)"
            f" VALUES ('https://www.amazon.com/gone{i}', 'x', 1)"
            for i in range(200)
        ),
    )
    run(path, "DELETE FROM urls WHERE url LIKE '%/gone%'")
    assert b"www.amazon.com/gone" in path.read_bytes()
    clear("chromium.history", path)
    assert b"www.amazon.com/gone" not in path.read_bytes()


def test_traces_of_rows_deleted_before_are_found_and_go(database: Database) -> None:
    path = database("chromium.history", "chromium-156")
    clear("chromium.history", path)
    urls = [f"https://www.amazon.com/gone{number}" for number in range(100)]
    for url in urls:
        run(path, f"INSERT INTO urls(url, last_visit_time) VALUES ('{url}', 1)")
    run(path, "DELETE FROM urls WHERE url LIKE '%/gone%'")
    assert b"amazon.com/gone" in path.read_bytes()
    finding = find("chromium.history", path)
    assert finding.state is State.FOUND
    assert finding.items == 0
    before = column(path, "SELECT url FROM urls ORDER BY id")
    backup = clear("chromium.history", path)
    assert backup.all_rows == []
    assert b"amazon.com/gone" not in path.read_bytes()
    assert column(path, "SELECT url FROM urls ORDER BY id") == before
    assert find("chromium.history", path).state is State.CLEAN


@pytest.mark.parametrize("url", ["https://notamazon.com/x", "https://amazon.com.x.example/"])
def test_traces_of_other_sites_and_what_live_rows_mention_do_not_count(
    url: str, database: Database
) -> None:
    path = database("chromium.history", "chromium-156")
    clear("chromium.history", path)
    run(path, f"INSERT INTO urls(url, last_visit_time) VALUES ('{url}', 1)")
    run(path, f"DELETE FROM urls WHERE url = '{url}'")
    assert url.encode() in path.read_bytes()
    assert b"www.amazon.co.jp" in path.read_bytes()
    assert find("chromium.history", path).state is State.CLEAN


def test_a_named_cookie_can_be_kept(database: Database) -> None:
    path = database("chromium.cookies", "chromium-156")
    names = set(column(path, "SELECT name FROM cookies WHERE host_key = '.amazon.co.jp'"))
    keep = min(map(str, names))
    clear("chromium.cookies", path, Wish(WISH.site, frozenset({keep})))
    left = set(column(path, "SELECT name FROM cookies WHERE host_key LIKE '%.amazon.co.jp'"))
    assert left == {keep}


BOOKMARK = "https://www.amazon.co.jp/"


def test_a_bookmarked_page_stays_without_its_visits(database: Database) -> None:
    path = database("firefox.places", "firefox-esr-153")
    bookmarks = (
        "SELECT quote(guid) || quote(title) || dateAdded || lastModified || syncChangeCounter || fk"
        " FROM moz_bookmarks ORDER BY id"
    )
    before = column(path, bookmarks)
    clear("firefox.places", path)
    assert column(path, bookmarks) == before
    assert column(path, f"SELECT visit_count FROM moz_places WHERE url = '{BOOKMARK}'") == [0]
    assert column(path, f"SELECT last_visit_date FROM moz_places WHERE url = '{BOOKMARK}'") == [
        None
    ]
    visits = (
        "SELECT count(*) FROM moz_historyvisits v JOIN moz_places p ON p.id = v.place_id"
        f" WHERE url = '{BOOKMARK}'"
    )
    assert column(path, visits) == [0]
    origins = "SELECT count(*) FROM moz_origins WHERE host = 'www.amazon.co.jp'"
    assert column(path, origins) != [0]


def test_a_visit_of_another_site_loses_only_the_referrer_that_names_this_one(
    database: Database, tmp_path: Path
) -> None:
    path = database("chromium.history", "chromium-156")
    run(
        path,
        "UPDATE visits SET external_referrer_url = 'https://www.amazon.com/secret' WHERE url ="
        " (SELECT id FROM urls WHERE url LIKE 'https://www.example.org/%' LIMIT 1)",
    )
    before = dump(path, tmp_path)
    backup = clear("chromium.history", path)
    assert b"amazon.com/secret" not in path.read_bytes()
    assert store_of("chromium.history").find(place_of(path), WISH).state is State.CLEAN
    restore("chromium.history", path, backup)
    assert dump(path, tmp_path) == before


def test_a_table_that_is_not_known_is_reported_if_it_names_the_site(database: Database) -> None:
    path = database("chromium.history", "chromium-156")
    run(path, "CREATE TABLE novelty(x)", "INSERT INTO novelty VALUES ('see www.amazon.co.jp')")
    finding = store_of("chromium.history").find(place_of(path), WISH)
    assert [problem.code for problem in finding.problems] == ["not-understood"]
    assert "novelty" in finding.problems[0].message


@pytest.mark.parametrize(
    "statement", ["ALTER TABLE cookies RENAME COLUMN host_key TO h", "DROP TABLE cookies"]
)
def test_an_unknown_shape_is_left_alone(statement: str, database: Database) -> None:
    path = database("chromium.cookies", "chromium-156")
    run(path, "DROP INDEX IF EXISTS cookies_unique_index", statement)
    content = path.read_bytes()
    place = place_of(path)
    with pytest.raises(NotUnderstoodError, match="Cookies") as caught:
        store_of("chromium.cookies").find(place, WISH)
    assert caught.value.next_step
    with pytest.raises(NotUnderstoodError):
        clear("chromium.cookies", path)
    assert path.read_bytes() == content


def test_a_table_of_an_older_version_may_be_missing(database: Database) -> None:
    path = database("chromium.history", "chromium-156")
    tables = column(
        path, "SELECT name FROM sqlite_master WHERE name LIKE 'journey%' AND type = 'table'"
    )
    assert len(tables) > 3
    run(path, *(f"DROP TABLE {table}" for table in (*tables, "cluster_keywords")))
    clear("chromium.history", path)
    assert store_of("chromium.history").find(place_of(path), WISH).state is State.CLEAN


def test_a_chosen_row_is_looked_up_by_its_key(database: Database) -> None:
    path = database("chromium.history", "chromium-156")
    store = cast("SqliteStore", store_of("chromium.history"))
    with closing(sqlite3.connect(path)) as connection:
        binding = store._bind(connection, place_of(path))
        selection = select(connection, binding, WISH)
        for bound in binding.values():
            sql = f"SELECT 1 FROM {selection.rows_chosen(bound)}"
            assert any("SEARCH t USING" in step for step in plan(connection, sql))
            sql = f"SELECT 1 FROM {bound.table.sql} t WHERE NOT {selection.chosen(bound)}"
            steps = " ".join(plan(connection, sql))
            assert "LIST SUBQUERY" in steps or "SEARCH s USING PRIMARY KEY" in steps


def plan(connection: sqlite3.Connection, sql: str) -> list[str]:
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
