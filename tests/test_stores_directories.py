"""Directories that each belong to one site by their names."""

import os
from pathlib import Path

import pytest

from loginfix.stores.directories.store import DirectoriesStore
from loginfix.stores.model import Category, Identity, State
from store_doubles import WISH, MemoryBackup, place_of, workspace_for

STORE = DirectoriesStore.declared(
    Identity("chromium.test", "Test", Category.STORAGE),
    {
        "entry": r"(?P<site>.+?)(?:\.indexeddb\.(?:leveldb|blob))?",
        "site": "origin_identifier",
    },
)
SITE = "https_www.amazon.com_0"
ENDINGS = ("", ".indexeddb.leveldb", ".indexeddb.blob")
OTHERS = (
    "https_www.notamazon.com_0.indexeddb.leveldb",
    "https_amazon.com.evil.example_0.indexeddb.leveldb",
    "https_aws.amazon.com_0.indexeddb.leveldb",
    "https_example.org_0.indexeddb.blob",
    "www.amazon.com",
    "chrome-extension_amazon.com_0",
)

Facts = dict[str, tuple[bytes | None, int, int]]


def facts(root: Path) -> Facts:
    """Content (None for a directory), mode and time of everything below."""
    return {
        path.relative_to(root).as_posix(): (
            path.read_bytes() if path.is_file() else None,
            path.stat().st_mode,
            path.stat().st_mtime_ns,
        )
        for path in root.rglob("*")
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "profile" / "IndexedDB"
    for name in (f"{SITE}.indexeddb.leveldb", f"{SITE}.indexeddb.blob", SITE, *OTHERS):
        (folder / name / "1" / "00").mkdir(parents=True)
        (folder / name / "1" / "empty").mkdir(mode=0o750)
        (folder / name / "CURRENT").write_bytes(b"MANIFEST-000001\n")
        blob = folder / name / "1" / "00" / "2"
        blob.write_bytes(name.encode())
        blob.chmod(0o640)
        for below in ("1/00/2", "1/00", "1/empty", "1", ""):
            os.utime(folder / name / below, ns=(10**18, 10**18 + len(below)))
    (folder / f"{SITE}.indexeddb.blob" / "%2e%2E %00 " / ("long" * 50)).mkdir(parents=True)
    return folder


def clear(folder: Path) -> MemoryBackup:
    place, backup = place_of(folder), MemoryBackup()
    work = workspace_for(place, folder.parent.parent / "scratch")
    finding = STORE.clear(place, WISH, work, backup)
    assert finding.state is State.FOUND
    work.apply()
    assert STORE.find(place, WISH).state is State.CLEAN
    return backup


def restore(folder: Path, backup: MemoryBackup, *, overwrite: bool = False) -> tuple[int, int, int]:
    place = place_of(folder)
    work = workspace_for(place, folder.parent.parent / "scratch")
    outcome = STORE.restore(place, backup, work, overwrite=overwrite)
    work.apply()
    return outcome.restored, outcome.unchanged, len(outcome.kept_newer)


def test_only_the_sites_directories_go_and_they_come_back_exactly(folder: Path) -> None:
    before = facts(folder)
    backup = clear(folder)
    kept = {path: each for path, each in before.items() if not path.startswith(SITE)}
    assert facts(folder) == kept
    assert {path.name for path in folder.iterdir()} == set(OTHERS)
    assert restore(folder, backup) == (6, 0, 0)
    assert facts(folder) == before
    assert restore(folder, backup) == (0, 6, 0)
    assert facts(folder) == before


def test_what_is_found_is_counted_once_a_site(folder: Path) -> None:
    finding = STORE.find(place_of(folder), WISH)
    assert (finding.items, finding.hosts) == (1, {"www.amazon.com": 1})
    assert finding.details == {"directories": 3, "files": 6}
    assert finding.size == 3 * 16 + sum(len(SITE + end) for end in ENDINGS)


def test_a_part_that_the_browser_made_since_keeps_the_whole_site_as_it_is(folder: Path) -> None:
    before = facts(folder)
    backup = clear(folder)
    new = folder / f"{SITE}.indexeddb.leveldb"
    new.mkdir()
    (new / "CURRENT").write_bytes(b"MANIFEST-000002\n")
    made = facts(folder)
    assert restore(folder, backup) == (0, 0, 1)
    assert facts(folder) == made
    assert restore(folder, backup, overwrite=True) == (6, 0, 0)
    assert facts(folder) == before


def test_the_directory_around_them_may_be_gone(folder: Path) -> None:
    backup = clear(folder)
    folder.rename(folder.with_name("elsewhere"))
    assert restore(folder, backup)[0] == 6
    assert {path.name for path in folder.iterdir()} == {
        SITE,
        f"{SITE}.indexeddb.leveldb",
        f"{SITE}.indexeddb.blob",
    }


def test_a_file_with_the_name_of_a_directory_goes_too(folder: Path) -> None:
    (folder / "https_amazon.com_0").write_bytes(b"not a folder")
    before = facts(folder)
    backup = clear(folder)
    assert not (folder / "https_amazon.com_0").exists()
    assert restore(folder, backup)[0] == 7
    assert facts(folder) == before


@pytest.mark.parametrize("name", ["link", "in a folder"])
def test_a_link_is_reported_and_its_directory_left_alone(folder: Path, name: str) -> None:
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "mine").write_bytes(b"mine")
    if name == "link":
        link = folder / "https_amazon.com_0"
    else:
        link = folder / f"{SITE}.indexeddb.blob" / "1" / "link"
    link.symlink_to(outside)
    place = place_of(folder)
    work = workspace_for(place, folder.parent.parent / "scratch")
    finding = STORE.clear(place, WISH, work, MemoryBackup())
    work.apply()
    assert [problem.code for problem in finding.problems] == ["unsafe-path"]
    assert link.name in finding.problems[0].message
    assert link.is_symlink()
    parts = [(folder / f"{SITE}{ending}").exists() for ending in ENDINGS]
    assert parts == [name == "in a folder"] * 3  # they go, or stay, together
    assert (outside / "mine").read_bytes() == b"mine"
    after = STORE.find(place, WISH)
    assert after.state is State.CLEAN
    assert after.problems == finding.problems


def test_names_that_no_browser_gives_are_left_alone_and_reported(folder: Path) -> None:
    strange = folder / f"{SITE}.indexeddb.blob" / "a\\b:c"
    strange.write_bytes(b"x")
    finding = STORE.find(place_of(folder), WISH)
    assert len(finding.problems) == 1
    assert finding.state is State.CLEAN  # the other parts would not fit to the one that stays


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_not_utf8_comes_back(folder: Path) -> None:
    odd = folder / f"{SITE}.indexeddb.blob" / os.fsdecode(b"\xff\xfe")
    odd.write_bytes(b"odd")
    backup = clear(folder)
    assert not odd.exists()
    restore(folder, backup)
    assert odd.read_bytes() == b"odd"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"site": "planet"}, "unknown form 'planet'"),
        ({"site": "host", "entry": "("}, "not a pattern"),
        ({"site": "host", "entry": ".*"}, "group 'site'"),
        ({"site": "host", "entries": ".*"}, "unknown key 'entries'"),
    ],
)
def test_a_broken_declaration_is_refused(data: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        DirectoriesStore.declared(Identity("a", "A", Category.STORAGE), data)
