"""What web pages store in Chromium: records, folders and scripts that go and come together."""

import hashlib
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from pathlib import Path

import pytest

from leveldbs import opener
from loginfix.browsers.model import Engine
from loginfix.files.tree import Tree
from loginfix.formats import simple_cache
from loginfix.formats.leveldb import Version, build, read_database
from loginfix.formats.leveldb.batches import build_batches
from loginfix.formats.leveldb.log import build_log
from loginfix.formats.protobuf import fields
from loginfix.sites.catalog import load_catalog
from loginfix.stores.catalog import declared_stores
from loginfix.stores.model import Finding, Place, Restored, Root, State, Store, Wish
from oracle import Oracle, digests
from recorder.recordings import unpack
from storage import is_target_key, pairs, registrations, scripts
from store_doubles import DirectWorkspace, MemoryBackup

Pairs = dict[bytes, bytes]

WISH = Wish(load_catalog().resolve("amazon"))
SHOP = b"https://www.amazon.com/"
OTHER = b"https://www.notamazon.com/"
TAB, CLONE = b"67dc0dd4_3a22_4871_ab03_4fce160eb9a2", b"771f9be3_5ff9_4fb0_864f_8c7f4c2255dc"


@dataclass
class Bench:
    """One profile, one store of it at one path, and what was taken out."""

    profile: Path
    store_id: str
    rel: str
    backup: MemoryBackup = dataclass_field(default_factory=MemoryBackup)

    @property
    def path(self) -> Path:
        return self.profile / self.rel

    def place(self) -> Place:
        return Place(Tree(self.profile), Root.PROFILE, self.rel)

    def store(self) -> Store:
        stores = {each.store.id: each for each in declared_stores(Engine.CHROMIUM)}
        declared = stores[f"chromium.{self.store_id}"]
        assert self.rel in [each.rel for each in declared.places(Root.PROFILE, Tree(self.profile))]
        return declared.store

    def find(self) -> Finding:
        return self.store().find(self.place(), WISH)

    def clear(self) -> Finding:
        work = DirectWorkspace(self.profile, self.profile.parent / "scratch")
        finding = self.store().clear(self.place(), WISH, work, self.backup)
        work.apply()
        assert self.find().state is State.CLEAN
        return finding

    def restore(self, *, overwrite: bool = False) -> Restored:
        work = DirectWorkspace(self.profile, self.profile.parent / "scratch")
        store = self.store()
        outcome = store.restore(self.place(), self.backup, work, overwrite=overwrite)
        work.apply()
        return outcome

    def put(self, content: Pairs) -> None:
        """Make a LevelDB database of these pairs; numbers go on from the one that was there."""
        sequence, number = 5, 3
        if self.path.exists():
            files = {path.name: path.read_bytes() for path in self.path.iterdir()}
            before = read_database(files, opener(files))
            sequence, number = before.last_sequence + 10, before.next_file_number
            shutil.rmtree(self.path)
        self.path.mkdir(parents=True)
        for name, data in build(
            sorted(content.items()), last_sequence=sequence, next_file_number=number
        ):
            (self.path / name).write_bytes(data)

    def pairs(self) -> Pairs:
        return pairs(self.path)

    def append(self, *versions: Version) -> None:
        (log,) = self.path.glob("*.log")
        log.write_bytes(log.read_bytes() + build_log(build_batches(versions)))


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    (tmp_path / "profile").mkdir()
    return tmp_path / "profile"


@pytest.fixture
def recorded(tmp_path: Path) -> Oracle:
    return Oracle(unpack("chromium-156", tmp_path / "home"))


# Session storage


def namespace(tab: bytes, key: bytes) -> bytes:
    return b"namespace-" + tab + b"-" + key


SESSION = {
    namespace(TAB, SHOP): b"5",
    namespace(CLONE, SHOP): b"5",
    namespace(TAB, b"https://emb.example/^0https://amazon.com"): b"6",
    namespace(TAB, OTHER): b"7",
    b"map-5-basket": b"b\0a\0s\0k\0e\0t\0",
    b"map-5-\xff\xfe odd -name": b"1\0",
    b"map-6-x": b"1\0",
    b"map-7-basket": b"o\0",
    b"map-57-basket": b"n\0",
    b"version": b"1",
}
SESSION_LEFT = {
    key: SESSION[key]
    for key in (namespace(TAB, OTHER), b"map-7-basket", b"map-57-basket", b"version")
}


