"""Firefox's smaller databases: permissions, settings of sites, push, lists of what is kept."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from databases import column, copy_database, dump, run
from loginfix.errors import LoginfixError, NotUnderstoodError
from loginfix.stores.model import State
from sqlite_stores import store_of
from store_doubles import WISH, MemoryBackup, place_of, workspace_for

PERMISSIONS = (
    ("https://www.amazon.co.jp", "storageAccessAPI", 1),
    ("https://www.amazon.com^userContextId=2", "highValueCOOP", 1),
    ("https://www.example.com", "3rdPartyStorage^https://www.amazon.com", 1),
    ("https://www.example.com", "3rdPartyFrameStorage^https://amazon.co.jp", 1),
    ("https://www.amazon.com", "3rdPartyStorage^https://cdn.other.net", 1),
    ("https://cdn.other.net^partitionKey=%28https%2Camazon.com%29", "storageAccessAPI", 1),
    ("http://amazon.com", "https-only-load-insecure", 10),
    # The person's own.
    ("https://www.amazon.co.jp", "desktop-notification", 1),
    ("https://amazon.com", "cookie", 2),
    ("http://www.amazon.com", "https-only-load-insecure", 1),
    ("https://www.amazon.com", "login-saving", 2),
    # Not the site's.
    ("https://www.example.com", "storageAccessAPI", 1),
    ("https://www.example.com", "desktop-notification", 1),
    ("https://ilovemozilla.org", "3rdPartyStorage^https://notamazon.com", 1),
    ("https://amazon.com.x.example", "highValueCOOP", 1),
    ("https://console.aws.amazon.com", "storageAccessAPI", 1),
    ("moz-extension://0d3f6d5a-0000-4000-8000-000000000000", "storageAccessAPI", 1),
)
AUTOMATIC, DECISIONS = PERMISSIONS[:7], PERMISSIONS[7:11]
ROWS = "SELECT origin || ' ' || type || ' ' || permission FROM moz_perms ORDER BY id"
INTERACTIONS = "SELECT origin FROM moz_origin_interactions ORDER BY origin"

Profile = Callable[[str], Path]


@pytest.fixture
def profile(tmp_path: Path, recorded: Callable[[str], Path]) -> Profile:
    """Gives a profile directory with a copy of one database of a recording."""

    def copied(rel: str) -> Path:
        copy_database(recorded("firefox-esr-153") / rel, tmp_path / "profile" / rel)
        return tmp_path / "profile"

    return copied


@pytest.fixture
def permissions(profile: Profile) -> Path:
    path = profile("permissions.sqlite") / "permissions.sqlite"
    run(path, "DELETE FROM moz_perms", "DELETE FROM moz_origin_interactions")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO moz_perms (origin, type, permission, expireType, expireTime,"
            " modificationTime) VALUES (?, ?, ?, 0, 0, 1795494841000)",
            PERMISSIONS,
        )
        connection.execute(
            "INSERT INTO moz_origin_interactions SELECT DISTINCT origin, 1795494841000"
            " FROM moz_perms WHERE instr(origin, '^') = 0"
        )
    return path


def as_text(rows: tuple[tuple[str, str, int], ...]) -> list[str]:
    return [" ".join(map(str, row)) for row in rows]


def clear(path: Path, *stores: str) -> list[MemoryBackup]:
    """Clear several stores in one run, as the transaction does."""
    place = place_of(path)
    work = workspace_for(place, path.parent / ".scratch")
    backups = [MemoryBackup() for _ in stores]
    for store, backup in zip(stores, backups, strict=True):
        store_of(store).clear(place, WISH, work, backup)
    work.apply()
    return backups


def restore(path: Path, backups: dict[str, MemoryBackup]) -> None:
    place = place_of(path)
    work = workspace_for(place, path.parent / ".scratch2")
    for store, backup in backups.items():
        outcome = store_of(store).restore(place, backup, work, overwrite=False)
        assert outcome.problems == ()
        assert outcome.restored == len(backup.all_rows)
    work.apply()


def test_what_firefox_gave_by_itself_goes_and_every_decision_stays(permissions: Path) -> None:
    clear(permissions, "firefox.permissions")
    assert column(permissions, ROWS) == as_text(PERMISSIONS[7:])


def test_an_interaction_stays_as_long_as_a_permission_of_the_origin(permissions: Path) -> None:
    before = column(permissions, INTERACTIONS)
    (backup,) = clear(permissions, "firefox.permissions")
    after = column(permissions, INTERACTIONS)
    assert set(before) - set(after) == {"http://amazon.com"}
    assert "https://www.amazon.co.jp" in after
    restore(permissions, {"firefox.permissions": backup})
    assert column(permissions, INTERACTIONS) == before


def test_two_stores_of_one_database_go_on_from_each_other(
    permissions: Path, tmp_path: Path
) -> None:
    before = dump(permissions, tmp_path)
    names = ("firefox.decisions", "firefox.permissions")
    for stores in (names, names[::-1]):
        backups = clear(permissions, *stores)
        assert column(permissions, ROWS) == as_text(PERMISSIONS[11:])
        kept = {origin for origin, *_ in PERMISSIONS[11:]}
        assert set(column(permissions, INTERACTIONS)) == kept
        restore(permissions, dict(zip(stores, backups, strict=True)))
        assert dump(permissions, tmp_path) == before


def test_two_stores_of_one_database_with_a_log_go_on_from_each_other(
    permissions: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(permissions)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("UPDATE moz_perms SET modificationTime = modificationTime + 1")
        connection.commit()
        live = tmp_path / "killed"
        copy_database(permissions, live / "permissions.sqlite")
    path = live / "permissions.sqlite"
    assert Path(f"{path}-wal").stat().st_size > 0
    clear(path, "firefox.permissions", "firefox.decisions")
    assert not Path(f"{path}-wal").exists()
    assert column(path, ROWS) == as_text(PERMISSIONS[11:])
    assert b"www.amazon.co.jp" not in path.read_bytes()


CONTENT = (
    ("amazon.com", "zoom", 1.5),
    ("www.amazon.co.jp", "zoom", 1.2),
    ("blob:https://www.amazon.com/9115d58c", "spellcheck.lang", "de"),
    ("www.example.org", "zoom", 0.8),
    ("notamazon.com", "zoom", 0.5),
    ("amazon.com.x.example", "browser.download.lastDir", "/home/a"),
    ("www.amazon.com", "only-here", 1),
    ("file:///home/amazon.com/a.html", "zoom", 2.0),
)


def test_settings_of_the_site_go_and_a_name_that_others_use_stays(
    profile: Profile, tmp_path: Path
) -> None:
    path = profile("content-prefs.sqlite") / "content-prefs.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        for group, setting, value in CONTENT:
            for table, name in (("groups", group), ("settings", setting)):
                connection.execute(
                    f"INSERT INTO {table} (name) SELECT ? WHERE NOT EXISTS"
                    f" (SELECT 1 FROM {table} WHERE name = ?)",
                    (name, name),
                )
            connection.execute(
                "INSERT INTO prefs (groupID, settingID, value) SELECT groups.id, settings.id, ?"
                " FROM groups, settings WHERE groups.name = ? AND settings.name = ?",
                (value, group, setting),
            )
        connection.execute("INSERT INTO prefs (groupID, settingID, value) VALUES (NULL, 1, 1.1)")
    before = dump(path, tmp_path)
    finding = store_of("firefox.content_preferences").find(place_of(path), WISH)
    assert finding.items == 4
    assert finding.hosts == {"amazon.com": 1, "www.amazon.co.jp": 1, "www.amazon.com": 2}
    (backup,) = clear(path, "firefox.content_preferences")
    groups = {group for group, *_ in CONTENT}
    gone = {"amazon.com", "www.amazon.co.jp", "www.amazon.com", CONTENT[2][0]}
    assert set(column(path, "SELECT name FROM groups")) >= groups - gone
    assert not set(column(path, "SELECT name FROM groups")) & gone
    names = set(column(path, "SELECT name FROM settings"))
    assert names >= {"zoom", "browser.download.lastDir"}
    assert not names & {"only-here", "spellcheck.lang"}
    assert column(path, "SELECT count(*) FROM prefs WHERE groupID IS NULL") == [1]
    restore(path, {"firefox.content_preferences": backup})
    assert dump(path, tmp_path) == before


def test_either_side_of_a_federated_sign_in_names_the_site(tmp_path: Path) -> None:
    path = tmp_path / "credentialstate.sqlite"
    run(
        path,
        "CREATE TABLE identity (rpOrigin TEXT NOT NULL, idpOrigin TEXT NOT NULL, credentialId TEXT"
        " NOT NULL, registered INTEGER, allowLogout INTEGER, modificationTime INTEGER,"
        " rpBaseDomain TEXT, PRIMARY KEY (rpOrigin, idpOrigin, credentialId))",
        "INSERT INTO identity VALUES"
        " ('https://www.amazon.com', 'https://idp.example', 'a', 1, 0, 1, 'amazon.com'),"
        " ('https://shop.example', 'https://idp.amazon.co.jp', 'b', 1, 0, 1, 'shop.example'),"
        " ('https://notamazon.com', 'https://idp.example', 'c', 1, 0, 1, 'notamazon.com')",
    )
    clear(path, "firefox.federated_sign_in")
    assert column(path, "SELECT credentialId FROM identity") == ["c"]


def test_the_site_of_a_redirect_is_its_host_or_its_partition(profile: Profile) -> None:
    path = profile("bounce-tracking-protection.sqlite") / "bounce-tracking-protection.sqlite"
    run(
        path,
        "INSERT INTO sites VALUES ('^userContextId=2', 'amazon.com', 0, 1),"
        " ('^partitionKey=%28https%2Camazon.com%29', 'other.net', 1, 1),"
        " ('', 'notamazon.com', 0, 1)",
    )
    before = column(path, "SELECT siteHost FROM sites")
    clear(path, "firefox.bounce_tracking")
    after = column(path, "SELECT siteHost FROM sites")
    assert sorted(map(str, after)) == sorted(
        str(site) for site in before if site not in ("amazon.com", "amazon.co.jp", "other.net")
    )
    assert "notamazon.com" in after


@pytest.mark.parametrize("name", ["webappsstore.sqlite", "storage/ls-archive.sqlite"])
def test_local_storage_of_earlier_versions_goes_by_its_reversed_origin(
    name: str, profile: Profile, tmp_path: Path
) -> None:
    path = profile(name) / name
    rows = (
        ("", "pj.oc.nozama.www.:https:443", "a"),
        ("^userContextId=2", "moc.nozama.:http:80", "b"),
        ("^partitionKey=%28https%2Camazon.com%29", "ten.rehto.ndc.:https:443", "c"),
        ("", "moc.nozamaton.:https:443", "stays"),
        ("", "elpmaxe.x.moc.nozama.:https:443", "stays 2"),
        ("", "moc.nozama.swa.:https:443", "stays 3"),
    )
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO webappsstore2 (originAttributes, originKey, key, value)"
            " VALUES (?, ?, ?, 'v')",
            rows,
        )
    before = dump(path, tmp_path)
    (backup,) = clear(path, "firefox.legacy_local_storage")
    kept = ["stays", "stays 2", "stays 3"]
    assert column(path, "SELECT key FROM webappsstore2 ORDER BY key") == kept
    restore(path, {"firefox.legacy_local_storage": backup})
    assert dump(path, tmp_path) == before


PUSH = "storage/permanent/chrome/idb/2918063365piupsah.sqlite"
SCOPES = (
    ("https://www.amazon.co.jp/", ""),
    ("https://www.primevideo.com/", ""),
    ("https://www.amazon.com/", "^userContextId=2"),
    ("https://cdn.other.net/", "^partitionKey=%28https%2Camazon.com%29"),
    ("https://www.example.org/", ""),
    ("https://console.aws.amazon.com/", ""),
    ("https://notamazon.com/", ""),
)
OF_THE_SITE = {0, 2, 3}


def key_text(text: str) -> bytes:
    return b"0" + bytes(character + 1 for character in text.encode("ascii"))


def identifiers(scope: str, suffix: str) -> bytes:
    return b"\x80" + key_text(scope)[1:] + b"\0" + key_text(suffix)


@pytest.fixture
def push(profile: Profile) -> Path:
    """Subscriptions as Firefox 153 was seen to write them, in the schema that it made."""
    path = profile(PUSH) / PUSH
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.create_function("update_refcount", 2, lambda *_: None)
        for number, (scope, suffix) in enumerate(SCOPES):
            key = key_text(f"{number:08}-0000-4000-8000-000000000000")
            connection.execute(
                "INSERT INTO object_data VALUES (1, ?, x'00', NULL, ?)", (key, b"\xb8clone")
            )
            for index, value in (
                (1, key_text(f"https://updates.push.services.mozilla.com/wpush/v2/{number}")),
                (2, identifiers(scope, suffix)),
            ):
                connection.execute(
                    "INSERT INTO unique_index_data VALUES (?, ?, 1, ?, NULL)", (index, value, key)
                )
            for index, value in ((3, key_text(suffix)), (4, b"\x10\xc00")):
                connection.execute(
                    "INSERT INTO index_data VALUES (?, ?, ?, 1, NULL)", (index, value, key)
                )
    return path


def test_push_subscriptions_of_the_site_go_with_every_index_entry(
    push: Path, tmp_path: Path
) -> None:
    before = dump(push, tmp_path)
    finding = store_of("firefox.push").find(place_of(push), WISH)
    assert finding.items == len(OF_THE_SITE)
    assert finding.hosts == {"www.amazon.co.jp": 1, "www.amazon.com": 1, "cdn.other.net": 1}
    (backup,) = clear(push, "firefox.push")
    kept = [
        key_text(f"{number:08}-0000-4000-8000-000000000000")
        for number in range(len(SCOPES))
        if number not in OF_THE_SITE
    ]
    assert column(push, "SELECT key FROM object_data ORDER BY key") == kept
    for table, entries in (("index_data", 2), ("unique_index_data", 2)):
        keys = column(push, f"SELECT object_data_key FROM {table} ORDER BY object_data_key")
        assert keys == sorted(kept * entries)
    assert store_of("firefox.push").find(place_of(push), WISH).state is State.CLEAN
    restore(push, {"firefox.push": backup})
    assert dump(push, tmp_path) == before


def test_a_subscription_with_files_beside_it_is_left_to_the_browser(push: Path) -> None:
    with closing(sqlite3.connect(push)) as connection, connection:
        connection.create_function("update_refcount", 2, lambda *_: None)
        connection.execute("UPDATE object_data SET file_ids = '1'")
    content = push.read_bytes()
    with pytest.raises(LoginfixError, match="piupsah"):
        clear(push, "firefox.push")
    assert push.read_bytes() == content


def test_rows_of_the_storage_list_go_by_their_origin(profile: Profile, tmp_path: Path) -> None:
    path = profile("storage.sqlite") / "storage.sqlite"
    before = dump(path, tmp_path)
    (backup,) = clear(path, "firefox.quota_list")
    left = set(column(path, "SELECT origin FROM origin"))
    assert {"https://signin.aws.amazon.com", "https://www.notamazon.com"} <= left
    assert not {"https://www.amazon.co.jp", "https://www.amazon.com:8443"} & left
    assert "https://cdn.other.net^partitionKey=%28https%2Camazon.co.jp%29" not in left
    assert "https://cdn.other.net^partitionKey=%28https%2Cexample.com%29" in left
    assert column(path, "SELECT valid FROM cache") == [1]
    restore(path, {"firefox.quota_list": backup})
    assert dump(path, tmp_path) == before


def test_the_storage_list_comes_back_also_after_firefox_was_updated(
    profile: Profile, tmp_path: Path, recorded: Callable[[str], Path]
) -> None:
    older = copy_database(
        recorded("firefox-esr-140") / "storage.sqlite", tmp_path / "older" / "storage.sqlite"
    )
    (backup,) = clear(older, "firefox.quota_list")
    newer = profile("storage.sqlite") / "storage.sqlite"
    clear(newer, "firefox.quota_list")
    restore(newer, {"firefox.quota_list": backup})
    sql = "SELECT last_maintenance_date FROM origin WHERE origin = 'https://www.amazon.co.jp'"
    assert column(newer, sql) == [0]


@pytest.mark.parametrize(
    ("store", "rel"),
    [
        ("firefox.permissions", "permissions.sqlite"),
        ("firefox.content_preferences", "content-prefs.sqlite"),
        ("firefox.bounce_tracking", "bounce-tracking-protection.sqlite"),
        ("firefox.quota_list", "storage.sqlite"),
        ("firefox.legacy_local_storage", "webappsstore.sqlite"),
        ("firefox.push", PUSH),
    ],
)
def test_an_encrypted_database_is_named_and_left_alone(
    store: str, rel: str, profile: Profile
) -> None:
    path = profile(rel) / rel
    header = bytearray(path.read_bytes())
    header[16:18], header[20] = (8192).to_bytes(2, "big"), 32
    path.write_bytes(header)
    with pytest.raises(NotUnderstoodError, match="encrypted") as caught:
        store_of(store).find(place_of(path), WISH)
    assert path.name in caught.value.message
    with pytest.raises(NotUnderstoodError, match="encrypted"):
        clear(path, store)
    assert path.read_bytes() == header
