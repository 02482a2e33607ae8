"""The main job, as a process, on every recorded profile."""

import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from databases import Dump, dump
from oracle import Oracle, digests
from recorder.recordings import Recording, names, unpack
from session_files import hosts_in, session_files
from storage import target_paths

PROTECTED = (
    "Bookmarks",
    "Login Data",
    "Web Data",
    "logins.json",
    "key4.db",
    "cert9.db",
    "prefs.js",
    "formhistory.sqlite",
    "Secure Preferences",
)
# Documents of which parts go; test_recorded_documents compares their contents.
DOCUMENTS = (
    *("Preferences", "TransportSecurity", "Network Persistent State"),
    "serviceworker.txt",
    "SiteSecurityServiceState.bin",
)
# Rows of the target itself that stay for the sake of a bookmark.
BOOKMARKED = {"moz_places", "moz_origins"}
# A permission that the person gave stays, and when the site was last used with it.
DECISION = {"desktop-notification", "moz_origin_interactions"}
# Other sites' rows that may name the target: a search for it, an icon that it hosts for them, the
# registrable domain that a host of another group has in common with it.
MENTIONING = {"keyword_search_terms", "favicons", "moz_icons", "origin"}

# What databases of Chromium's caches count of their own rows.
COUNTED = {"EntryCount", "TotalSize", "total_dict_size"}
# Caches beside the HTTP cache of which files go.
OTHER_CACHES = ("Cache/No_Vary_Search/", "Code Cache/", "Shared Dictionary/")

# Databases that are written anew; test_stores_leveldb compares their contents.
LEVELDB = (
    "Local Storage/leveldb",
    "Session Storage",
    "Service Worker/Database",
    "File System/Origins",
    "Site Characteristics Database",
    "shared_proto_db",
)
# What lists the scripts of service workers: it goes, and Chromium makes it anew.
SCRIPT_INDEX = "Service Worker/ScriptCache/index-dir/the-real-index"

# What of a block-file cache is edited and not only removed.
BLOCK_FILES = ("index", "data_0", "data_1", "data_2", "data_3")

Unpacked = Callable[[str], Oracle]


@pytest.fixture
def unpacked(tmp_path: Path) -> Unpacked:
    return lambda name: Oracle(unpack(name, tmp_path / name))