@pytest.fixture
def session(profile: Path) -> Bench:
    bench = Bench(profile, "session_storage", "Session Storage")
    bench.put(SESSION)
    return bench


def test_a_map_goes_with_the_last_tab_that_has_it(session: Bench) -> None:
    finding = session.find()
    assert (finding.items, finding.hosts) == (3, {"emb.example": 1, "www.amazon.com": 2})
    session.clear()
    assert session.pairs() == SESSION_LEFT
    assert session.restore() == Restored(restored=6)
    assert session.pairs() == SESSION
    assert session.restore() == Restored(unchanged=6)


def test_a_map_that_another_site_has_by_now_stays(session: Bench) -> None:
    session.append(
        Version(namespace(TAB, SHOP), 50, None),
        Version(namespace(CLONE, SHOP), 51, None),
        Version(namespace(CLONE, OTHER), 52, b"5"),
        Version(b"map-5-basket", 53, b"of another"),
    )
    session.clear()
    assert session.pairs()[b"map-5-basket"] == b"of another"
    assert session.pairs()[namespace(CLONE, OTHER)] == b"5"


def test_what_was_deleted_but_is_still_in_the_files_goes(session: Bench) -> None:
    keys = [key for key in SESSION if key not in SESSION_LEFT]
    session.append(*(Version(key, 50 + n, None) for n, key in enumerate(keys)))
    assert session.pairs() == SESSION_LEFT
    finding = session.clear()
    assert finding.details["traces of deleted records"] >= len(keys)
    assert session.pairs() == SESSION_LEFT
    raw = b"".join(path.read_bytes() for path in session.path.iterdir())
    assert b"b\0a\0s\0k\0e\0t\0" not in raw
    assert b"www.amazon.com" not in raw


def test_a_map_whose_tabs_are_gone_already_goes(session: Bench) -> None:
    tabs = (TAB, CLONE)
    session.append(*(Version(namespace(tab, SHOP), 50 + n, None) for n, tab in enumerate(tabs)))
    before = session.pairs()
    session.clear()
    assert session.pairs() == SESSION_LEFT
    session.restore()
    assert session.pairs() == before


def test_a_number_that_was_taken_since_is_exchanged(session: Bench) -> None:
    session.clear()
    new = {namespace(CLONE, OTHER): b"5", b"map-5-basket": b"of another"}
    session.put({**SESSION_LEFT, **new})
    assert session.restore() == Restored(restored=6)
    after = session.pairs()
    assert {key: after[key] for key in new} == new
    number = after[namespace(TAB, SHOP)]
    assert number not in (b"5", b"6", b"7", b"57")
    assert after[namespace(CLONE, SHOP)] == number
    assert after[b"map-" + number + b"-basket"] == SESSION[b"map-5-basket"]
    assert after[b"map-6-x"] == b"1\0"
    assert len(after) == len(SESSION) + 2


def test_a_tab_that_came_back_to_the_site_keeps_what_it_has_now(session: Bench) -> None:
    session.clear()
    new = {namespace(TAB, SHOP): b"90", b"map-90-basket": b"new"}
    session.put({**SESSION_LEFT, **new})
    outcome = session.restore()
    after = session.pairs()
    assert {key: after[key] for key in new} == new
    assert outcome.kept_newer == (namespace(TAB, SHOP).decode(),)
    # The copy of the tab has the old map, which is its own now.
    assert after[namespace(CLONE, SHOP)] == b"5"
    session.restore(overwrite=True)
    after = session.pairs()
    assert after[namespace(TAB, SHOP)] == after[namespace(CLONE, SHOP)]
    assert b"map-90-basket" not in after


# Service workers


@pytest.fixture
def workers(recorded: Oracle) -> Bench:
    return Bench(recorded.recording.profile, "service_workers", "Service Worker/Database")


