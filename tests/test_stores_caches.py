"""Taking a site's files out of the caches of recorded profiles, and putting them back."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from loginfix import workers
from loginfix.browsers.model import Engine
from loginfix.files.tree import Tree
from loginfix.formats import cache2, simple_cache_index
from loginfix.stores.caches import cache2 as cache2_store
from loginfix.stores.caches import simple
from loginfix.stores.caches.files import FileCache
from loginfix.stores.catalog import declared_stores
from loginfix.stores.model import Place, Restored, Root, State, Store
from recorder.recordings import unpack
from store_doubles import WISH, DirectWorkspace, MemoryBackup

CHROMIUM = ("chromium-156", "chromium-150")
FIREFOX = ("firefox-esr-153", "firefox-esr-140", "firefox-esr-153-killed")
EVERY = [*CHROMIUM, *FIREFOX]
Cache = Callable[[str], Place]
Listing = dict[str, tuple[bytes, int, int]]


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """Gives the HTTP cache of a recording in a home of its own."""

    def unpacked(name: str) -> Place:
        tree = Tree(unpack(name, tmp_path / name).cache)
        return Place(tree, Root.CACHE, "cache2" if name in FIREFOX else "Cache/Cache_Data")

    return unpacked


def store_of(name: str) -> Store:
    engine = Engine.FIREFOX if name in FIREFOX else Engine.CHROMIUM
    (store,) = (
        each.store for each in declared_stores(engine) if each.store.id.endswith("http_cache")
    )
    return store


def listing(place: Place) -> Listing:
    return {
        path: ((place.tree.root / path).read_bytes(), status.st_mtime_ns, status.st_mode)
        for path, status in place.tree.walk(place.rel)
    }


def entries_mtime(place: Place) -> int:
    entries = "entries" if place.rel == "cache2" else ""
    return (place.path / entries).stat().st_mtime_ns


def clear(name: str, place: Place, scratch: Path) -> MemoryBackup:
    backup = MemoryBackup()
    work = DirectWorkspace(place.tree.root, scratch)
    store_of(name).clear(place, WISH, work, backup)
    work.apply()
    return backup


def restore(
    name: str, place: Place, backup: MemoryBackup, scratch: Path, *, overwrite: bool = False
) -> Restored:
    work = DirectWorkspace(place.tree.root, scratch)
    outcome = store_of(name).restore(place, backup, work, overwrite=overwrite)
    work.apply()
    return outcome


@pytest.mark.parametrize("name", EVERY)
def test_the_sites_files_go_and_all_others_stay_as_they_are(
    name: str, cache: Cache, tmp_path: Path
) -> None:
    place = cache(name)
    before = listing(place)
    backup = clear(name, place, tmp_path)
    after = listing(place)
    gone = before.keys() - after.keys()
    assert gone == {file.rel for file in backup.contents}
    assert len(gone) > 20
    assert all(before[path] == after[path] for path in after)
    assert store_of(name).find(place, WISH).state is State.CLEAN


@pytest.mark.parametrize("name", EVERY)
def test_an_unused_cache_is_restored_exactly(name: str, cache: Cache, tmp_path: Path) -> None:
    place = cache(name)
    before, mtime = listing(place), entries_mtime(place)
    backup = clear(name, place, tmp_path)
    assert restore(name, place, backup, tmp_path).restored == len(backup.contents)
    assert listing(place) == before
    assert entries_mtime(place) == mtime


@pytest.mark.parametrize("name", CHROMIUM)
def test_the_restored_index_fits_its_directory_again(
    name: str, cache: Cache, tmp_path: Path
) -> None:
    place = cache(name)
    index = place.path / "index-dir" / "the-real-index"

    def is_trusted() -> bool:
        """Chromium's rule: the directory must not be newer than the index says."""
        parsed = simple_cache_index.parse_index(index.read_bytes())
        since_1601 = entries_mtime(place) // 1000 + 11_644_473_600_000_000
        return since_1601 <= parsed.directory_mtime

    assert is_trusted()
    backup = clear(name, place, tmp_path)
    assert not index.exists()
    restore(name, place, backup, tmp_path)
    assert is_trusted()


