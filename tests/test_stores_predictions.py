"""What Chromium has learned of a site: also inside other sites' rows, and behind hashes.

The predictor's rows only come with days of use; here they are put into recorded databases, in the
messages of ``chrome/browser/predictors/*.proto``. Site characteristics are recorded ones.
"""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from databases import dump
from leveldbs import opener
from loginfix.errors import DamagedFileError
from loginfix.formats.leveldb import build, read_database
from loginfix.stores.model import State, Wish
from recorder.recordings import unpack
from sqlite_stores import clear, restore, store_of
from store_doubles import TARGET, WISH, MemoryBackup, place_of, workspace_for
from test_recorded_profiles import loginfix

PREDICTOR = "chromium.loading_predictor"
PAGES = "chromium.site_characteristics"
HITS = b"\x10\x05\x29" + bytes(8)

Table = dict[str, bytes]


def field(number: int, content: bytes | str) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    assert len(data) < 1 << 14
    size = (
        bytes((len(data),)) if len(data) < 128 else bytes((len(data) & 127 | 128, len(data) >> 7))
    )
    return bytes((number << 3 | 2,)) + size + data


def origins(host: str, *others: str) -> bytes:
    """An ``OriginData``; a ``RedirectData`` has the same shape, with hosts."""
    entries = b"".join(field(3, field(1, other) + HITS) for other in others)
    return field(1, host) + b"\x10\x07" + entries


def critical_path(host: str, *urls: str) -> bytes:
    """An ``LcppData`` with these sub-resources in the histogram of its statistics."""
    buckets = b"".join(field(1, field(1, url) + b"\x11" + bytes(8)) for url in urls)
    statistics = field(4, buckets + b"\x11" + bytes(8))
    return field(1, host) + b"\x10\x07" + field(3, statistics)


def by_initiator(*entries: tuple[str, bytes]) -> bytes:
    """An ``LcppOrigin``: what was learned, by the origin that a page was opened from."""
    learned = b"".join(field(2, field(1, origin) + field(2, data)) for origin, data in entries)
    return b"\x08\x07" + learned


SHOP, CDN, AWS = "https://www.amazon.com", "https://cdn.example", "https://console.aws.amazon.com"
BEFORE: dict[str, Table] = {
    "resource_prefetch_predictor_host_redirect": {
        "amazon.co.jp": origins("amazon.co.jp", "www.amazon.co.jp"),
        "short.example": origins("short.example", "www.amazon.com", "www.example.org"),
        "example.org": origins("example.org", "www.example.org"),
    },
    "resource_prefetch_predictor_origin": {
        "www.amazon.com": origins("www.amazon.com", SHOP, CDN),
        "www.example.org": origins("www.example.org", CDN, SHOP, f"{SHOP}:8443", AWS),
        "www.notamazon.com": origins("www.notamazon.com", "https://www.notamazon.com"),
        "console.aws.amazon.com": origins("console.aws.amazon.com", AWS),
    },
    "lcp_critical_path_predictor": {
        "www.amazon.com/gp": critical_path("www.amazon.com", f"{SHOP}/a.js"),
        "news.example": critical_path("news.example", f"{CDN}/a.js", f"{SHOP}/b.js", f"{CDN}/c.js"),
    },
    "lcp_critical_path_predictor_initiator_origin": {
        "news.example": by_initiator(
            (SHOP, critical_path("news.example", f"{CDN}/a.js")),
            (CDN, critical_path("news.example", f"{SHOP}/a.js", f"{CDN}/b.js")),
        ),
    },
}
AFTER: dict[str, Table] = {
    "resource_prefetch_predictor_host_redirect": {
        "short.example": origins("short.example", "www.example.org"),
        "example.org": origins("example.org", "www.example.org"),
    },
    "resource_prefetch_predictor_origin": {
        "www.example.org": origins("www.example.org", CDN, AWS),
        "www.notamazon.com": origins("www.notamazon.com", "https://www.notamazon.com"),
        "console.aws.amazon.com": origins("console.aws.amazon.com", AWS),
    },
    "lcp_critical_path_predictor": {
        "news.example": critical_path("news.example", f"{CDN}/a.js", f"{CDN}/c.js"),
    },
    "lcp_critical_path_predictor_initiator_origin": {
        "news.example": by_initiator((CDN, critical_path("news.example", f"{CDN}/b.js"))),
    },
}
TYPED = [
    ("1", "ama", f"{SHOP}/", 3, 1),
    ("2", "nota", "https://www.notamazon.com/", 3, 1),
    ("3", "ama", "https://search.example/?q=ama", 1, 0),
]


@pytest.fixture(params=["chromium-156", "chromium-150"])
def predictor(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = unpack(request.param, tmp_path / "home").profile / "Network Action Predictor"
    with closing(sqlite3.connect(path)) as connection, connection:
        sql = "INSERT INTO network_action_predictor VALUES (?, ?, ?, ?, ?)"
        connection.executemany(sql, TYPED)
        for table, rows in BEFORE.items():
            connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows.items())
    return path


def tables(path: Path) -> dict[str, Table]:
    with closing(sqlite3.connect(path)) as connection:
        return {
            table: dict(connection.execute(f"SELECT key, proto FROM {table}")) for table in BEFORE
        }


def test_the_site_goes_out_of_other_sites_rows_and_they_stay(
    predictor: Path, tmp_path: Path
) -> None:
    before = dump(predictor, tmp_path)
    backup = clear(PREDICTOR, predictor)
    assert tables(predictor) == AFTER
    typed = [row[1:] for row in dump(predictor, tmp_path)["network_action_predictor"]]
    assert typed == TYPED[1:]
    raw = predictor.read_bytes().replace(AWS.encode(), b"").replace(b"console.aws.amazon.com", b"")
    assert b"amazon.com" not in raw.replace(b"www.notamazon.com", b"")
    assert b"amazon.co.jp" not in raw
    assert store_of(PREDICTOR).find(place_of(predictor), WISH).state is State.CLEAN
    restore(PREDICTOR, predictor, backup)
    assert dump(predictor, tmp_path) == before


