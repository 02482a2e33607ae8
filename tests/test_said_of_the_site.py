"""What a person and other sites say of the site stays, and no clear fails or worries over it."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from databases import column
from recorder.recordings import Recording, unpack

SEARCH = "https://www.google.com/search?q=amazon.com+login&x=https%3A%2F%2Fwww.amazon.com%2Fap"
TYPED = "amazon.com login"


def insert(database: sqlite3.Connection, table: str, **values: Any) -> int:
    """Add a row; what is not named and must be there is nothing or 0."""
    for _, name, kind, needed, default, key in database.execute(f"PRAGMA table_info({table})"):
        if name not in values and needed and default is None and not key:
            values[name] = 0 if "INT" in kind.upper() else ""
    names, places = ", ".join(values), ", ".join("?" * len(values))
    sql = f"INSERT INTO {table} ({names}) VALUES ({places})"
    return int(database.execute(sql, tuple(values.values())).lastrowid or 0)


def clear(recording: Recording) -> dict[str, Any]:
    command = (sys.executable, "-m", "loginfix", "clear-cache", "--site", "amazon", "--yes")
    done = subprocess.run(
        [*command, "--json", "--home", str(recording.home)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    envelope: dict[str, Any] = json.loads(done.stdout)
    return envelope


def test_searches_in_chromium(tmp_path: Path) -> None:
    recording = unpack("chromium-156", tmp_path / "home")
    with closing(sqlite3.connect(recording.profile / "History")) as history, history:
        now = 13439968414271884
        url = insert(history, "urls", url=SEARCH, title=TYPED, visit_count=1, last_visit_time=now)
        visit = insert(history, "visits", url=url, visit_time=now)
        term = {"term": TYPED, "normalized_term": TYPED}
        insert(history, "keyword_search_terms", keyword_id=2, url_id=url, **term)
        insert(
            history,
            "content_annotations",
            visit_id=visit,
            search_terms=TYPED,
            search_normalized_url=SEARCH,
            alternative_title=TYPED,
            related_searches="amazon.com\0prime",
        )
        cluster = insert(history, "clusters", label=TYPED, raw_label=TYPED)
        shown = dict.fromkeys(("url_for_deduping", "normalized_url", "url_for_display"), SEARCH)
        insert(history, "clusters_and_visits", cluster_id=cluster, visit_id=visit, **shown)
        insert(history, "cluster_keywords", cluster_id=cluster, keyword="amazon.com", score=1)
    with closing(sqlite3.connect(recording.profile / "Shortcuts")) as shortcuts, shortcuts:
        said = {"text": "amazon.com", "fill_into_edit": TYPED, "contents": TYPED}
        insert(shortcuts, "omni_box_shortcuts", id="typed", url=SEARCH, **said)
    predictor = recording.profile / "Network Action Predictor"
    with closing(sqlite3.connect(predictor)) as guesses, guesses:
        insert(guesses, "network_action_predictor", id="typed", user_text=TYPED, url=SEARCH)

    envelope = clear(recording)
    assert (envelope["exit_code"], envelope["problems"]) == (0, [])
    urls = column(recording.profile / "History", "SELECT url FROM urls")
    assert SEARCH in urls
    terms = column(recording.profile / "History", "SELECT term FROM keyword_search_terms")
    assert TYPED in terms
    assert TYPED in column(predictor, "SELECT user_text FROM network_action_predictor")


def test_searches_in_firefox(tmp_path: Path) -> None:
    recording = unpack("firefox-esr-153", tmp_path / "home")
    database = recording.profile / "places.sqlite"
    page = "https://www.example.com/?q=https://www.amazon.com/x"
    with closing(sqlite3.connect(database)) as places, places:
        (origin,) = places.execute(
            "SELECT id FROM moz_origins WHERE host = 'www.example.com'"
        ).fetchone()
        place = insert(
            places,
            "moz_places",
            url=page,
            title="amazon.com, a review",
            rev_host="moc.elpmaxe.www.",
            guid="abcdefghijkl",
            description="All about www.amazon.com",
            preview_image_url="https://m.media-amazon.com/images/x.png",
            origin_id=origin,
        )
        visit = {"visit_date": 1795494844800407, "visit_type": 1, "from_visit": 0}
        insert(places, "moz_historyvisits", place_id=place, **visit)
        insert(places, "moz_inputhistory", place_id=place, input="amazon.com", use_count=1)
        terms = insert(places, "moz_places_metadata_search_queries", terms=TYPED)
        seen = {"created_at": 1, "updated_at": 1, "search_query_id": terms}
        insert(places, "moz_places_metadata", place_id=place, **seen)

    envelope = clear(recording)
    assert (envelope["exit_code"], envelope["problems"]) == (0, [])
    assert page in column(database, "SELECT url FROM moz_places")
    assert "amazon.com" in column(database, "SELECT input FROM moz_inputhistory")
    assert TYPED in column(database, "SELECT terms FROM moz_places_metadata_search_queries")