def test_scripts_go_with_their_workers_and_come_back_with_the_same_times(
    workers: Bench, recorded: Oracle
) -> None:
    cache = workers.profile / "Service Worker/ScriptCache"
    before, files = workers.pairs(), digests(cache)
    keys = scripts(workers.profile)
    finding = workers.clear()
    left = {path.name for path in cache.iterdir()}
    gone = {name for name, key in keys.items() if name not in left}
    assert len(gone) == finding.items == 11
    assert gone == {name for name, key in keys.items() if is_target_key(recorded, key)}
    after = workers.pairs()
    assert {key for key in before if key not in after} == {
        row.before["key"] for row in workers.backup.all_rows if row.table == "records"
    }
    for name in (b"INITDATA_NEXT_REGISTRATION_ID", b"INITDATA_NEXT_RESOURCE_ID"):
        assert after[name] == before[name]
    assert not (cache / "index-dir/the-real-index").exists()
    workers.restore()
    assert workers.pairs() == before
    assert digests(cache) == files


def test_user_data_and_unfinished_scripts_go_too(workers: Bench) -> None:
    mine = {
        b"REG_USER_DATA:3\0push_registration_id": b"secret",
        b"REG_HAS_USER_DATA:push_registration_id\x003": b"",
        b"REG_HAS_USER_DATA:push_registration_id\x0015": b"",
        b"REG_USER_DATA:15\0push_registration_id": b"of notamazon",
    }
    workers.put({**workers.pairs(), **mine})
    workers.clear()
    after = workers.pairs()
    assert [key in after for key in mine] == [False, False, True, True]


def test_a_purgeable_script_of_an_old_version_goes(workers: Bench) -> None:
    live = workers.pairs()
    workers.put(live)
    workers.append(
        Version(b"RES:3\x003", 90_000, None),
        Version(b"PRES:3", 90_001, b""),
        Version(b"PRES:15", 90_002, b""),
    )
    name = simple_cache.entry_file_name("3", "0")
    assert (workers.profile / "Service Worker/ScriptCache" / name).exists()
    workers.clear()
    assert b"PRES:3" not in workers.pairs()
    assert b"PRES:15" in workers.pairs()
    assert not (workers.profile / "Service Worker/ScriptCache" / name).exists()


def test_a_script_that_waits_to_be_purged_goes(workers: Bench) -> None:
    keys = (b"REG:" + SHOP + b"\x003", b"REGID_TO_ORIGIN:3", b"RES:3\x003")
    workers.put(workers.pairs())
    workers.append(
        *(Version(key, 90_000 + n, None) for n, key in enumerate(keys)),
        Version(b"PRES:3", 90_009, b""),
    )
    workers.clear()
    assert b"PRES:3" not in workers.pairs()
    name = simple_cache.entry_file_name("3", "0")
    assert not (workers.profile / "Service Worker/ScriptCache" / name).exists()


def test_a_worker_that_was_registered_anew_stays_unless_overwritten(workers: Bench) -> None:
    before = workers.pairs()
    old = registrations(workers.profile)[b"3"]
    workers.clear()
    value = old[1].replace(b"\x08\x03", b"\x08\x1d", 1).replace(b"\x20\x03", b"\x20\x1d", 1)
    new = {
        b"REG:" + SHOP + b"\x0029": value,
        b"REGID_TO_ORIGIN:29": SHOP,
        b"RES:29\x0029": b"\x08\x1d\x12\x01x",
        b"INITDATA_UNIQUE_ORIGIN:" + SHOP: b"",
        b"INITDATA_NEXT_REGISTRATION_ID": b"30",
    }
    workers.put({**workers.pairs(), **new})
    outcome = workers.restore()
    after = workers.pairs()
    assert outcome.kept_newer == ("REG:https://www.amazon.com/",)
    assert {key: after[key] for key in new} == new
    assert b"RES:3\x003" not in after
    assert b"REGID_TO_ORIGIN:3" not in after
    script = workers.profile / "Service Worker/ScriptCache" / simple_cache.entry_file_name("3", "0")
    assert not script.exists()
    assert len(registrations(workers.profile)) == 29
    workers.restore(overwrite=True)
    counters = {
        f"INITDATA_NEXT_{name}_ID".encode() for name in ("REGISTRATION", "VERSION", "RESOURCE")
    }
    assert workers.pairs() == {**before, **dict.fromkeys(counters, b"30")}
    assert script.exists()