def test_a_row_that_was_learned_anew_since_stays_on_restore(predictor: Path) -> None:
    backup = clear(PREDICTOR, predictor)
    new = origins("www.example.org", "https://new.example")
    with closing(sqlite3.connect(predictor)) as connection, connection:
        sql = (
            "UPDATE resource_prefetch_predictor_origin SET proto = ? WHERE key = 'www.example.org'"
        )
        connection.execute(sql, (new,))
    restore(PREDICTOR, predictor, backup)
    assert tables(predictor)["resource_prefetch_predictor_origin"]["www.example.org"] == new


def test_a_message_that_cannot_be_read_is_not_guessed_at(predictor: Path) -> None:
    with closing(sqlite3.connect(predictor)) as connection, connection:
        sql = "INSERT INTO lcp_critical_path_predictor VALUES ('a.example', x'0a7f00')"
        connection.execute(sql)
    with pytest.raises(DamagedFileError):
        store_of(PREDICTOR).find(place_of(predictor), WISH)


# Site characteristics


def hashed(host: str) -> bytes:
    return hashlib.md5(host.encode(), usedforsecurity=False).hexdigest().encode()


def pairs(directory: Path) -> dict[bytes, bytes]:
    files = {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}
    return dict(read_database(files, opener(files)).live())


HOSTS = ("amazon.com", "www.amazon.com", "a.b.amazon.com", "smile.amazon.co.jp")
STAYING = ("www.example.org", "x.aws.amazon.com", "unheard-of.amazon.com")


def characteristics(directory: Path) -> Path:
    directory.mkdir()
    content = {hashed(host): b"\x08\x01" for host in (*HOSTS, *STAYING)}
    content[b"database_metadata"] = b"1"
    for name, data in build(sorted(content.items()), last_sequence=9, next_file_number=3):
        (directory / name).write_bytes(data)
    return directory


def test_hashes_of_hosts_seen_elsewhere_go_with_those_that_are_declared(tmp_path: Path) -> None:
    directory = characteristics(tmp_path / "db")
    before = pairs(directory)
    wish = Wish(TARGET, hosts=frozenset({"a.b.amazon.com", "smile.amazon.co.jp"}))
    place, backup = place_of(directory), MemoryBackup()
    work = workspace_for(place, tmp_path / "scratch")
    finding = store_of(PAGES).clear(place, wish, work, backup)
    work.apply()
    assert finding.hosts == dict.fromkeys(sorted(HOSTS), 1)
    assert pairs(directory).keys() == {b"database_metadata", *map(hashed, STAYING)}
    raw = b"".join(path.read_bytes() for path in directory.iterdir())
    assert not [host for host in HOSTS if hashed(host) in raw]
    work = workspace_for(place, tmp_path / "scratch")
    store_of(PAGES).restore(place, backup, work, overwrite=False)
    work.apply()
    assert pairs(directory) == before


def test_a_directory_without_a_database_is_clean(tmp_path: Path) -> None:
    directory = tmp_path / "db"
    directory.mkdir()
    (directory / "LOCK").touch()
    (directory / "LOG").touch()
    place = place_of(directory)
    assert store_of(PAGES).find(place, WISH).state is State.CLEAN
    work = workspace_for(place, tmp_path / "scratch")
    assert store_of(PAGES).clear(place, WISH, work, MemoryBackup()).state is State.CLEAN


@pytest.mark.parametrize("more", [(), ("--only", "predictions")])
def test_hashes_go_whatever_is_cleared_along_with_them(
    more: tuple[str, ...], tmp_path: Path
) -> None:
    recording = unpack("chromium-156", tmp_path / "home")
    directory = recording.profile / "Site Characteristics Database"
    # Only the history tells of this host.
    with closing(sqlite3.connect(recording.profile / "History")) as history, history:
        sql = "INSERT INTO urls(url, title, last_visit_time) VALUES (?, 'x', 1)"
        history.execute(sql, ("https://deep.in.amazon.de/",))
    content = {**pairs(directory), hashed("deep.in.amazon.de"): b"\x08\x01"}
    for path in directory.iterdir():
        path.unlink()
    for name, data in build(sorted(content.items()), last_sequence=99, next_file_number=3):
        (directory / name).write_bytes(data)
    gone = {hashed(host) for host in ("www.amazon.co.jp", "www.amazon.com", "deep.in.amazon.de")}
    assert gone <= content.keys()
    loginfix(recording, "clear-cache", "--site", "amazon", "--yes", *more)
    assert pairs(directory).keys() == content.keys() - gone
    assert hashed("www.example.org") in pairs(directory)
    loginfix(recording, "restore", "--yes")
    assert pairs(directory) == content


def test_visited_links_go_whole_where_another_store_names_the_site(
    tmp_path: Path,
) -> None:
    recording = unpack("chromium-156", tmp_path / "home")
    path = recording.profile / "Visited Links"
    path.write_bytes(b"VLnk" + bytes(60))
    loginfix(recording, "clear-cache", "--site", "never-visited.com", "--yes", code=3)
    assert path.exists()
    loginfix(recording, "clear-cache", "--site", "amazon", "--yes", "--only", "history")
    assert not path.exists()
    loginfix(recording, "restore", "--yes")
    assert path.read_bytes() == b"VLnk" + bytes(60)
