"""What Firefox keeps beside its databases: pictures of pages, media licences, dumps, backups."""

import base64
import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from databases import column, dump, run
from loginfix.browsers.model import Engine
from loginfix.errors import DamagedFileError
from loginfix.files.tree import Tree
from loginfix.formats import mozlz4
from loginfix.stores.catalog import declared_stores
from loginfix.stores.model import Finding, Place, Root, State
from oracle import digests
from store_doubles import WISH, DirectWorkspace, MemoryBackup

DECLARED = {each.store.id: each for each in declared_stores(Engine.FIREFOX)}
PAGES = {
    "https://www.amazon.co.jp/": True,
    "https://www.amazon.com/dp/B000": True,
    "https://www.example.org/review": False,
    "https://www.notamazon.com/": False,
    # The site's, but not in the history: nobody can tell.
    "https://www.amazon.com/never": False,
}


@pytest.fixture
def profile(tmp_path: Path, recorded: Callable[[str], Path]) -> Path:
    path = tmp_path / "profile"
    path.mkdir()
    for name in ("places.sqlite", "places.sqlite-wal"):
        shutil.copy2(recorded("firefox-esr-153") / name, path / name)
    return path


def places(profile: Path, store: str, root: Root) -> Iterator[Place]:
    own = Tree(profile)
    directory = {Root.CACHE: profile.parent / "cache"}.get(root, profile)
    for place in DECLARED[f"firefox.{store}"].places(root, Tree(directory)):
        yield replace(place, profile=own)


Cleared = list[tuple[Place, MemoryBackup]]


def clear(profile: Path, store: str, root: Root = Root.PROFILE) -> tuple[list[Finding], Cleared]:
    findings, cleared = [], []
    for place in places(profile, store, root):
        backup = MemoryBackup()
        work = DirectWorkspace(place.tree.root, profile.parent / "scratch")
        findings.append(DECLARED[f"firefox.{store}"].store.clear(place, WISH, work, backup))
        work.apply()
        if findings[-1].state is State.FOUND:
            cleared.append((place, backup))
    return findings, cleared


def restore(store: str, cleared: Cleared) -> list[str]:
    kept: list[str] = []
    for place, backup in cleared:
        work = DirectWorkspace(place.tree.root, place.tree.root.parent / "scratch")
        one = DECLARED[f"firefox.{store}"].store
        outcome = one.restore(place, backup, work, overwrite=False)
        assert outcome.problems == ()
        kept += outcome.kept_newer
        work.apply()
    return kept


@pytest.mark.parametrize(
    ("store", "root", "directory", "digest", "ending"),
    [
        ("previews", Root.PROFILE, "profile/places-previews", "sha256", ".webp"),
        ("thumbnails", Root.CACHE, "cache/thumbnails", "md5", ".png"),
        ("thumbnails", Root.PROFILE, "profile/thumbnails", "md5", ".png"),
    ],
)
def test_pictures_of_the_sites_pages_go(
    store: str, root: Root, directory: str, digest: str, ending: str, profile: Path
) -> None:
    folder = profile.parent / directory
    folder.mkdir(parents=True)
    for url in PAGES:
        name = hashlib.new(digest, url.encode()).hexdigest() + ending
        (folder / name).write_bytes(url.encode())
    (folder / "amazon.com.png").write_bytes(b"no hash")
    before = digests(folder)
    (finding,), cleared = clear(profile, store, root)
    assert finding.hosts == {"www.amazon.co.jp": 1, "www.amazon.com": 1}
    left = {path.read_text() for path in folder.iterdir()}
    assert left == {*(url for url, goes in PAGES.items() if not goes), "no hash"}
    # Without the site's pages in the history nothing is left to find.
    run(profile / "places.sqlite", "DELETE FROM moz_places WHERE url LIKE '%amazon.co%'")
    (finding,), _ = clear(profile, store, root)
    assert finding.state is State.CLEAN
    restore(store, cleared)
    assert digests(folder) == before


def test_pictures_are_left_alone_where_the_history_cannot_be_read(profile: Path) -> None:
    (profile / "places-previews").mkdir()
    (profile / "places.sqlite").write_bytes(b"damaged")
    with pytest.raises(DamagedFileError, match=r"places\.sqlite"):
        clear(profile, "previews")


