"""Merging saved rows back into databases that were used since."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from databases import column, copy_database, dump, run
from loginfix.errors import ProfileUnreadableError
from sqlite_stores import EVERY, Database, clear, restore


@pytest.mark.parametrize(("store", "recording"), EVERY)
def test_restoring_twice_is_restoring_once(
    store: str, recording: str, database: Database, tmp_path: Path
) -> None:
    path = database(store, recording)
    backup = clear(store, path)
    restore(store, path, backup)
    once = dump(path, tmp_path)
    assert restore(store, path, backup)[0] == 0
    assert dump(path, tmp_path) == once


def test_history_that_went_on_is_kept_beside_what_is_restored(database: Database) -> None:
    path = database("chromium.history", "chromium-156")
    (url,) = column(
        path, "SELECT url FROM urls WHERE url LIKE 'https://www.amazon.co.jp/%' LIMIT 1"
    )
    (count,) = column(path, f"SELECT visit_count FROM urls WHERE url = '{url}'")
    visits = column(path, "SELECT count(*) FROM visits")[0]
    backup = clear("chromium.history", path)
    left = column(path, "SELECT count(*) FROM visits")[0]
    run(
        path,
        "INSERT INTO urls(url, title, visit_count, last_visit_time)"
        f" VALUES ('{url}', 'new', 1, 99999999999999999)",
        "INSERT INTO visits(url, visit_time) VALUES (last_insert_rowid(), 99999999999999999)",
    )
    restore("chromium.history", path, backup)
    assert column(path, f"SELECT visit_count FROM urls WHERE url = '{url}'") == [
        int(str(count)) + 1
    ]
    assert column(path, f"SELECT last_visit_time FROM urls WHERE url = '{url}'") == [
        99999999999999999
    ]
    assert column(path, "SELECT count(*) FROM visits") == [int(str(visits)) + 1]
    assert int(str(left)) < int(str(visits))
    orphans = "SELECT count(*) FROM visits WHERE url NOT IN (SELECT id FROM urls)"
    assert column(path, orphans) == [0]
    again = column(path, "SELECT count(*) FROM visits")
    restore("chromium.history", path, backup)
    assert column(path, "SELECT count(*) FROM visits") == again
    assert column(path, f"SELECT visit_count FROM urls WHERE url = '{url}'") == [
        int(str(count)) + 1
    ]


def test_ids_that_were_taken_since_are_remapped_with_what_refers_to_them(
    database: Database,
) -> None:
    path = database("chromium.favicons", "chromium-156")
    pairs = (
        "SELECT page_url || ' ' || url || ' ' || coalesce(sum(length(image_data)), 0)"
        " FROM icon_mapping m JOIN favicons f ON f.id = m.icon_id"
        " JOIN favicon_bitmaps b ON b.icon_id = f.id GROUP BY m.id ORDER BY 1"
    )
    before = column(path, pairs)
    gone = set(column(path, "SELECT id FROM favicons"))
    backup = clear("chromium.favicons", path)
    taken = sorted(int(str(each)) for each in gone - set(column(path, "SELECT id FROM favicons")))
    assert taken
    for number in taken:
        run(
            path,
            f"INSERT INTO favicons(id, url) VALUES ({number}, 'https://new.example/{number}.ico')",
            "INSERT INTO icon_mapping(page_url, icon_id)"
            f" VALUES ('https://new.example/{number}', {number})",
            f"INSERT INTO favicon_bitmaps(icon_id, image_data) VALUES ({number}, x'01')",
        )
    new = [row for row in column(path, pairs) if "new.example" in str(row)]
    restore("chromium.favicons", path, backup)
    assert column(path, pairs) == sorted(before + new)  # type: ignore[type-var]


COOKIE = "www.amazon.co.jp"


def test_of_two_cookies_the_newer_stays_unless_told_otherwise(database: Database) -> None:
    path = database("firefox.cookies", "firefox-esr-153")
    run(path, f"DELETE FROM moz_cookies WHERE host = '{COOKIE}'")
    row = (
        "INSERT INTO moz_cookies(name, value, host, path, originAttributes)"
        f" VALUES ('n', '{{}}', '{COOKIE}', '/', '')"
    )
    run(path, row.format("old"))
    backup = clear("firefox.cookies", path)
    run(path, row.format("new"))
    value = f"SELECT value FROM moz_cookies WHERE host = '{COOKIE}'"
    _, kept = restore("firefox.cookies", path, backup)
    assert column(path, value) == ["new"]
    assert len(kept) == 1
    assert "old" not in kept[0]
    assert "new" not in kept[0]
    restore("firefox.cookies", path, backup, overwrite=True)
    assert column(path, value) == ["old"]


def test_cookie_times_are_converted_when_firefox_was_updated_since(
    database: Database, tmp_path: Path
) -> None:
    old = database("firefox.cookies", "firefox-esr-140")
    expiry = f"SELECT max(expiry) FROM moz_cookies WHERE host = '{COOKIE}'"
    (seconds,) = column(old, expiry)
    backup = clear("firefox.cookies", old)
    assert backup.notes["schema_version"] == "15"
    new = copy_database(old, tmp_path / "new" / "cookies.sqlite")
    run(new, "ALTER TABLE moz_cookies ADD updateTime INTEGER", "PRAGMA user_version = 17")
    restore("firefox.cookies", new, backup)
    assert column(new, expiry) == [int(str(seconds)) * 1000]


BOOKMARK = "https://www.amazon.co.jp/"


def test_a_bookmark_deleted_since_leaves_an_ordinary_page(database: Database) -> None:
    path = database("firefox.places", "firefox-esr-153")
    backup = clear("firefox.places", path)
    page = f"(SELECT id FROM moz_places WHERE url = '{BOOKMARK}')"
    run(
        path,
        f"DELETE FROM moz_bookmarks WHERE fk = {page}",
        f"DELETE FROM moz_keywords WHERE place_id = {page}",
        f"DELETE FROM moz_places WHERE url = '{BOOKMARK}'",
    )
    restore("firefox.places", path, backup)
    assert column(path, f"SELECT foreign_count FROM moz_places WHERE url = '{BOOKMARK}'") == [0]


def test_a_bookmark_made_since_keeps_its_count(database: Database) -> None:
    path = database("firefox.places", "firefox-esr-153")
    (url,) = column(
        path,
        "SELECT url FROM moz_places WHERE rev_host = 'moc.oediVemirp.www.' OR"
        " (url LIKE 'https://www.amazon.com/%' AND foreign_count = 0) LIMIT 1",
    )
    backup = clear("firefox.places", path)
    run(
        path,
        f"INSERT INTO moz_places(url, foreign_count, guid) VALUES ('{url}', 1, 'abcdefghijkl')",
    )
    restore("firefox.places", path, backup)
    where = f"FROM moz_places WHERE url = '{url}'"
    assert column(path, f"SELECT foreign_count {where}") == [1]
    assert column(path, f"SELECT guid {where}") == ["abcdefghijkl"]
    assert int(str(column(path, f"SELECT visit_count {where}")[0])) > 0


def test_values_of_every_kind_come_back_exactly(tmp_path: Path, database: Database) -> None:
    path = database("firefox.cookies", "firefox-esr-153")
    with closing(sqlite3.connect(path)) as connection:
        for number, value in enumerate(
            [None, 2**63 - 1, -(2**63), 1.5, float("inf"), "a\0b", "ü", b"\0\xff", ""]
        ):
            connection.execute(
                "INSERT INTO moz_cookies(name, value, host, path) VALUES (?, ?, ?, '/')",
                (f"v{number}", value, COOKIE),
            )
        connection.execute(
            "INSERT INTO moz_cookies(name, value, host, path)"
            " VALUES ('bad', CAST(x'61ff62' AS TEXT), ?, CAST(x'ff' AS TEXT))",
            (COOKIE,),
        )
        connection.commit()
    before = dump(path, tmp_path)
    backup = clear("firefox.cookies", path)
    restore("firefox.cookies", path, backup)
    assert dump(path, tmp_path) == before


def test_a_database_that_is_gone_cannot_be_restored_into(
    database: Database,
) -> None:
    path = database("chromium.shortcuts", "chromium-156")
    backup = clear("chromium.shortcuts", path)
    path.unlink()
    with pytest.raises(ProfileUnreadableError, match="Shortcuts"):
        restore("chromium.shortcuts", path, backup)