def test_workers_come_back_under_new_numbers_into_a_database_that_began_anew(
    workers: Bench,
) -> None:
    cache = workers.profile / "Service Worker/ScriptCache"
    old_script = (cache / simple_cache.entry_file_name("3", "0")).read_bytes()
    value = registrations(workers.profile)[b"15"][1]
    workers.clear()
    value = value.replace(b"\x08\x0f", b"\x08\x03", 1).replace(b"\x20\x0f", b"\x20\x03", 1)
    new = {
        b"INITDATA_DB_VERSION": b"2",
        b"INITDATA_NEXT_REGISTRATION_ID": b"4",
        b"INITDATA_NEXT_VERSION_ID": b"4",
        b"INITDATA_NEXT_RESOURCE_ID": b"4",
        b"INITDATA_UNIQUE_ORIGIN:" + OTHER: b"",
        b"REG:" + OTHER + b"\x003": value,
        b"REGID_TO_ORIGIN:3": OTHER,
        b"RES:3\x003": b"\x08\x03\x12\x01x",
    }
    shutil.rmtree(workers.path)
    workers.put(new)
    (cache / simple_cache.entry_file_name("3", "0")).write_bytes(b"script of notamazon")
    workers.restore()
    after = workers.pairs()
    kept = {key: value for key, value in new.items() if b"NEXT" not in key}
    assert {key: after[key] for key in kept} == kept
    assert (cache / simple_cache.entry_file_name("3", "0")).read_bytes() == b"script of notamazon"
    number = next(
        n for n, (key, _) in registrations(workers.profile).items() if key == SHOP.decode()
    )
    assert int(number) > 3
    assert after[b"REGID_TO_ORIGIN:" + number] == SHOP
    assert int(after[b"INITDATA_NEXT_REGISTRATION_ID"]) > int(number)
    record = {each.number: each.value for each in fields(after[b"REG:" + SHOP + b"\0" + number])}
    assert record[1] == int(number)
    version = b"%d" % int(record[4])
    (resource,) = [
        key.partition(b"\0")[2] for key in after if key.startswith(b"RES:" + version + b"\0")
    ]
    assert fields(after[b"RES:" + version + b"\0" + resource])[0].value == int(resource)
    with (cache / simple_cache.entry_file_name(resource, "0")).open("rb") as file:
        entry = simple_cache.parse_entry(file)
        assert entry.key == resource
        file.seek(entry.stream1.offset)
        assert file.read(entry.stream1.size) in old_script


# Files


def test_files_come_back_under_another_number_where_theirs_is_taken(profile: Path) -> None:
    bench = Bench(profile, "file_system", "File System/Origins")
    bench.put(
        {
            b"LAST_PATH": b"002",
            b"ORIGIN:https_www.amazon.com_0": b"001",
            b"ORIGIN:https_www.notamazon.com_0": b"002",
        }
    )
    for number in ("001", "002"):
        (profile / "File System" / number / "t/Paths").mkdir(parents=True)
        (profile / "File System" / number / "t/.usage").write_text(number)
    assert bench.clear().details == {"records": 1, "files": 1}
    assert not (profile / "File System/001").exists()
    assert (profile / "File System/002").exists()
    bench.put({b"LAST_PATH": b"001", b"ORIGIN:https_a.example_0": b"001"})
    shutil.rmtree(profile / "File System/002")
    (profile / "File System/001").mkdir()
    (profile / "File System/001/mine").write_text("a")
    bench.restore()
    assert bench.pairs() == {
        b"LAST_PATH": b"002",
        b"ORIGIN:https_a.example_0": b"001",
        b"ORIGIN:https_www.amazon.com_0": b"002",
    }
    assert (profile / "File System/001/mine").read_text() == "a"
    assert (profile / "File System/002/t/.usage").read_text() == "001"
    assert (profile / "File System/002/t/Paths").is_dir()


def test_a_folder_that_two_sites_claim_is_nobodys_to_take(profile: Path) -> None:
    bench = Bench(profile, "file_system", "File System/Origins")
    bench.put(
        {
            b"ORIGIN:https_www.amazon.com_0": b"001",
            b"ORIGIN:https_www.notamazon.com_0": b"001",
        }
    )
    (profile / "File System/001").mkdir()
    bench.clear()
    assert (profile / "File System/001").is_dir()


@pytest.mark.parametrize("value", [b"../../outside", b"", b"001/..", b"9" * 40])
def test_a_hostile_number_is_refused(value: bytes, profile: Path) -> None:
    bench = Bench(profile, "file_system", "File System/Origins")
    bench.put({b"ORIGIN:https_www.amazon.com_0": value})
    with pytest.raises(Exception, match="left alone"):
        bench.find()