def test_what_pages_are_about_goes_whole_when_a_page_of_the_site_is_in_it(profile: Path) -> None:
    path = profile / "places_semantic.sqlite"
    hashes = dict(
        zip(
            column(profile / "places.sqlite", "SELECT url FROM moz_places ORDER BY id"),
            column(profile / "places.sqlite", "SELECT url_hash FROM moz_places ORDER BY id"),
            strict=True,
        )
    )
    run(
        path,
        "CREATE TABLE vec_history_mapping (rowid INTEGER PRIMARY KEY, url_hash INTEGER NOT NULL"
        " UNIQUE)",
        f"INSERT INTO vec_history_mapping VALUES (1, {hashes['https://www.example.org/review']})",
    )
    (finding,), _ = clear(profile, "semantic_history")
    assert finding.state is State.CLEAN
    run(path, f"INSERT INTO vec_history_mapping VALUES (2, {hashes['https://www.amazon.co.jp/']})")
    before = digests(profile)
    (finding,), cleared = clear(profile, "semantic_history")
    assert finding.hosts == {"www.amazon.co.jp": 1}
    assert not path.exists()
    restore("semantic_history", cleared)
    assert digests(profile) == before
    path.write_bytes(b"made anew")
    assert restore("semantic_history", cleared) == ["places_semantic.sqlite"]


def test_licences_of_protected_media_go_by_their_origin_files(profile: Path) -> None:
    plugin = profile / "gmp" / "Linux_x86_64-gcc3" / "gmp-widevinecdm"
    nodes = {
        "1": ("https://www.amazon.com", "https://www.amazon.com", "salt1"),
        "2": ("https://cdn.other.net", "https://www.amazon.co.jp", "salt2"),
        "3": ("https://www.amazon.com", "https://www.example.org", "salt3"),
        "4": ("https://notamazon.com", "https://notamazon.com", "salt4"),
        "5": ("https://console.aws.amazon.com", "https://www.amazon.com", "salt5"),
        "6": ("https://www.amazon.com", "https://www.amazon.com", "../../salt6"),
    }
    for number, (origin, top, salt) in nodes.items():
        (plugin / "id" / number).mkdir(parents=True)
        for name, text in (("origin", origin), ("topLevelOrigin", top), ("salt", salt)):
            (plugin / "id" / number / name).write_text(text)
        (plugin / "storage" / salt.rpartition("/")[2]).mkdir(parents=True)
        (plugin / "storage" / salt.rpartition("/")[2] / "record").write_bytes(b"key")
    before = digests(profile)
    (finding,), cleared = clear(profile, "protected_media")
    assert finding.items == 4
    assert {path.name for path in (plugin / "id").iterdir()} == {"4", "5"}
    left = {path.name for path in (plugin / "storage").iterdir()}
    assert left == {"salt4", "salt5", "salt6"}
    restore("protected_media", cleared)
    assert digests(profile) == before


def test_message_keys_go_by_the_origin_in_their_names(profile: Path) -> None:
    (profile / "mls").mkdir()
    origins = {
        "moc.nozama.www.:https:443": True,
        "ten.rehto.ndc.:https:443^partitionKey=%28https%2Camazon.com%29": True,
        "moc.nozamaton.:https:443": False,
    }
    for origin in origins:
        name = base64.b64encode(origin.encode()).decode().replace("/", "-")
        for ending in (".sqlite.enc", ".key"):
            (profile / "mls" / (name + ending)).write_text(origin)
    before = digests(profile)
    (finding,), cleared = clear(profile, "message_keys")
    assert finding.items == 2
    left = {path.read_text() for path in (profile / "mls").iterdir()}
    assert left == {origin for origin, goes in origins.items() if not goes}
    restore("message_keys", cleared)
    assert digests(profile) == before


NAMING = b'{"url": "https://www.amazon.co.jp/gp/cart"}'
OTHER = b'{"url": "https://www.notamazon.com/"}'


