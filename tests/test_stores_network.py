"""What the network service remembers of a site: taken out on both sides of every key.

Reporting is a real one: a Chromium 156 that every answer gave report addresses. The others' rows
only come with days of use; here they are put into recorded databases, in their own schema.
"""

import sqlite3
from base64 import b64encode
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import copyfile

import pytest

from databases import dump
from loginfix.sites.catalog import load_catalog
from loginfix.stores.model import State, Wish
from recorder.recordings import unpack
from sqlite_stores import clear, store_of
from store_doubles import WISH, place_of, workspace_for

REPORTING = Path(__file__).parent / "data" / "stores" / "reporting-156.sqlite"
SHOP, OTHER = "https://www.amazon.com", "https://www.example.org"
AWS = "https://x.aws.amazon.com"

# As they are in a key's pickle, behind the two lengths that fill its first 8 bytes.
SITES_IN_KEYS = tuple(
    len(site).to_bytes(4, "little") * 2 + site + bytes(-len(site) % 4)
    for site in (b"https://amazon.com", b"https://amazon.co.jp")
)
DOMAINS = ("amazon.com", "amazon.co.jp", "media-amazon.com", "ssl-images-amazon.com")

Row = tuple[object, ...]
Rows = dict[str, list[Row]]


def field(number: int, content: bytes) -> bytes:
    return bytes((number << 3 | 2, len(content))) + content


def issuers(*origins: str) -> bytes:
    return b"".join(field(1, origin.encode()) for origin in origins)


def nik(*sites: str) -> str:
    parts = []
    for site in sites:
        text = site.encode() + bytes(-len(site) % 4)
        size = (4 + len(text)).to_bytes(4, "little") + len(site).to_bytes(4, "little")
        parts.append('"' + b64encode(size + text).decode() + '"')
    return f"[{','.join(parts)},false,0]"


# Of each table: the rows that go, then the rows that stay.
ADDED: dict[str, tuple[str, Rows, Rows]] = {
    "chromium.trust_tokens": (
        "Trust Tokens",
        {
            "trust_tokens_issuer_config": [(SHOP, b"\x1a\x01x")],
            "trust_tokens_toplevel_config": [(SHOP, issuers(OTHER))],
            "trust_tokens_issuer_toplevel_pair_config": [
                (f"{SHOP} {OTHER}", b"a"),
                (f"{OTHER} {SHOP}", b"b"),
            ],
        },
        {
            "trust_tokens_issuer_config": [(OTHER, b"\x1a\x01y"), (AWS, b"\x1a\x01z")],
            "trust_tokens_toplevel_config": [(AWS, issuers(OTHER))],
            "trust_tokens_issuer_toplevel_pair_config": [
                (f"{OTHER} {AWS}", b"c"),
                (f"{AWS} {SHOP}", b"d"),
            ],
        },
    ),
    "chromium.bounce_tracking": (
        "DIPS",
        {
            "popups": [
                ("amazon.com", "example.org", 1, 2, 0, 0),
                ("example.org", "amazon.co.jp", 1, 2, 0, 0),
            ]
        },
        {"popups": [("example.org", "notamazon.com", 1, 2, 0, 0)]},
    ),
    "chromium.heavy_ads": (
        "heavy_ad_intervention_opt_out.db",
        {"previews_v1": [("www.amazon.com", 5, 1, 0), ("ads.amazon.co.jp", 6, 1, 0)]},
        {"previews_v1": [("notamazon.com", 5, 1, 0), ("x.aws.amazon.com", 5, 1, 0)]},
    ),
    "chromium.performance_reports": (
        "declarative_performance_observer.db",
        {
            "declarative_performance_observer_policies": [(SHOP, 1, 5)],
            "declarative_performance_observer_reports": [(1, SHOP, "{}", 5)],
        },
        {
            "declarative_performance_observer_policies": [(OTHER, 1, 5), (AWS, 1, 5)],
            "declarative_performance_observer_reports": [(2, OTHER, "{}", 5)],
        },
    ),
    "chromium.device_bound_sessions": (
        "Device Bound Sessions",
        {"dbsc_session_tbl": [("https://amazon.com", b"wrapped")]},
        {"dbsc_session_tbl": [("https://notamazon.com", b"wrapped")]},
    ),
}
KEY_AND_PROTO = "CREATE TABLE dbsc_session_tbl (key TEXT, proto BLOB, PRIMARY KEY(key))"


def insert(path: Path, rows: Rows) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, values in rows.items():
            for row in values:
                marks = ", ".join("?" * len(row))
                connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)


def values(path: Path, table: str) -> set[Row]:
    with closing(sqlite3.connect(path)) as connection:
        return set(connection.execute(f"SELECT * FROM {table}"))


def restore(store: str, path: Path, backup: object) -> list[str]:
    place = place_of(path)
    work = workspace_for(place, path.parent / ".scratch2")
    outcome = store_of(store).restore(place, backup, work, overwrite=False)  # type: ignore[arg-type]
    work.apply()
    return [problem.code for problem in outcome.problems]


@pytest.fixture
def filled(tmp_path: Path) -> Callable[[str], Path]:
    def fill(store: str) -> Path:
        name, going, staying = ADDED[store]
        path = unpack("chromium-156", tmp_path / "home").profile / name
        if store == "chromium.device_bound_sessions":
            with closing(sqlite3.connect(path)) as connection, connection:
                connection.execute(KEY_AND_PROTO)
        insert(path, going)
        insert(path, staying)
        return path

    return fill


