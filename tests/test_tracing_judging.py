"""Whose a place is, told by its record; what cannot be told is left over."""

import base64
import hashlib
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from damaged_databases import make_schema_odd
from loginfix.browsers.model import Engine
from loginfix.formats.leveldb.log import build_log
from loginfix.tracing.model import Encoding, Verdict
from loginfix.tracing.scope import Scope
from test_tracing_containers import varint
from traced import AMAZON, Made, hits, verdicts

COOKIES = (
    "CREATE TABLE cookies (host_key TEXT, top_frame_site_key TEXT, name TEXT)",
    "CREATE TABLE meta (key TEXT, value TEXT)",
)
LEFTOVER, MENTION = {Verdict.LEFTOVER}, {Verdict.MENTION}
EXCLUDED, PROTECTED = {Verdict.EXCLUDED}, {Verdict.PROTECTED}


def cookie(host: str, partition: str, name: str = "x") -> str:
    return f"INSERT INTO cookies VALUES ('{host}', '{partition}', '{name}')"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (cookie(".amazon.com", ""), LEFTOVER),
        (cookie("cdn.example.net", "https://amazon.com"), LEFTOVER),
        (cookie("www.example.com", "", "from amazon.com"), MENTION),
        (cookie("signin.aws.amazon.com", ""), EXCLUDED),
        (cookie("signin.aws.amazon.com", "https://amazon.com"), EXCLUDED),
        ("INSERT INTO meta VALUES ('x', 'amazon.com')", LEFTOVER),
        ("INSERT INTO meta VALUES ('x', 'see amazon.com')", LEFTOVER),
        ("INSERT INTO meta VALUES ('www.example.com', 'see amazon.com')", MENTION),
        ("INSERT INTO meta VALUES ('www.example.com', 'https://amazon.com/')", LEFTOVER),
    ],
)
def test_a_row_is_its_owners(row: str, expected: set[Verdict], tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.database("Cookies", *COOKIES, row)
    assert verdicts(made.trace()) == {"Cookies": expected}


def test_of_a_database_whose_schema_is_no_text_everything_is_left_over(tmp_path: Path) -> None:
    made = Made(tmp_path)
    row = cookie("www.example.com", "", "from amazon.com")
    make_schema_odd(made.database("Cookies", *COOKIES, row))
    # Whose folders are, is written in these.
    buckets = ("CREATE TABLE buckets (id INTEGER, storage_key TEXT)",)
    make_schema_odd(made.database("WebStorage/QuotaManager", *buckets))
    made.put("WebStorage/7/IndexedDB/x", b"amazon.com")
    trace = made.trace()
    assert verdicts(trace) == {"Cookies": LEFTOVER, "x": LEFTOVER}
    assert trace.problems == ()  # every byte was searched


def test_a_cookie_that_the_person_keeps_is_theirs(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.database("Cookies", *COOKIES, cookie(".amazon.com", "", "trusted"))
    assert verdicts(made.trace(keep_cookies=["trusted"])) == {"Cookies": PROTECTED}
    assert verdicts(made.trace(keep_cookies=["other"])) == {"Cookies": LEFTOVER}


def test_a_row_belongs_to_the_page_it_hangs_on(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.database(
        "History",
        "CREATE TABLE urls (id INTEGER PRIMARY KEY, url TEXT)",
        "CREATE TABLE keyword_search_terms (url_id INTEGER, term TEXT)",
        "CREATE INDEX i ON keyword_search_terms (term)",
        "INSERT INTO urls VALUES (1, 'https://search.example.com/?q=amazon.com')",
        "INSERT INTO keyword_search_terms VALUES (1, 'amazon.com')",
    )
    assert verdicts(made.trace()) == {"History": MENTION}
    with closing(sqlite3.connect(made.profile.path / "History")) as database, database:
        database.execute("UPDATE keyword_search_terms SET url_id = 2")
    assert Verdict.LEFTOVER in verdicts(made.trace())["History"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Bookmarks", PROTECTED),
        ("Login Data", PROTECTED),
        ("Web Data", PROTECTED),
        ("Extensions/abc/1.0/page.js", PROTECTED),
        ("Sync Data/LevelDB/000003.log", PROTECTED),
        ("Never heard of", LEFTOVER),
        ("IndexedDB/https_www.example.com_0.indexeddb.leveldb/LOG", MENTION),
        ("Storage/ext/abc/def/IndexedDB/https_www.example.com_0.indexeddb.leveldb/LOG", MENTION),
        ("Storage/ext/abc/def/Bookmarks", PROTECTED),
    ],
)
def test_a_file_is_what_its_path_says(path: str, expected: set[Verdict], tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.put(path, b"see amazon.com")
    assert verdicts(made.trace()) == {Path(path).name: expected}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("logins.json", PROTECTED),
        ("prefs.js", PROTECTED),
        ("bookmarkbackups/bookmarks-1.jsonlz4", PROTECTED),
        ("storage/default/https+++www.example.com/ls/x", MENTION),
        (
            "storage/default/https+++www.example.com^partitionKey=%28https%2Camazon.com%29/x",
            LEFTOVER,
        ),
        ("storage/default/https+++www.amazon.com/x", LEFTOVER),
        ("storage/default/https+++console.aws.amazon.com/x", EXCLUDED),
    ],
)
def test_a_file_of_firefox_is_what_its_path_says(
    path: str, expected: set[Verdict], tmp_path: Path
) -> None:
    made = Made(tmp_path, Engine.FIREFOX)
    made.put(path, b"see amazon.com")
    assert verdicts(made.trace())[Path(path).name] == expected


def log(key: bytes, value: bytes) -> bytes:
    batch = bytes(8) + b"\1\0\0\0\1" + varint(len(key)) + key + varint(len(value)) + value
    return build_log([batch])


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (b"_https://www.amazon.com\0\1k", LEFTOVER),
        (b"_https://www.example.com\0\1https://www.amazon.com", MENTION),
        (b"_https://www.example.com/^0https://amazon.com\0\1k", LEFTOVER),
        (b"_https://console.aws.amazon.com/^0https://amazon.com\0\1k", EXCLUDED),
        (b"META:https://www.example.com", MENTION),
        (b"something else", LEFTOVER),
    ],
)
def test_a_leveldb_record_is_its_keys(key: bytes, expected: set[Verdict], tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.put("Local Storage/leveldb/000003.log", log(key, b"amazon.com"))
    assert verdicts(made.trace()) == {"000003.log": expected}


def test_a_folder_with_a_number_is_whose_the_browser_says(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.put("File System/Origins/000003.log", log(b"ORIGIN:https_www.example.com_0", b"007"))
    made.put("File System/007/t/00/00000001", b"amazon.com")
    made.put("File System/008/t/00/00000002", b"amazon.com")
    assert verdicts(made.trace()) == {"00000001": MENTION, "00000002": LEFTOVER}


PREFERENCES = {
    "profile": {
        "content_settings": {
            "exceptions": {
                "notifications": {"https://www.amazon.com:443,*": {"setting": 1}},
                "site_engagement": {"https://www.amazon.de:443,*": {"score": 7}},
            }
        }
    }
}


def test_settings_keep_decisions_and_lose_what_the_browser_noted(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.put("Preferences", json.dumps(PREFERENCES).encode())
    trace = made.trace()
    assert [hit.host for hit in hits(trace, Verdict.PROTECTED)] == ["www.amazon.com"]
    assert [hit.host for hit in hits(trace)] == ["www.amazon.de"]


SESSION = {
    "windows": [
        {"tabs": [{"entries": [{"url": "https://www.example.com/", "title": "amazon.com"}]}]},
        {"tabs": [{"entries": [{"title": "amazon.de", "url": "https://www.amazon.de/"}]}]},
    ],
    "cookies": [
        {"host": ".amazon.fr", "value": "x"},
        {"host": "cdn.example.net", "originAttributes": {"partitionKey": "(https,amazon.es)"}},
        {"host": "s.aws.amazon.com", "originAttributes": {"partitionKey": "(https,amazon.com)"}},
    ],
    "title": "amazon.it",
}


def test_an_object_of_a_session_is_its_pages(tmp_path: Path) -> None:
    made = Made(tmp_path, Engine.FIREFOX)
    made.put("sessionstore.jsonlz4", json.dumps(SESSION).encode())
    trace = made.trace()
    assert {hit.host for hit in hits(trace, Verdict.MENTION)} == {"amazon.com"}
    assert {hit.host for hit in hits(trace)} == {
        "amazon.de",
        "www.amazon.de",
        "amazon.es",
        "amazon.fr",
        "amazon.it",
    }
    assert trace.count(Verdict.EXCLUDED) == 2


def test_a_service_worker_is_its_scopes(tmp_path: Path) -> None:
    made = Made(tmp_path, Engine.FIREFOX)
    records = [
        "\nhttps://www.example.com/\nhttps://www.example.com/sw.js?for=amazon.com\ntrue\n#\n",
        "^partitionKey=%28https%2Camazon.de%29\nhttps://cdn.example.net/\nx\n#\n",
        "^partitionKey=%28https%2Camazon.com%29\nhttps://console.aws.amazon.com/\nx\n#\n",
    ]
    made.put("serviceworker.txt", ("9\n" + "".join(records)).encode())
    trace = made.trace()
    assert [hit.host for hit in hits(trace, Verdict.MENTION)] == ["amazon.com"]
    assert [hit.host for hit in hits(trace)] == ["amazon.de"]
    assert trace.count(Verdict.EXCLUDED) == 2


def _dns(host: str) -> bytes:
    wire = b"".join(bytes([len(part)]) + part.encode() for part in host.split(".")) + b"\0"
    return base64.b64encode(hashlib.sha256(wire).digest())


def test_hashes_of_hosts_that_were_seen_are_found(tmp_path: Path) -> None:
    made = Made(tmp_path)
    host = "deep.below.amazon.com"
    made.put("TransportSecurity", b'{"sts":[{"host":"' + _dns(host) + b'"}]}')
    digest = hashlib.md5(host.encode()).hexdigest().encode()  # noqa: S324  Chromium's choice
    made.put("Site Characteristics Database/000003.log", log(digest, b"x"))
    name = hashlib.sha1(f"https_{host}_0".encode()).hexdigest()  # noqa: S324  Chromium's choice
    made.put(f"Service Worker/CacheStorage/{name}/x", b"")
    assert made.trace().leftovers == ()
    found = made.trace(candidates=[host, "www.example.com"])
    assert {hit.encoding for hit in hits(found)} == {Encoding.HASH}
    assert sorted(file.path.name for file in found.leftovers) == sorted(
        ["TransportSecurity", "000003.log", name]
    )
    (offset,) = (
        h.offset for f in found.files if f.store.startswith("Encr") for h in hits(found)[:1]
    )
    assert offset is None or offset > 0
    made.put("Elsewhere", f"https://{host}/".encode())
    assert len(made.trace().leftovers) == 4
    assert made.trace(candidates=["console.aws.amazon.com"]).count(Verdict.EXCLUDED) == 0


def test_names_of_pictures_are_hashes_of_addresses(tmp_path: Path) -> None:
    made = Made(tmp_path, Engine.FIREFOX)
    address = "https://www.amazon.com/gp/cart?x=1"
    thumbnail = hashlib.md5(address.encode()).hexdigest()  # noqa: S324  Firefox's choice
    made.put(f"thumbnails/{thumbnail}.png", b"")
    preview = hashlib.sha256(address.encode()).hexdigest()
    made.put(f"places-previews/{preview}.webp", b"")
    assert made.trace().files == ()
    made.put("Elsewhere", f'"{address}"'.encode())
    assert len(made.trace().leftovers) == 3


def test_only_what_is_in_scope_is_searched(tmp_path: Path) -> None:
    made = Made(tmp_path)
    for path in ("Cookies", "Cookies-journal", "Cookies Old", "A/x", "A/b/y", "AB/z"):
        made.put(path, b"amazon.com")
    below = made.profile.path
    trace = made.trace(scope=Scope(frozenset({below / "Cookies", below / "A"})))
    assert sorted(verdicts(trace)) == ["Cookies", "Cookies-journal", "x", "y"]
    assert trace.searched == 4


def test_what_cannot_be_opened_or_is_no_file_is_passed_by(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.put("Good", b"amazon.com")
    (tmp_path / "elsewhere").write_bytes(b"amazon.com")
    (made.profile.path / "Link").symlink_to(tmp_path / "elsewhere")
    (made.profile.path / "SingletonLock").symlink_to("host-1")
    (made.profile.path / "Round").symlink_to(made.profile.path)
    os.mkfifo(made.profile.path / "Pipe")
    trace = made.trace()
    assert verdicts(trace) == {"Good": LEFTOVER}
    assert sorted(problem.code for problem in trace.problems) == ["not-followed", "not-followed"]


def test_no_byte_and_no_time_of_the_profile_changes(tmp_path: Path) -> None:
    made = Made(tmp_path)
    path = made.database("Cookies", "PRAGMA journal_mode = WAL", *COOKIES)
    with closing(sqlite3.connect(path)) as database:
        database.execute(cookie("www.example.com", "", "amazon.com"))
        database.commit()

        def state() -> dict[str, tuple[int, int]]:
            return {
                str(each): (each.stat().st_size, each.stat().st_mtime_ns)
                for each in made.profile.path.rglob("*")
            }

        before = state()
        made.trace()
        assert state() == before


def test_no_hit_shows_more_than_a_host(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.put("x", b"https://user:secret@www.amazon.com/secret?secret=secret secret.secret")
    made.put("y", b"secret-amazon.com session=secret; secret.amazon.com")
    for file in made.trace(AMAZON).files:
        for tally in file.tallies.values():
            assert tally.hosts <= {"www.amazon.com", "secret.amazon.com"}