@pytest.mark.parametrize(
    ("store", "root", "rel", "is_packed"),
    [
        ("telemetry", Root.PROFILE, "datareporting/archived/2026-11/1.a.main.jsonlz4", True),
        ("telemetry", Root.PROFILE, "saved-telemetry-pings/6dd9aa1a", False),
        ("telemetry", Root.PROFILE, "datareporting/glean/pending_pings/6dd9aa1a", False),
        ("crashes", Root.PROFILE, "minidumps/6dd9aa1a.extra", False),
        ("cookies_set_aside", Root.PROFILE, "cookies.sqlite.bak", False),
        ("cookies_set_aside", Root.PROFILE, "cookies.sqlite.bak-rebuild", False),
        ("history_set_aside", Root.PROFILE, "places.sqlite.corrupt", False),
        ("history_set_aside", Root.PROFILE, "favicons.sqlite-1.corrupt", False),
        ("permissions_set_aside", Root.PROFILE, "content-prefs.sqlite.corrupt", False),
        ("storage_set_aside", Root.PROFILE, "webappsstore.sqlite.corrupt", False),
        ("own_backups", Root.PROFILE, "backups/snapshots/2026-11-24/places.sqlite", False),
        ("crash_reports", Root.USER_DATA, "Crash Reports/pending/1.extra", False),
        ("crash_reports", Root.USER_DATA, "Pending Pings/6dd9aa1a", False),
        ("offline_cache", Root.CACHE, "OfflineCache/index.sqlite", False),
        ("network_predictions", Root.PROFILE, "netpredictions.sqlite", False),
    ],
)
def test_what_is_set_aside_goes_whole_when_it_mentions_the_site(
    store: str, root: Root, rel: str, profile: Path, tmp_path: Path, *, is_packed: bool
) -> None:
    directory = tmp_path / "cache" if root is Root.CACHE else profile
    pack = mozlz4.encode if is_packed else bytes
    path = directory / rel
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pack(OTHER * 9))
    assert {finding.state for finding in clear(profile, store, root)[0]} == {State.CLEAN}
    path.write_bytes(pack(OTHER * 9 + NAMING))
    assert is_packed or b"amazon.co.jp" in path.read_bytes()
    before = digests(directory)
    findings, cleared = clear(profile, store, root)
    assert State.FOUND in {finding.state for finding in findings}
    assert not path.exists()
    restore(store, cleared)
    assert digests(directory) == before


def test_a_packed_file_that_is_damaged_is_left_alone(profile: Path) -> None:
    path = profile / "datareporting" / "archived" / "2026-11" / "1.jsonlz4"
    path.parent.mkdir(parents=True)
    path.write_bytes(mozlz4.MAGIC + b"\xff\xff\xff\xffjunk")
    with pytest.raises(DamagedFileError, match=path.name):
        clear(profile, "telemetry")


def test_notes_and_conversations_are_only_looked_at_when_asked_for() -> None:
    for name in ("decisions", "tab_notes", "conversations"):
        assert DECLARED[f"firefox.{name}"].opt_in, name


def test_conversations_about_the_site_go_with_their_messages(profile: Path, tmp_path: Path) -> None:
    path = profile / "chat-store.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript("""
            CREATE TABLE conversation (conv_id TEXT PRIMARY KEY, title TEXT, page_url TEXT,
              seen_urls_jsonb BLOB) WITHOUT ROWID;
            CREATE TABLE message (message_id TEXT PRIMARY KEY,
              conv_id TEXT NOT NULL REFERENCES conversation(conv_id) ON DELETE CASCADE,
              parent_message_id TEXT REFERENCES message(message_id) ON DELETE CASCADE,
              ordinal INTEGER, page_url TEXT) WITHOUT ROWID;
            INSERT INTO conversation VALUES ('a', 'A kettle', 'https://www.amazon.com/dp/B0', NULL),
              ('b', 'News', 'https://notamazon.com/', NULL);
            INSERT INTO message VALUES ('m2', 'a', NULL, 0, 'https://www.amazon.com/dp/B0'),
              ('m1', 'a', 'm2', 1, 'https://www.example.org/'),
              ('m3', 'b', NULL, 0, 'https://notamazon.com/'),
              ('m4', 'b', 'm3', 1, 'https://www.amazon.co.jp/');
        """)
    before = dump(path, tmp_path)
    _, cleared = clear(profile, "conversations")
    assert column(path, "SELECT conv_id FROM conversation") == ["b"]
    assert column(path, "SELECT page_url FROM message ORDER BY message_id") == [
        "https://notamazon.com/",
        None,
    ]
    restore("conversations", cleared)
    assert dump(path, tmp_path) == before


def test_notes_on_the_sites_tabs_go(profile: Path) -> None:
    path = profile / "tabnotes.sqlite"
    run(
        path,
        "CREATE TABLE tabnotes (id INTEGER PRIMARY KEY, canonical_url TEXT NOT NULL, created"
        " INTEGER NOT NULL, note_text TEXT NOT NULL)",
        "INSERT INTO tabnotes VALUES (1, 'https://www.amazon.com/dp/B0', 1, 'buy'),"
        " (2, 'https://amazon.com.x.example/', 1, 'read')",
    )
    clear(profile, "tab_notes")
    assert column(path, "SELECT note_text FROM tabnotes") == ["read"]