@pytest.mark.parametrize("store", ADDED)
def test_rows_of_the_site_go_and_every_other_row_stays(
    store: str, filled: Callable[[str], Path], tmp_path: Path
) -> None:
    path = filled(store)
    _, going, staying = ADDED[store]
    before = dump(path, tmp_path)
    backup = clear(store, path)
    for table, rows in going.items():
        left = values(path, table)
        assert left.isdisjoint(rows)
        assert left >= set(staying.get(table, ()))
    for table, dumped in dump(path, tmp_path).items():
        gone = {repr(row) for row in before[table]} - {repr(row) for row in dumped}
        assert len(gone) == sum(row.table == table for row in backup.all_rows)
    raw = path.read_bytes()
    assert b"www.amazon.com" not in raw.replace(f"{AWS} {SHOP}".encode(), b"")
    assert store_of(store).find(place_of(path), WISH).state is State.CLEAN
    codes = restore(store, path, backup)
    assert dump(path, tmp_path) == before
    assert codes == (["may-not-last"] if store == "chromium.device_bound_sessions" else [])


def test_an_issuer_goes_out_of_other_pages_lists(tmp_path: Path) -> None:
    path = unpack("chromium-156", tmp_path / "home").profile / "Trust Tokens"
    table = "trust_tokens_toplevel_config"
    insert(path, {table: [(OTHER, issuers(SHOP, "https://issuer.example")), (AWS, issuers(SHOP))]})
    before = dump(path, tmp_path)
    backup = clear("chromium.trust_tokens", path)
    assert values(path, table) == {(OTHER, issuers("https://issuer.example")), (AWS, b"")}
    assert b"amazon.com" not in path.read_bytes().replace(AWS.encode(), b"")
    restore("chromium.trust_tokens", path, backup)
    assert dump(path, tmp_path) == before


def names_target(row: Row) -> bool:
    """Told from the plain columns and the raw base64, without the program's own forms.

    ``row`` begins with its number and the key; the fourth is the host, the seventh may be a URL.
    """
    key, host = str(row[1]), str(row[3])
    if host.endswith("aws.amazon.com"):
        return "//www.amazon.com/" in str(row[6])
    in_its_pages = any(b64encode(site)[12:36].decode() in key for site in SITES_IN_KEYS)
    return host.endswith(DOMAINS) or in_its_pages or "//www.amazon.com/" in str(row[6])


def test_reporting_loses_the_site_in_all_three_tables(tmp_path: Path) -> None:
    path = Path(copyfile(REPORTING, tmp_path / "Reporting and NEL"))
    before = dump(path, tmp_path)
    backup = clear("chromium.reporting", path, Wish(load_catalog().resolve("amazon")))
    after = dump(path, tmp_path)
    for table in ("nel_policies", "reporting_endpoints", "reporting_endpoint_groups"):
        expected = [row for row in before[table] if not names_target(row)]
        assert after[table] == expected, table
        hosts = {row[3] for row in expected}
        assert hosts >= {"www.example.com", "cdn.other.net", "console.aws.amazon.com"}, table
        assert {row[3] for row in before[table]} - hosts >= {"www.amazon.com", "m.media-amazon.com"}
    assert b"//www.amazon" not in path.read_bytes()
    restore("chromium.reporting", path, backup)
    assert dump(path, tmp_path) == before


def test_what_others_embed_in_the_sites_pages_is_found_in_the_base64(tmp_path: Path) -> None:
    path = Path(copyfile(REPORTING, tmp_path / "Reporting and NEL"))
    added: list[Row] = [
        (nik("https://amazon.com"), "https", "cdn.example", 443, "g", 0, 1, 1),
        (
            nik("https://other.example", "https://amazon.com"),
            "https",
            "x.example",
            443,
            "g",
            0,
            1,
            1,
        ),
        (nik("https://other.example"), "https", "img.amazon.com", 443, "g", 0, 1, 1),
        (nik("https://other.example"), "https", "y.example", 443, "g", 0, 1, 1),
        (nik("https://amazon.com"), "https", "x.aws.amazon.com", 443, "g", 0, 1, 1),
    ]
    insert(path, {"reporting_endpoint_groups": added})
    clear("chromium.reporting", path)
    assert values(path, "reporting_endpoint_groups").intersection(added) == set(added[3:])


def test_bounces_noted_since_stay_and_the_report_says_so(tmp_path: Path) -> None:
    path = unpack("chromium-156", tmp_path / "home").profile / "DIPS"
    before = values(path, "bounces")
    backup = clear("chromium.bounce_tracking", path)
    new: Row = ("amazon.com", 1, 2, None, None, None, None)
    insert(path, {"bounces": [new]})
    place = place_of(path)
    work = workspace_for(place, tmp_path / "scratch")
    store = store_of("chromium.bounce_tracking")
    outcome = store.restore(place, backup, work, overwrite=False)
    work.apply()
    assert outcome.kept_newer == ("bounces: amazon.com",)
    assert values(path, "bounces") == {new, *(row for row in before if row[0] != "amazon.com")}
    work = workspace_for(place, tmp_path / "scratch")
    store.restore(place, backup, work, overwrite=True)
    work.apply()
    assert values(path, "bounces") == before
