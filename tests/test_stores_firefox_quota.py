"""Firefox's quota storage: directories, what is left of removed ones, service workers."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from loginfix.browsers.model import Engine
from loginfix.errors import DamagedFileError
from loginfix.files.tree import Tree
from loginfix.stores.catalog import declared_stores
from loginfix.stores.model import Finding, Place, Root, State
from oracle import digests
from store_doubles import WISH, DirectWorkspace, MemoryBackup

SW = "serviceworker.txt"
DECLARED = {each.store.id: each for each in declared_stores(Engine.FIREFOX)}


@pytest.fixture(params=["firefox-esr-140", "firefox-esr-153"])
def profile(
    request: pytest.FixtureRequest, tmp_path: Path, recorded: Callable[[str], Path]
) -> Path:
    return shutil.copytree(recorded(request.param), tmp_path / "profile")


def places(profile: Path, store: str) -> list[Place]:
    return [*DECLARED[f"firefox.{store}"].places(Root.PROFILE, Tree(profile))]


def find(profile: Path, store: str) -> list[Finding]:
    return [DECLARED[f"firefox.{store}"].store.find(at, WISH) for at in places(profile, store)]


def clear(profile: Path, store: str) -> list[tuple[Place, MemoryBackup]]:
    done = []
    for place in places(profile, store):
        backup, work = MemoryBackup(), DirectWorkspace(profile, profile.parent / "scratch")
        DECLARED[f"firefox.{store}"].store.clear(place, WISH, work, backup)
        work.apply()
        done.append((place, backup))
    return done


def restore(
    profile: Path, store: str, done: list[tuple[Place, MemoryBackup]], *, overwrite: bool = False
) -> list[str]:
    kept: list[str] = []
    for place, backup in done:
        work = DirectWorkspace(profile, profile.parent / "scratch")
        outcome = DECLARED[f"firefox.{store}"].store.restore(
            place, backup, work, overwrite=overwrite
        )
        work.apply()
        kept += outcome.kept_newer
    return kept


OTHERS = (
    "https+++notamazon.com",
    "https+++amazon.com.x.example",
    "https+++console.aws.amazon.com^userContextId=1",
    "https+++signin.aws.amazon.com^partitionKey=%28https%2Camazon.com%29",
    "moz-extension+++amazon.com",
    "moz-extension+++0d3f^partitionKey=%28https%2Camazon.com%29",
    "about+newtab",
    "indexeddb++fx-devtools",
    "uuid+++33c1c07f-54fe-44ea-87f0-1b05cf7aeac5",
)
TARGETS = (
    "https+++www.amazon.com+8443^userContextId=2",
    "http+++amazon.co.jp",
    "https+++a.example^userContextId=1&partitionKey=%28https%2Camazon.com%2Cf%29",
    "https+++www.amazon.com^firstPartyDomain=example.org",
    "https+++www.amazon.com^privateBrowsingId=1",
)


def test_directories_of_the_site_go_whole_in_every_container_and_partition(profile: Path) -> None:
    for repository in ("default", "temporary", "permanent"):
        for name in (*OTHERS, *TARGETS):
            (profile / "storage" / repository / name / "ls").mkdir(parents=True, exist_ok=True)
            (profile / "storage" / repository / name / "ls" / "data.sqlite").write_bytes(b"x")
    before = digests(profile)
    done = clear(profile, "quota")
    after = digests(profile)
    gone = {path.split("/")[2] for path in before.keys() - after.keys()}
    assert gone >= set(TARGETS)
    assert not gone & set(OTHERS)
    assert "https+++cdn.other.net^partitionKey=%28https%2Camazon.co.jp%29" in gone
    assert {path: after[path] for path in after} == {path: before[path] for path in after}
    assert not list(profile.glob("storage/*/*[.+]amazon.co.jp*"))
    assert (profile / "storage/default/https+++myamazon.co.jp").is_dir()
    assert (profile / "storage/permanent/chrome/idb").is_dir()
    for directory in profile.glob("storage/*/*"):
        assert directory.name in OTHERS or directory.is_file() or any(directory.iterdir())
    assert restore(profile, "quota", done) == []
    assert digests(profile) == before


def metadata(group: str, origin: str) -> bytes:
    texts = ("", group, origin)
    return bytes(17) + b"".join(len(t).to_bytes(4, "big") + t.encode() for t in texts)


def test_leftovers_are_told_by_the_file_inside(profile: Path) -> None:
    leftovers = {
        "to-be-removed/1": metadata("amazon.com", "https://www.amazon.com"),
        # The length before the group is a digit: searched for as text, it would be another host.
        "private/uuid+++2": metadata("amazon.com" + "^" + "a" * 37, "uuid://2"),
        "private/uuid+++3": metadata("other.net^partitionKey=%28https%2Camazon.com%29", "uuid://3"),
        "to-be-removed/4": metadata("notamazon.com", "https://notamazon.com"),
        "private/uuid+++5": metadata("example.org^privateBrowsingId=1", "uuid://5"),
        "to-be-removed/6": metadata("amazon.com", "https://console.aws.amazon.com"),
        "to-be-removed/7": metadata("", "chrome"),
    }
    for name, content in leftovers.items():
        directory = profile / "storage" / name
        (directory / "ls").mkdir(parents=True)
        (directory / ".metadata-v2").write_bytes(content)
        (directory / "ls" / "data.sqlite").write_bytes(b"see https://www.amazon.com/")
    damaged = {"to-be-removed/8": b"x https://www.amazon.com", "to-be-removed/9": b"example.org"}
    for name, content in damaged.items():
        (profile / "storage" / name / "idb").mkdir(parents=True)
        (profile / "storage" / name / "idb" / "1.sqlite").write_bytes(content)
    before = digests(profile)
    assert [finding.items for finding in find(profile, "quota_leftovers")] == [2, 2]
    done = clear(profile, "quota_leftovers")
    left = {
        f"{path.parent.name}/{path.name}"
        for kind in ("private", "to-be-removed")
        for path in (profile / "storage" / kind).iterdir()
    }
    kept = ("to-be-removed/4", "private/uuid+++5", "to-be-removed/6", "to-be-removed/7")
    assert left == {*kept, "to-be-removed/9"}
    restore(profile, "quota_leftovers", done)
    assert digests(profile) == before


def test_registrations_of_the_site_go_and_all_others_stay_byte_for_byte(profile: Path) -> None:
    before = (profile / SW).read_bytes()
    (finding,) = find(profile, "service_workers")
    assert finding.hosts["cdn.other.net"] == 1
    done = clear(profile, "service_workers")
    after = (profile / SW).read_bytes()
    records = before.split(b"\n#\n")
    kept = [record for record in records[1:] if record in after.split(b"\n#\n")]
    assert b"https://www.notamazon.com/" in after
    assert b"https://signin.aws.amazon.com/" in after
    for gone in (b"https://www.amazon.co.jp/", b"https://www.primevideo.com/sw"):
        assert gone in before
        assert (gone in after) is (gone == b"https://www.primevideo.com/sw")  # not in this wish
    assert b"partitionKey=%28https%2Camazon.co.jp%29" not in after
    assert len(after.split(b"\n#\n")) == len(kept) + 1
    assert find(profile, "service_workers")[0].state is State.CLEAN
    restore(profile, "service_workers", done)
    assert (profile / SW).read_bytes() == before


def test_a_registration_made_since_stays_unless_overwritten(profile: Path) -> None:
    done = clear(profile, "service_workers")
    version = (profile / SW).read_bytes().partition(b"\n")[0]
    newer = b"\nhttps://www.amazon.co.jp/\nhttps://www.amazon.co.jp/new.js\ntrue\n#\n"
    (profile / SW).write_bytes(version + b"\n" + newer)
    assert restore(profile, "service_workers", done) == ["https://www.amazon.co.jp/"]
    content = (profile / SW).read_bytes()
    assert b"new.js" in content
    assert b"\nhttps://www.amazon.com/\n" in content
    restore(profile, "service_workers", done, overwrite=True)
    assert b"new.js" not in (profile / SW).read_bytes()


def test_a_list_that_is_gone_comes_back_and_one_of_another_version_is_left(profile: Path) -> None:
    done = clear(profile, "service_workers")
    (profile / SW).unlink()
    restore(profile, "service_workers", done)
    assert b"\nhttps://www.amazon.com/\n" in (profile / SW).read_bytes()
    (profile / SW).write_bytes(b"99\n")
    with pytest.raises(DamagedFileError, match=SW):
        restore(profile, "service_workers", done)


def test_a_damaged_list_is_left_alone(profile: Path) -> None:
    (profile / SW).write_bytes((profile / SW).read_bytes()[:-40])
    with pytest.raises(DamagedFileError, match=SW) as caught:
        clear(profile, "service_workers")
    assert caught.value.next_step
