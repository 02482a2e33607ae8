import os
from datetime import UTC, datetime, timedelta, timezone

import pytest

from loginfix.vault.errors import ContentError
from loginfix.vault.model import Manifest, Owner, SiteRecord

MANIFEST = Manifest(
    id="20261124-035030-amazon",
    created=datetime(2026, 11, 24, 3, 50, 30, 123456, UTC),
    version="0.1.0",
    command="clear-cache",
    sites=(SiteRecord("amazon", ("retail", "login")), SiteRecord("example.co.jp")),
    categories=("cache", "cookies"),
    owner=Owner("host", "j\udcf6rg", 1000, "5f" * 32),
)


def test_a_manifest_comes_back() -> None:
    assert Manifest.from_entries(MANIFEST.entries()) == MANIFEST


def test_the_time_is_kept_in_utc() -> None:
    tokyo = datetime(2026, 11, 24, 12, 0, tzinfo=timezone(timedelta(hours=9)))
    manifest = Manifest("x", tokyo, "0", "clear-cache", (), (), Owner("", "", None))
    assert manifest.entries()["created"] == "2026-11-24T03:00:00+00:00"
    assert Manifest.from_entries(manifest.entries()).owner.uid is None


@pytest.mark.parametrize("key", [key for key in MANIFEST.entries() if key != "machine_id"])
def test_a_missing_entry_is_refused(key: str) -> None:
    entries = MANIFEST.entries()
    del entries[key]
    with pytest.raises(ContentError):
        Manifest.from_entries(entries)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("created", "yesterday"),
        ("created", "0001-01-01T00:00:00+23:00"),
        ("sites", "[1]"),
        ("sites", "[[[["),
        ("categories", "1"),
        ("uid", "root"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(key: str, value: str) -> None:
    with pytest.raises(ContentError):
        Manifest.from_entries({**MANIFEST.entries(), key: value})


def test_the_owner_is_whoever_runs_this() -> None:
    owner = Owner.here()
    assert owner.uid == (os.getuid() if hasattr(os, "getuid") else None)