@pytest.mark.parametrize("name", EVERY)
def test_what_the_browser_cached_since_stays_and_its_index_goes(
    name: str, cache: Cache, tmp_path: Path
) -> None:
    place = cache(name)
    firefox = name in FIREFOX
    backup = clear(name, place, tmp_path)
    entry = next(f for f in backup.contents if "index" not in f.rel)
    newer = place.tree.root / entry.rel
    newer.write_bytes(b"cached again")
    index = place.path / ("index" if firefox else "index-dir/the-real-index")
    index.write_bytes(b"an index of what is there now")
    outcome = restore(name, place, backup, tmp_path)
    assert newer.read_bytes() == b"cached again"
    assert outcome.kept_newer == (entry.rel,)
    assert not index.exists()
    for file, content in backup.contents.items():
        if file != entry and "index" not in file.rel:
            assert (place.tree.root / file.rel).read_bytes() == content
    restore(name, place, backup, tmp_path, overwrite=True)
    assert newer.read_bytes() == backup.contents[entry]


@pytest.mark.parametrize("name", EVERY)
def test_restoring_twice_changes_nothing(name: str, cache: Cache, tmp_path: Path) -> None:
    place = cache(name)
    backup = clear(name, place, tmp_path)
    restore(name, place, backup, tmp_path)
    once, mtime = listing(place), entries_mtime(place)
    assert restore(name, place, backup, tmp_path).restored == 0
    assert (listing(place), entries_mtime(place)) == (once, mtime)


@pytest.mark.parametrize("name", EVERY)
def test_a_damaged_entry_is_reported_and_left(name: str, cache: Cache, tmp_path: Path) -> None:
    place = cache(name)
    firefox = name in FIREFOX
    victim = next(
        path for path in listing(place) if ("entries/" in path if firefox else path.endswith("_0"))
    )
    path = place.tree.root / victim
    path.write_bytes(path.read_bytes()[:20])
    finding = store_of(name).find(place, WISH)
    assert [problem.path for problem in finding.problems] == [path]
    assert finding.problems[0].code == "damaged-file"
    assert finding.problems[0].next_step
    clear(name, place, tmp_path)
    assert path.stat().st_size == 20


def test_many_damaged_entries_are_counted_not_listed(cache: Cache) -> None:
    place = cache("chromium-156")
    for number in range(50):
        (place.path / f"{number:016x}_0").write_bytes(b"cut")
    problems = store_of("chromium-156").find(place, WISH).problems
    assert len(problems) == 21
    assert "30 more" in problems[-1].message


def test_a_link_in_the_cache_is_left_alone(cache: Cache, tmp_path: Path) -> None:
    place = cache("chromium-156")
    source = next(path for path in place.path.iterdir() if path.name.endswith("_0"))
    secret = tmp_path / "outside"
    shutil.copy(source, secret)
    (place.path / f"{1:016x}_0").symlink_to(secret)
    finding = store_of("chromium-156").find(place, WISH)
    assert [problem.code for problem in finding.problems] == ["unsafe-path"]
    clear("chromium-156", place, tmp_path / "s")
    assert secret.exists()


@pytest.mark.parametrize("index", [b"SQLCacheTruncate3", bytes.fromhex("c3ca03c1")])
def test_entries_left_under_another_back_end_go_too(
    index: bytes, cache: Cache, tmp_path: Path
) -> None:
    place = cache("chromium-156")
    (place.path / "index").write_bytes(index)
    found = store_of("chromium-156").find(place, WISH)
    assert found.items > 30
    clear("chromium-156", place, tmp_path / "scratch")
    assert (place.path / "index").read_bytes() == index
    assert store_of("chromium-156").find(place, WISH).state is State.CLEAN


def entry(key: str, elements: dict[str, bytes] | None = None, body: bytes = b"x") -> bytes:
    return cache2.build_entry(key.encode(), body, elements or {})