# Buckets


@pytest.fixture
def quota(recorded: Oracle) -> Bench:
    return Bench(recorded.recording.profile, "quota", "WebStorage/QuotaManager")


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database, database:
        return database.execute(sql).fetchall()


def test_rows_and_folders_of_buckets_go_together_and_numbers_stay(quota: Bench) -> None:
    before = rows(quota.path, "SELECT * FROM buckets")
    folders = digests(quota.path.parent)
    quota.clear()
    left = {name.name for name in quota.path.parent.iterdir() if name.is_dir()}
    assert left == {"21"}
    assert len(rows(quota.path, "SELECT * FROM buckets")) == 18
    assert rows(quota.path, "SELECT seq FROM sqlite_sequence") == [(29,)]
    quota.restore()
    assert rows(quota.path, "SELECT * FROM buckets") == before
    now = digests(quota.path.parent)
    assert {k: v for k, v in now.items() if "/" in k} == {
        k: v for k, v in folders.items() if "/" in k
    }


def test_a_bucket_that_was_made_anew_keeps_its_folder_unless_overwritten(quota: Bench) -> None:
    quota.clear()
    rows(
        quota.path,
        "INSERT INTO buckets SELECT 40, 'https://www.amazon.com/^0https://example.com',"
        " 'www.amazon.com', name, 1, 1, 1, 0, 0, 0, 0 FROM buckets LIMIT 1",
    )
    new = quota.path.parent / "40/IndexedDB"
    new.mkdir(parents=True)
    (new / "new").write_text("new")
    outcome = quota.restore()
    assert "WebStorage/40" in outcome.kept_newer
    assert not (quota.path.parent / "22").exists()
    assert [path.name for path in new.parent.iterdir()] == ["IndexedDB"]
    assert (quota.path.parent / "2/CacheStorage/index.txt").exists()
    quota.restore(overwrite=True)
    assert (quota.path.parent / "40/CacheStorage/index.txt").exists()
    assert not (new / "new").exists()
    found = rows(quota.path, "SELECT id FROM buckets WHERE storage_key LIKE '%www.amazon.com/^0%'")
    assert found == [(40,)]


def test_a_number_that_another_bucket_took_is_exchanged_with_its_folder(quota: Bench) -> None:
    quota.clear()
    rows(
        quota.path,
        "INSERT INTO buckets SELECT 22, 'https://a.example/^0https://b.example', 'a.example',"
        " name, 1, 1, 1, 0, 0, 0, 0 FROM buckets LIMIT 1",
    )
    taken = quota.path.parent / "22"
    taken.mkdir()
    (taken / "mine").write_text("a")
    quota.restore()
    assert (taken / "mine").read_text() == "a"
    ((number,),) = rows(
        quota.path,
        "SELECT id FROM buckets WHERE storage_key = 'https://www.amazon.com/^0https://example.com'",
    )
    assert number != 22
    assert (quota.path.parent / str(number) / "CacheStorage/index.txt").exists()


# Cache Storage


def index(storage_key: bytes = b"", origin: bytes = b"") -> bytes:
    def text(number: int, value: bytes) -> bytes:
        return bytes([number << 3 | 2, len(value)]) + value if value else b""

    return text(1, text(1, b"pages")) + text(2, origin) + text(3, storage_key)


@pytest.fixture
def caches(profile: Path) -> Bench:
    bench = Bench(profile, "cache_storage", "Service Worker/CacheStorage")
    contents = {
        "1" * 40: index(SHOP, SHOP),
        "2" * 40: index(b"", SHOP),  # before storage keys
        "3" * 40: index(b"https://emb.example/^0https://amazon.com", b"https://emb.example/"),
        "4" * 40: index(OTHER, OTHER),
        "5" * 40: index(b"https://aws.amazon.com/^0https://amazon.com"),
    }
    for name, content in contents.items():
        (bench.path / name / "uuid/index-dir").mkdir(parents=True)
        (bench.path / name / "index.txt").write_bytes(content)
    return bench