def loginfix(recording: Recording, *arguments: str, code: int = 0) -> dict[str, Any]:
    """Run the program on a recording and return the data of its JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "loginfix", *arguments, "--json", "--home", str(recording.home)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == code, done.stdout + done.stderr
    envelope: dict[str, Any] = json.loads(done.stdout)
    return envelope


def clear(oracle: Oracle, *arguments: str) -> dict[str, Any]:
    command = ("clear-cache", "--site", "amazon", "--yes", *arguments)
    done = loginfix(oracle.recording, *command)
    assert done["problems"] == []
    return done


def dumps(oracle: Oracle, scratch: Path) -> dict[str, Dump]:
    return {path.name: dump(path, scratch) for path in oracle.databases}


@pytest.mark.parametrize("name", names())
def test_nothing_of_the_target_is_left_not_even_a_raw_byte(name: str, unpacked: Unpacked) -> None:
    oracle = unpacked(name)
    found_before = {path.name: path.read_bytes().count(b"amazon") for path in oracle.databases}
    assert any(found_before.values())
    clear(oracle)
    assert {path.name: oracle.unexplained(path) for path in oracle.databases} == {
        path.name: {} for path in oracle.databases
    }
    keys = oracle.surviving_keys()
    assert len(keys) > 30
    assert [key for key in keys if oracle.is_target_key(key)] == []


@pytest.mark.parametrize("name", names())
def test_no_row_of_the_target_is_left_and_every_other_row_is_identical(
    name: str, unpacked: Unpacked, tmp_path: Path
) -> None:
    oracle = unpacked(name)
    before = dumps(oracle, tmp_path)
    clear(oracle)
    after = dumps(oracle, tmp_path)
    survivors = 0
    for database, tables in after.items():
        for table, rows in tables.items():
            for row in rows:
                of_target = any(oracle.names_target(value) for value in row)
                if of_target and (table in BOOKMARKED or DECISION & {table, *row}):
                    continue
                assert not of_target or table in MENTIONING, (table, row)
                if not COUNTED.isdisjoint(row):
                    continue
                assert row in before[database][table], (table, row)
                survivors += 1
    assert survivors > 150


@pytest.mark.parametrize("name", names())
def test_rows_of_every_other_site_all_survive(
    name: str, unpacked: Unpacked, tmp_path: Path
) -> None:
    oracle = unpacked(name)
    before = dumps(oracle, tmp_path)
    clear(oracle)
    after = dumps(oracle, tmp_path)
    tables = (
        ("Cookies", "cookies"),
        ("History", "urls"),
        ("Favicons", "icon_mapping"),
        ("Top Sites", "top_sites"),
        ("Shortcuts", "omni_box_shortcuts"),
        ("cookies.sqlite", "moz_cookies"),
        ("places.sqlite", "moz_places"),
        ("places.sqlite", "moz_bookmarks"),
        ("places.sqlite", "moz_keywords"),
        ("favicons.sqlite", "moz_pages_w_icons"),
    )
    checked = 0
    for database, table in tables:
        for row in before.get(database, {}).get(table, []):
            partition = any(
                "partitionKey" in str(v) or str(v).startswith("https://amazon") for v in row
            )
            if not any(oracle.names_target(value) for value in row) and not partition:
                assert row in after[database][table], (table, row)
                checked += 1
    assert checked > 40


def _bases(oracle: Oracle) -> tuple[str, str]:
    return oracle.recording.manifest.profile, oracle.recording.manifest.cache


@pytest.mark.parametrize("name", names())
def test_no_other_file_changes_and_nothing_stays_behind(name: str, unpacked: Unpacked) -> None:
    oracle = unpacked(name)
    profile = oracle.recording.manifest.profile
    before = digests(oracle.recording.home)
    chromium = oracle.recording.manifest.engine == "chromium"
    directories = [*target_paths(oracle), SCRIPT_INDEX] if chromium else oracle.quota_directories()
    clear(oracle)
    after = {
        path: facts
        for path, facts in digests(oracle.recording.home).items()
        if not path.startswith(".local/share/loginfix/")
    }
    stores = [
        path.relative_to(oracle.recording.home).as_posix()
        for path in (*oracle.databases, *session_files(oracle.recording.profile))
    ]
    cache = oracle.cache.relative_to(oracle.recording.home).as_posix()

    rewritten = tuple(
        (oracle.recording.profile / name).relative_to(oracle.recording.home).as_posix() + "/"
        for name in LEVELDB
    )

    others = (f"{base}/{each}" for base in _bases(oracle) for each in OTHER_CACHES)
    caches = (*others, cache)

    pictures = oracle.pictures
    of_target = {f"{profile}/{path}" for path in directories}

    def is_gone(path: str) -> bool:
        named = PurePosixPath(path).name in pictures
        return named or bool(of_target & {path, *map(str, PurePosixPath(path).parents)})

    def is_ours(path: str) -> bool:
        side_files = tuple(f"{store}-" for store in stores)
        return path in stores or path.startswith((*caches, *side_files)) or is_gone(path)

    for path in {*before, *after}:  # these are written anew, in a new file, with a new CURRENT
        if path.startswith(rewritten) and before.get(path) != after.get(path):
            assert path.rpartition("/")[2] == "CURRENT" or (path in before) != (path in after), path
            before.pop(path, None)
            after.pop(path, None)
    assert after.keys() <= before.keys()
    assert sum(map(is_gone, before)) > 100
    assert [path for path in after if is_gone(path)] == []
    assert [path for path in before if path not in after and not is_ours(path)] == []
    changed = [path for path in after if after[path] != before[path]]
    blocks = (f"{cache}/{each}" for each in BLOCK_FILES)
    edited = {*stores, *blocks, *(each for each in changed if each.rpartition("/")[2] in DOCUMENTS)}
    assert sorted(changed) == sorted(set(changed) & edited)
    for path in changed:  # mode and time stay
        assert after[path][1:] == before[path][1:], path
    protected = [path for path in before if path.rpartition("/")[2] in PROTECTED]
    assert len(protected) >= 4
    assert all(before[path] == after[path] for path in protected)
    leftovers = [
        path for path in oracle.recording.home.rglob("*") if path.name.startswith(".loginfix")
    ]
    assert leftovers == []
    assert not list(oracle.recording.home.rglob("SingletonLock"))


@pytest.mark.parametrize("name", names())
def test_no_session_file_has_an_address_of_the_target(name: str, unpacked: Unpacked) -> None:
    oracle = unpacked(name)
    files = session_files(oracle.recording.profile)
    before = {path: hosts_in(path) for path in files}
    assert any(oracle.is_target(host) for hosts in before.values() for host in hosts)
    clear(oracle)
    for path, hosts in before.items():
        left = hosts_in(path)
        assert left <= hosts, path
        assert not [host for host in left if oracle.is_target(host)], path
        assert "www.example.org" in left, path


@pytest.mark.parametrize("name", names())
def test_restoring_gives_back_exactly_what_was_there(
    name: str, unpacked: Unpacked, tmp_path: Path
) -> None:
    oracle = unpacked(name)
    rows, files = dumps(oracle, tmp_path), digests(oracle.recording.home)
    clear(oracle)
    loginfix(oracle.recording, "restore", "--yes")
    assert dumps(oracle, tmp_path) == rows
    now = digests(oracle.recording.home)
    databases = {path.name for path in oracle.databases}
    for path, facts in files.items():
        name_of = path.rpartition("/")[2]
        in_leveldb = any(f"/{name}/" in path for name in LEVELDB)
        if not in_leveldb and not any(name_of.startswith(each) for each in databases):
            assert now[path] == facts, path
    loginfix(oracle.recording, "restore", "--yes", code=3)


@pytest.mark.parametrize("name", names())
def test_a_dry_run_changes_no_hash_and_no_time(name: str, unpacked: Unpacked) -> None:
    oracle = unpacked(name)

    def state() -> dict[str, tuple[str, int, int] | int]:
        folders = {
            str(path): path.stat().st_mtime_ns
            for path in oracle.recording.home.rglob("*")
            if path.is_dir()
        }
        return {**digests(oracle.recording.home), **folders}

    before = state()
    loginfix(oracle.recording, "clear-cache", "--site", "amazon", "--dry-run")
    assert state() == before


def test_the_backup_is_private_and_a_second_run_finds_nothing(unpacked: Unpacked) -> None:
    oracle = unpacked("chromium-156")
    clear(oracle)
    vault = oracle.recording.home / ".local/share/loginfix/backups"
    assert stat.S_IMODE(vault.stat().st_mode) == 0o700
    (backup,) = vault.glob("*.loginfix")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    loginfix(oracle.recording, "clear-cache", "--site", "amazon", "--yes", code=3)
    assert list(vault.glob("*.loginfix")) == [backup]


def test_an_excluded_group_goes_only_when_asked_for(unpacked: Unpacked, tmp_path: Path) -> None:
    oracle = unpacked("chromium-156")
    clear(oracle)

    def aws() -> list[object]:
        rows = dumps(oracle, tmp_path)["Cookies"]["cookies"]
        return [row for row in rows if any("aws.amazon.com" in str(value) for value in row)]

    assert aws()
    clear(oracle, "--group", "aws")
    assert not aws()


def test_a_copied_home_is_restored_into_itself_not_into_the_first(
    unpacked: Unpacked, tmp_path: Path
) -> None:
    first = unpacked("firefox-esr-140")
    before = dumps(first, tmp_path)
    clear(first)
    cleared = digests(first.recording.home)
    home = shutil.copytree(first.recording.home, tmp_path / "copy", symlinks=True)
    copy = Oracle(Recording(home, first.recording.manifest))
    loginfix(copy.recording, "restore", "--yes")
    assert dumps(copy, tmp_path) == before
    assert digests(first.recording.home) == cleared


def test_what_two_profiles_share_is_cleared_once_and_comes_back(
    unpacked: Unpacked, tmp_path: Path
) -> None:
    oracle = unpacked("chromium-156")
    user_data = oracle.recording.user_data
    shutil.copytree(oracle.recording.profile, user_data / "Profile 1")
    state = json.loads((user_data / "Local State").read_text("utf-8"))
    state["profile"]["info_cache"]["Profile 1"] = {"name": "Second"}
    (user_data / "Local State").write_text(json.dumps(state), "utf-8")
    shared = user_data / "segmentation_platform" / "ukm_db"
    before = dump(shared, tmp_path)
    profiles = clear(oracle)["data"]["cleared"]
    assert [
        [store["store"] for store in each["stores"]].count("chromium.shadow_history")
        for each in profiles
    ] == [1, 0]
    assert not any(oracle.names_target(row[1]) for row in dump(shared, tmp_path)["urls"])
    loginfix(oracle.recording, "restore", "--yes")
    assert dump(shared, tmp_path) == before