@pytest.mark.parametrize(
    ("where", "key"),
    [
        ("doomed/12345", "a,:https://www.amazon.com/x"),
        ("trash77/AB", ":https://www.amazon.co.jp/y"),
        ("entries/", "O^partitionKey=%28https%2Camazon.com%29,:https://cdn.other.net/z"),
        ("entries/", "dict:https://www.amazon.com"),
        ("entries/deeper/AB", ":https://www.amazon.co.jp/y"),
    ],
)
def test_every_corner_of_firefoxs_cache_is_looked_into(
    where: str, key: str, cache: Cache, tmp_path: Path
) -> None:
    place = cache("firefox-esr-153")
    clear("firefox-esr-153", place, tmp_path)
    name = cache2.entry_name(key) if where.endswith("/") else ""
    path = place.path / (where + name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(entry(key))
    assert store_of("firefox-esr-153").find(place, WISH).items == 1
    clear("firefox-esr-153", place, tmp_path)
    assert not path.exists()


def test_the_rendered_start_page_goes_only_if_it_shows_the_site(
    cache: Cache, tmp_path: Path
) -> None:
    place = cache("firefox-esr-153")
    clear("firefox-esr-153", place, tmp_path)
    path = place.path / "entries" / cache2.entry_name(":about:home")
    path.write_bytes(entry(":about:home", body=b"<a href='https://www.example.org/'>"))
    assert store_of("firefox-esr-153").find(place, WISH).state is State.CLEAN
    path.write_bytes(entry(":about:home", body=b"<a href='https://www.amazon.com/'>"))
    assert store_of("firefox-esr-153").find(place, WISH).state is State.FOUND


def test_what_another_page_is_predicted_to_load_goes_if_it_names_the_site(
    cache: Cache, tmp_path: Path
) -> None:
    place = cache("firefox-esr-140")
    clear("firefox-esr-140", place, tmp_path)
    key = "~predictor-origin,:https://www.example.org/"
    path = place.path / "entries" / cache2.entry_name(key)
    path.write_bytes(entry(key, {"predictor::https://www.example.com/a.js": b"1,1,1"}))
    assert store_of("firefox-esr-140").find(place, WISH).state is State.CLEAN
    path.write_bytes(entry(key, {"predictor::https://www.amazon.com/a.js": b"1,1,1"}))
    assert store_of("firefox-esr-140").find(place, WISH).state is State.FOUND


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("processes", [1, 3])
def test_the_quick_look_finds_what_the_careful_one_finds(
    name: str, processes: int, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    if processes > 1 and not hasattr(os, "fork"):
        pytest.skip("this system has no cheap processes")
    monkeypatch.setattr(workers, "_processors", lambda: processes)
    for module in (simple, cache2_store):
        monkeypatch.setattr(module, "WORTH", 1)
    place, store = cache(name), store_of(name)
    quick = store.find(place, WISH)
    monkeypatch.setattr(type(store), "sift", FileCache.sift)
    assert quick == store.find(place, WISH)
    assert quick.items > 10


@pytest.mark.parametrize("name", EVERY)
def test_a_clean_file_of_another_site_is_opened_once(
    name: str, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, store = cache(name), store_of(name)
    monkeypatch.setattr(workers, "_processors", lambda: 1)
    opened: list[str] = []
    one_by_one = Tree.open

    def noted(tree: Tree, rel: str) -> BinaryIO:
        opened.append(rel)
        return one_by_one(tree, rel)

    monkeypatch.setattr(Tree, "open", noted)
    store.find(place, WISH)
    assert len(opened) < 20


@pytest.mark.parametrize("name", ["chromium-156", "firefox-esr-153"])
def test_what_a_running_browser_drops_meanwhile_is_passed_over(
    name: str, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, store = cache(name), store_of(name)
    found = store.find(place, WISH)
    listed = Tree.names_as_kept
    gone = {"chromium-156": "0123456789abcdef_0", "firefox-esr-153": "ABCDEF0123" * 4}[name]
    monkeypatch.setattr(Tree, "names_as_kept", lambda tree, rel: [*listed(tree, rel), gone])
    assert store.find(place, WISH) == found


@pytest.mark.parametrize("name", ["chromium-156", "firefox-esr-153"])
def test_a_key_that_its_file_name_does_not_prove_is_reported(name: str, cache: Cache) -> None:
    place, store = cache(name), store_of(name)
    owned = {hit.rel for hit in cast("FileCache", store).owned(place, WISH, [])}
    others = (path for path in place.tree.paths(place.rel) if path not in owned)
    (path, content) = next(
        (path, content)
        for path in map(place.tree.root.joinpath, others)
        if (content := path.read_bytes()).count(b"https://") and path.stat().st_size > 500
        if path.parent.name in ("Cache_Data", "entries")
    )
    at = content.rindex(b"https://") if "entries" in path.parts else content.index(b"https://")
    path.write_bytes(content[:at] + b"httpz" + content[at + 5 :])
    (problem,) = store.find(place, WISH).problems
    assert (problem.code, problem.path) == ("damaged-file", path)
