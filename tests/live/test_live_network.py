"""The live Chromium keeps what clearing left of reporting, bounces and predictions."""

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from databases import dump, run
from leveldbs import opener
from live.binaries import chromium_binary
from loginfix.formats.leveldb import read_database
from oracle import Oracle
from recorder import content
from recorder.chromium import Chromium
from recorder.recordings import Recording, unpack
from recorder.web import Web
from test_recorded_profiles import loginfix

pytestmark = pytest.mark.live

# Chromium writes its reporting store half a minute after the first change
# (net/extras/sqlite/sqlite_persistent_reporting_and_nel_store.cc, kCommitInterval), not at its end.
COMMIT_SECONDS = 34
AGE = 31_536_000
PAGES = (
    *("https://www.amazon.co.jp/", "https://www.amazon.com/", "https://console.aws.amazon.com/"),
    *("https://www.example.com/", "https://news.example.co.jp/", "https://shop.example.net/"),
)
REPORTING = ("nel_policies", "reporting_endpoints", "reporting_endpoint_groups")
POPUPS = (
    "INSERT INTO popups VALUES ('amazon.com', 'example.org', 1, 13440000000000000, 0, 0)",
    "INSERT INTO popups VALUES ('example.org', 'notamazon.com', 1, 13440000000000000, 0, 0)",
)
TOKENS = (
    "INSERT INTO trust_tokens_toplevel_config VALUES ('https://www.example.org', {})",
    (
        "INSERT INTO trust_tokens_issuer_toplevel_pair_config"
        " VALUES ('https://www.amazon.com https://www.example.org', x'')"
    ),
)
PREDICTED = (
    "INSERT INTO resource_prefetch_predictor_origin VALUES ('www.example.org', {})",
    "INSERT INTO resource_prefetch_predictor_origin VALUES ('www.amazon.com', {})",
)


def _reporting_headers(host: str) -> list[tuple[str, str]]:
    def group(name: str, *urls: str) -> str:
        endpoints = [{"url": url} for url in urls]
        return json.dumps({"group": name, "max_age": AGE, "endpoints": endpoints})

    return [
        ("Report-To", group("default", f"https://{host}/reports")),
        ("Report-To", group("other", "https://cdn.other.net/c", "https://www.amazon.com/c")),
        ("NEL", json.dumps({"report_to": "default", "max_age": AGE})),
    ]


@pytest.fixture
def reporting_web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """The fake web, whose every answer asks for reports."""
    answer = content.respond

    def respond(host: str, *more: Any) -> content.Response:
        response = answer(host, *more)
        response.headers.extend(_reporting_headers(host))
        return response

    monkeypatch.setattr("recorder.web.respond", respond)
    with Web() as running:
        yield running


def origins(*urls: str) -> str:
    """An ``OriginData`` in SQL (chrome/browser/predictors/resource_prefetch_predictor.proto)."""
    stat = b"".join(
        b"\x1a" + bytes((len(url) + 4, 10, len(url))) + url.encode() + b"\x10\x05" for url in urls
    )
    return f"x'{stat.hex()}'"


def issuers(*urls: str) -> str:
    """A ``TrustTokenToplevelConfig`` in SQL (services/network/trust_tokens/proto/storage.proto)."""
    return f"x'{b''.join(bytes((10, len(url))) + url.encode() for url in urls).hex()}'"


def use(recording: Recording, web: Web, *pages: str, seconds: float = 3) -> None:
    with Chromium(chromium_binary(), recording.home, recording.user_data, web) as browser:
        tab = browser.new_tab()
        for page in pages:
            tab.navigate(page)
            tab.evaluate("window.ready")
        time.sleep(seconds)


def behaviour(recording: Recording) -> dict[bytes, bytes]:
    """The records of background tabs, by the hash of their host."""
    directory = recording.profile / "Site Characteristics Database"
    files = {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}
    return dict(read_database(files, opener(files)).live())


def hashed(host: str) -> bytes:
    return hashlib.md5(host.encode(), usedforsecurity=False).hexdigest().encode()