def test_the_index_inside_says_whose_a_cache_is(caches: Bench) -> None:
    before = digests(caches.path)
    caches.clear()
    assert {path.name[0] for path in caches.path.iterdir()} == {"4", "5"}
    caches.restore()
    assert digests(caches.path) == before
    assert (caches.path / ("1" * 40) / "uuid/index-dir").is_dir()


@pytest.mark.parametrize("content", [None, b"\xff\xff\xff", b""])
def test_a_cache_without_a_proper_index_is_not_guessed_at(
    caches: Bench, content: bytes | None
) -> None:
    for number, text in (("6", b"https://www.amazon.com/x"), ("7", b"https://www.notamazon.com/")):
        folder = caches.path / (number * 40)
        (folder / "uuid").mkdir(parents=True)
        (folder / "uuid/0_0").write_bytes(text)
        if content is not None:
            (folder / "index.txt").write_bytes(content)
    finding = caches.clear()
    assert [problem.code for problem in finding.problems] == ["not-understood"]
    assert "6" * 40 in finding.problems[0].message
    assert {path.name[0] for path in caches.path.iterdir()} == {"4", "5", "6", "7"}


# The smaller ones

SMALL = {
    "notifications": (
        "Platform Notifications",
        {
            b"DATA:https_www.amazon.com_0\0p#1": b"1",
            b"RESOURCES:https_www.amazon.com_0\0p#1": b"2",
        },
        {b"DATA:https_www.notamazon.com_0\0p#1": b"1", b"NEXT_NOTIFICATION_ID": b"3"},
    ),
    "origin_trials": (
        "PersistentOriginTrials",
        {b"https://www.amazon.com": b"token"},
        {b"https://amazon.com.evil.example": b"token"},
    ),
    "push_budget": (
        "BudgetDatabase",
        {b"https://www.amazon.com/": b"\x0a\x00"},
        {b"https://www.notamazon.com/": b"\x0a\x00"},
    ),
}


@pytest.mark.parametrize("store_id", SMALL)
@pytest.mark.parametrize("around", ["", "Storage/ext/abcdef/def/"])
def test_small_databases_lose_the_sites_records_only(
    store_id: str, around: str, profile: Path
) -> None:
    rel, own, others = SMALL[store_id]
    if around and store_id != "notifications":
        pytest.skip("only the profile has this")
    bench = Bench(profile, store_id, around + rel)
    bench.put({**own, **others})
    bench.clear()
    assert bench.pairs() == others
    bench.restore()
    assert bench.pairs() == {**own, **others}


@pytest.mark.parametrize("name", ["LOG", "LOG.old", "LOCK", None])
def test_a_database_that_was_never_begun_is_clean(name: str | None, profile: Path) -> None:
    bench = Bench(profile, "push_budget", "BudgetDatabase")
    bench.path.mkdir()
    if name:
        (bench.path / name).touch()
    assert bench.find().state is State.CLEAN
    outcome = bench.restore()
    assert [problem.code for problem in outcome.problems] == ["store-missing"]


SALTS = (
    "CREATE TABLE media_device_salts(storage_key TEXT PRIMARY KEY NOT NULL,"
    " creation_time INTEGER NOT NULL, salt TEXT NOT NULL)"
)
LICENCES = (
    "CREATE TABLE cdm_storage(storage_key TEXT NOT NULL, cdm_type BLOB NOT NULL,"
    " file_name TEXT NOT NULL, data BLOB NOT NULL, file_size INTEGER NOT NULL,"
    " last_modified INTEGER NOT NULL, PRIMARY KEY(storage_key, cdm_type, file_name))"
)


@pytest.mark.parametrize("around", ["", "Storage/ext/abcdef/0123456789ab/"])
@pytest.mark.parametrize(
    ("store_id", "rel", "schema", "columns"),
    [
        ("media_device_salts", "MediaDeviceSalts", SALTS, "1, 'salt'"),
        ("media_licences", "CdmStorage.db", LICENCES, "x'01', 'f', x'02', 1, 1"),
    ],
)
def test_small_sqlite_databases_lose_the_sites_rows_only(
    store_id: str, rel: str, schema: str, columns: str, around: str, profile: Path
) -> None:
    bench = Bench(profile, store_id, around + rel)
    bench.path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(bench.path)) as database, database:
        database.execute("CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT)")
        database.execute(schema)
        for key in (SHOP, OTHER, b"https://e.example/^0https://amazon.com"):
            table = schema.split("(", maxsplit=1)[0].rsplit(maxsplit=1)[-1]
            database.execute(f"INSERT INTO {table} VALUES (?, {columns})", (key.decode(),))
    table = schema.split("(", maxsplit=1)[0].rsplit(maxsplit=1)[-1]
    before = rows(bench.path, f"SELECT * FROM {table}")
    bench.clear()
    assert rows(bench.path, f"SELECT storage_key FROM {table}") == [(OTHER.decode(),)]
    bench.restore()
    assert sorted(rows(bench.path, f"SELECT * FROM {table}")) == sorted(before)


