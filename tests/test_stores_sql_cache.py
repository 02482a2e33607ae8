"""Chromium's SQL cache: entries with their parts, and the numbers that are kept beside them."""

from pathlib import Path

import pytest

from databases import column, dump, run
from recorder.recordings import unpack
from sqlite_stores import clear, restore

STORE = "chromium.http_cache_sql"
COUNTS = (
    "SELECT (SELECT value FROM meta WHERE key = 'EntryCount') || ' '"
    " || (SELECT value FROM meta WHERE key = 'TotalSize')"
)
REAL_COUNTS = (
    "SELECT count(*) || ' ' || coalesce(sum(bytes_usage), 0) FROM resources WHERE doomed = 0"
)
OF_TARGET = "cache_key LIKE '% https://www.amazon.com/static/%'"


@pytest.fixture(params=["sqldb0", "sqldb1", "sqldb2"])
def shard(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """One database of the recorded cache."""
    recording = unpack("chromium-156-sql", tmp_path / "home")
    return recording.cache / "Cache/Cache_Data" / str(request.param)


def test_the_counts_are_those_of_the_rows_that_stay(shard: Path, tmp_path: Path) -> None:
    before = column(shard, COUNTS)
    rows = dump(shard, tmp_path)
    assert before == column(shard, REAL_COUNTS)
    backup = clear(STORE, shard)
    assert column(shard, COUNTS) == column(shard, REAL_COUNTS) != before
    orphans = "SELECT count(*) FROM blobs WHERE res_id NOT IN (SELECT res_id FROM resources)"
    assert column(shard, orphans) == [0]
    restore(STORE, shard, backup)
    assert column(shard, COUNTS) == before
    assert dump(shard, tmp_path) == rows


def test_an_entry_that_came_anew_keeps_its_own_parts_only(shard: Path) -> None:
    (key,) = column(shard, f"SELECT cache_key FROM resources WHERE {OF_TARGET} LIMIT 1")
    (hash_,) = column(shard, f"SELECT cache_key_hash FROM resources WHERE cache_key = '{key}'")
    (old,) = column(
        shard,
        "SELECT count(*) FROM blobs WHERE res_id ="
        f" (SELECT res_id FROM resources WHERE cache_key = '{key}')",
    )
    run(
        shard,
        # One more part than the entry that comes anew will have.
        "INSERT INTO blobs(res_id, start, end, check_sum, blob) SELECT res_id, 900000, 900003, 7,"
        f" x'010203' FROM resources WHERE cache_key = '{key}'",
    )
    backup = clear(STORE, shard)
    run(
        shard,
        "INSERT INTO resources(last_used, hints, body_end, bytes_usage, doomed, check_sum,"
        f" cache_key_hash, cache_key) VALUES (1, 0, 3, 3, 0, 5, {hash_}, '{key}')",
        "INSERT INTO blobs(res_id, start, end, check_sum, blob)"
        " VALUES (last_insert_rowid(), 0, 3, 6, x'040506')",
    )
    parts = (
        "SELECT hex(blob) FROM blobs JOIN resources USING (res_id)"
        f" WHERE cache_key = '{key}' ORDER BY start"
    )
    kept = restore(STORE, shard, backup)[1]
    assert len(kept) == 1
    assert column(shard, parts) == ["040506"]
    assert column(shard, COUNTS) == column(shard, REAL_COUNTS)
    restore(STORE, shard, backup, overwrite=True)
    assert column(shard, f"SELECT count(*) FROM resources WHERE cache_key = '{key}'") == [1]
    back = column(shard, parts)
    assert len(back) == int(str(old)) + 1
    assert "040506" not in back
    assert back[-1] == "010203"
    assert column(shard, COUNTS) == column(shard, REAL_COUNTS)