def sites(path: Path) -> dict[str, set[tuple[str, str]]]:
    """Host and key of every row, by table."""
    with closing(sqlite3.connect(path)) as database:
        return {
            table: set(database.execute(f"SELECT origin_host, nik FROM {table}"))
            for table in REPORTING
        }


def test_reporting_bounces_and_predictions_are_kept_by_the_browser(
    reporting_web: Web, tmp_path: Path
) -> None:
    recording = unpack("chromium-156", tmp_path / "home")
    oracle = Oracle(recording)
    use(recording, reporting_web, *PAGES, seconds=COMMIT_SECONDS)
    reporting, bounces, predictor, tokens = (
        recording.profile / name
        for name in ("Reporting and NEL", "DIPS", "Network Action Predictor", "Trust Tokens")
    )
    run(bounces, *POPUPS)
    run(
        predictor,
        PREDICTED[0].format(origins("https://cdn.other.net", "https://www.amazon.com")),
        PREDICTED[1].format(origins("https://www.amazon.com")),
    )
    run(tokens, TOKENS[0].format(issuers("https://www.amazon.com", "https://i.example")), TOKENS[1])
    tabs = behaviour(recording)
    assert {hashed("www.amazon.com"), hashed("www.example.org")} <= tabs.keys()
    stores = (reporting, bounces, predictor, tokens)
    before = {path: dump(path, tmp_path) for path in stores}
    filled = sites(reporting)
    hosts = {host for host, _ in filled["nel_policies"]}
    assert hosts >= {"www.amazon.com", "www.example.com", "console.aws.amazon.com"}
    # The site inside another site's page, and another inside the site's.
    assert [host for host, _ in filled["nel_policies"]].count("www.amazon.com") == 2
    assert [host for host, _ in filled["nel_policies"]].count("cdn.other.net") == 2

    loginfix(recording, "clear-cache", "--site", "amazon", "--yes")
    cleared = {path: dump(path, tmp_path) for path in stores}
    left = sites(reporting)
    assert not any(oracle.is_target(host) for rows in left.values() for host, _ in rows)
    hosts_left = [host for host, _ in left["nel_policies"]]
    assert {*hosts_left} >= {"www.example.com", "console.aws.amazon.com"}
    assert hosts_left.count("cdn.other.net") == 1
    assert b"www.amazon.com" not in reporting.read_bytes()

    use(recording, reporting_web, "https://www.example.org/", seconds=COMMIT_SECONDS)
    now = sites(reporting)
    assert all(now[table] >= left[table] for table in REPORTING)
    assert not any(oracle.is_target(host) for rows in now.values() for host, _ in rows)
    assert dump(bounces, tmp_path)["popups"] == cleared[bounces]["popups"]
    assert dump(tokens, tmp_path) == cleared[tokens]
    (page,) = cleared[tokens]["trust_tokens_toplevel_config"]
    assert page[1:] == (
        "https://www.example.org",
        bytes.fromhex(issuers("https://i.example")[2:-1]),
    )
    assert cleared[tokens]["trust_tokens_issuer_toplevel_pair_config"] == []
    still = behaviour(recording)
    assert hashed("www.example.org") in still
    assert not {hashed("www.amazon.com"), hashed("www.amazon.co.jp")} & still.keys()
    kept = {row[1]: row[2] for row in cleared[predictor]["resource_prefetch_predictor_origin"]}
    assert kept == {"www.example.org": bytes.fromhex(origins("https://cdn.other.net")[2:-1])}
    after = dump(predictor, tmp_path)["resource_prefetch_predictor_origin"]
    assert {row[1] for row in after} >= kept.keys()

    loginfix(recording, "restore", "--yes")
    assert all(sites(reporting)[table] >= filled[table] for table in REPORTING)
    use(recording, reporting_web, "https://www.example.org/")
    assert all(sites(reporting)[table] >= filled[table] for table in REPORTING)
    for path in stores:
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert dump(tokens, tmp_path) == before[tokens]
    assert behaviour(recording).keys() >= tabs.keys()
    assert {row[1:3] for row in dump(bounces, tmp_path)["popups"]} == {
        row[1:3] for row in before[bounces]["popups"]
    }