def test_web_sql_goes_with_its_register(profile: Path) -> None:
    folder = Bench(profile, "web_sql", "databases")
    register = Bench(profile, "web_sql_register", "databases/Databases.db")
    for origin in ("https_www.amazon.com_0", "https_www.notamazon.com_0"):
        (folder.path / origin).mkdir(parents=True)
        (folder.path / origin / "1").write_bytes(b"data")
    with closing(sqlite3.connect(register.path)) as database, database:
        database.execute("CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT)")
        database.execute(
            "CREATE TABLE Databases (id INTEGER PRIMARY KEY AUTOINCREMENT, origin TEXT NOT NULL,"
            " name TEXT NOT NULL, description TEXT NOT NULL, estimated_size INTEGER NOT NULL)"
        )
        for origin in ("https_www.amazon.com_0", "https_www.notamazon.com_0"):
            database.execute("INSERT INTO Databases VALUES (NULL, ?, 'a', 'b', 1)", (origin,))
    folder.clear()
    register.clear()
    assert {path.name for path in folder.path.iterdir()} == {
        "https_www.notamazon.com_0",
        "Databases.db",
    }
    assert rows(register.path, "SELECT origin FROM Databases") == [("https_www.notamazon.com_0",)]
    folder.restore()
    register.restore()
    assert (folder.path / "https_www.amazon.com_0/1").read_bytes() == b"data"
    assert rows(register.path, "SELECT id, origin FROM Databases ORDER BY id") == [
        (1, "https_www.amazon.com_0"),
        (2, "https_www.notamazon.com_0"),
    ]


# SQLite


@pytest.fixture
def sqlite_session(tmp_path: Path) -> Bench:
    profile = unpack("chromium-156-sql", tmp_path / "home").profile
    return Bench(profile, "session_storage_sqlite", "SessionStorage")


def test_maps_in_sqlite_come_back_under_numbers_that_nobody_took(sqlite_session: Bench) -> None:
    path = sqlite_session.path
    entries = (
        "SELECT CAST(storage_key AS TEXT), hex(key), hex(value) FROM session_metadata"
        " JOIN map_entries USING (map_id) ORDER BY 1, 3"
    )
    before = rows(path, entries)
    sqlite_session.clear()
    left = rows(path, entries)
    assert not any("https://www.amazon." in str(row[0]) for row in left)
    ((taken, key),) = sqlite_session_row(sqlite_session.backup)
    rows(
        path,
        f"INSERT INTO session_metadata VALUES ('new', CAST('{OTHER.decode()}' AS BLOB), {taken})",
    )
    rows(path, f"INSERT INTO map_entries VALUES ({taken}, 0, x'0100', x'01aa')")
    sqlite_session.restore()
    after = rows(path, entries)
    assert sorted(after) == sorted([*before, (OTHER.decode(), "0100", "01AA")])
    assert rows(path, "SELECT map_id FROM session_metadata WHERE session_id = 'new'") == [(taken,)]
    assert key


def sqlite_session_row(backup: MemoryBackup) -> list[tuple[object, object]]:
    """Number and key of one saved map."""
    found = [row.before for row in backup.all_rows if row.table == "session_metadata"]
    return [(found[0]["map_id"], found[0]["storage_key"])]


def test_hash_of_an_origin_names_its_cache(recorded: Oracle) -> None:
    """What the tests go by is what Chromium does."""
    folder = recorded.recording.profile / "Service Worker/CacheStorage"
    name = hashlib.sha1(b"https_www.amazon.com_0", usedforsecurity=False).hexdigest()
    assert b"https://www.amazon.com/" in (folder / name / "index.txt").read_bytes()
