"""The block-file cache of a recorded profile: taken apart by site, and put together again."""

import re
import shutil
import struct
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from loginfix.browsers.model import Engine
from loginfix.errors import DamagedFileError, VerificationError
from loginfix.files.tree import Tree
from loginfix.formats.block_cache.block_file import BlockFile
from loginfix.formats.block_cache.cache import BlockCache
from loginfix.formats.block_cache.edit import finish, insert, remove
from loginfix.formats.block_cache.index import MAX_SIZE
from loginfix.stores.caches import block, block_restore
from loginfix.stores.caches.block_files import Copies, opened
from loginfix.stores.catalog import declared_stores
from loginfix.stores.model import Finding, Place, Restored, Root, State, Store
from recorder.cachekeys import block_cache_entries, block_cache_keys
from recorder.recordings import unpack
from store_doubles import WISH, DirectWorkspace, MemoryBackup

REL = "Cache/Cache_Data"
# The wish of these tests: URL, partition or frame of these sites, but for AWS.
OWN = re.compile(
    r"(?:(?:Range_)?1/0/_dk_(?:[a-z]+_)*)?https://(?:[a-z0-9.-]+\.)?amazon\.(?:com|co\.jp)(?:[/:]|$)"
)
AWS = re.compile(r" https://[a-z.]*aws\.amazon\.com/")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache of the recording, unpacked once; only to be copied from."""
    return unpack("chromium-156-blockfile", tmp_path_factory.mktemp("recording")).cache / REL


@pytest.fixture
def place(recorded: Path, tmp_path: Path) -> Place:
    """A copy of it."""
    shutil.copytree(recorded, tmp_path / "home" / REL)
    return Place(Tree(tmp_path / "home"), Root.CACHE, REL)


def store() -> Store:
    declared = declared_stores(Engine.CHROMIUM)
    return next(each.store for each in declared if each.store.id == "chromium.http_cache_blocks")


def contents(place: Place) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in place.path.iterdir() if path.is_file()}


def clear(place: Place, scratch: Path) -> tuple[Finding, MemoryBackup]:
    backup = MemoryBackup()
    work = DirectWorkspace(place.tree.root, scratch)
    finding = store().clear(place, WISH, work, backup)
    work.apply()
    return finding, backup


def restore(
    place: Place, backup: MemoryBackup, scratch: Path, *, overwrite: bool = False
) -> Restored:
    work = DirectWorkspace(place.tree.root, scratch)
    outcome = store().restore(place, backup, work, overwrite=overwrite)
    work.apply()
    return outcome


def use(place: Place) -> None:
    """As if the browser had been started: another run's number is in the index."""
    index = bytearray((place.path / "index").read_bytes())
    index[20] += 1
    (place.path / "index").write_bytes(index)


def edit(place: Place, scratch: Path, change: Callable[[BlockCache], object]) -> None:
    """Change the cache where it is."""
    copies = Copies.make(place, DirectWorkspace(place.tree.root, scratch))
    with copies.opened() as cache:
        change(cache)
        index = finish(cache)
    copies.paths["index"].write_bytes(index)
    for name, path in copies.paths.items():
        shutil.copyfile(path, place.path / name)


def is_target(key: str) -> bool:
    return any(OWN.match(part) for part in key.split(" ")) and not AWS.search(key)


def counts(place: Place) -> dict[str, object]:
    """What the index says of the cache as a whole."""
    data = (place.path / "index").read_bytes()
    entries, _, _, _ = struct.unpack_from("<4i", data, 8)
    (created,) = struct.unpack_from("<Q", data, 40)
    (size,) = struct.unpack_from("<q", data, 48)
    return {
        "entries": entries,
        "created": created,
        "size": size,
        "lists": sum(struct.unpack_from("<5i", data, 268)),
    }


def test_the_sites_entries_go_and_every_other_one_stays(place: Place, tmp_path: Path) -> None:
    keys = block_cache_keys(place.path)
    before = counts(place)
    gone = [key for key in keys if is_target(key)]
    assert sum(key.startswith("Range_") for key in gone) == 4
    assert sum(len(key) > 16_384 for key in gone) == 2
    finding, _ = clear(place, tmp_path / "scratch")
    assert finding.details["entries"] == len(gone)
    assert block_cache_keys(place.path) == [key for key in keys if key not in gone]
    after = counts(place)
    assert after["created"] == before["created"]
    assert after["entries"] == after["lists"] == len(keys) - len(gone)
    assert store().find(place, WISH).state is State.CLEAN


def test_every_mention_that_is_left_is_in_an_entry_of_another_site(
    place: Place, tmp_path: Path
) -> None:
    def mentions(data: bytes) -> Counter[bytes]:
        return Counter(re.findall(rb"amazon\.co(?:m|\.jp)", data))

    before = mentions(b"".join(contents(place).values()))
    clear(place, tmp_path / "scratch")
    left = contents(place)
    explained: Counter[bytes] = Counter()
    for key, streams in block_cache_entries(place.path):
        assert not is_target(key)
        explained += mentions(b"\0".join((key.encode(), *streams)))
    assert mentions(b"".join(left.values())) == explained
    assert explained.total() < before.total() // 2
    for host in (b"www.amazon.co.jp", b"www.amazon.com"):
        assert b"piece of " + host not in b"".join(left.values())


def test_files_that_only_the_site_had_are_gone(place: Place, tmp_path: Path) -> None:
    before = contents(place)
    _, backup = clear(place, tmp_path / "scratch")
    after = contents(place)
    gone = before.keys() - after.keys()
    assert len(gone) == 7
    assert {file.rel for file in backup.files()} == {f"{REL}/{name}" for name in gone}
    assert {name for name in after if after[name] != before[name]} <= {
        "index",
        *(f"data_{number}" for number in range(4)),
    }


def test_restoring_an_unused_cache_gives_back_every_byte(place: Place, tmp_path: Path) -> None:
    before = contents(place)
    finding, backup = clear(place, tmp_path / "scratch")
    outcome = restore(place, backup, tmp_path / "scratch2")
    assert outcome.restored == finding.details["entries"]
    assert contents(place) == before
    again = restore(place, backup, tmp_path / "scratch3")
    assert (again.restored, again.unchanged) == (0, outcome.restored)


def test_what_browsing_changed_since_is_merged_with(place: Place, tmp_path: Path) -> None:
    keys = block_cache_keys(place.path)
    _, backup = clear(place, tmp_path / "scratch")
    use(place)
    outcome = restore(place, backup, tmp_path / "scratch2")
    assert outcome.problems == ()
    assert block_cache_keys(place.path) == keys
    finding, _ = clear(place, tmp_path / "scratch3")
    assert finding.details["entries"] == outcome.restored


@pytest.mark.parametrize("overwrite", [False, True])
def test_an_entry_that_came_anew_is_the_newer(
    *, overwrite: bool, place: Place, tmp_path: Path
) -> None:
    keys = block_cache_keys(place.path)
    _, backup = clear(place, tmp_path / "scratch")
    # The very entries again, but made at another time: as if fetched anew.
    use(place)
    restore(place, backup, tmp_path / "scratch2")
    newer = _made_later(place, tmp_path)
    outcome = restore(place, backup, tmp_path / "scratch3", overwrite=overwrite)
    assert block_cache_keys(place.path) == keys
    if overwrite:
        assert outcome.restored > 30
        assert outcome.kept_newer == ()
    else:
        assert outcome.restored == 0
        assert len(outcome.kept_newer) == newer


def _made_later(place: Place, tmp_path: Path) -> int:
    """Give every entry of the site that is not a part another time of creation."""
    changed = 0

    def change(cache: BlockCache) -> None:
        nonlocal changed
        for entry in cache.entries:
            key = entry.key.decode()
            if is_target(key) and not key.startswith("Range_"):
                record = entry.record._replace(created=entry.record.created + 1)
                cache.write(entry.address, record.pack())
                changed += 1

    edit(place, tmp_path / "later", change)
    return changed


def test_an_entry_that_no_chain_leads_to_any_more_is_not_in_the_way(
    place: Place, tmp_path: Path
) -> None:
    keys = block_cache_keys(place.path)
    _, backup = clear(place, tmp_path / "scratch")
    use(place)
    restore(place, backup, tmp_path / "scratch2")

    def doom(cache: BlockCache) -> None:
        for bucket, _ in [*cache.index.buckets()]:
            if all(
                is_target(cache.entry(each.value).key.decode()) for each, _ in cache.chain(bucket)
            ):
                cache.index.set_bucket(bucket, 0)

    edit(place, tmp_path / "later", doom)
    assert len(block_cache_keys(place.path)) < len(keys)
    outcome = restore(place, backup, tmp_path / "scratch3")
    assert outcome.restored > 30
    assert outcome.kept_newer == ()
    assert block_cache_keys(place.path) == keys


def test_an_entry_that_was_open_is_taken_out_and_does_not_come_back(
    place: Place, tmp_path: Path
) -> None:
    keys = block_cache_keys(place.path)
    own = [key for key in keys if is_target(key) and not key.startswith("Range_")]
    dirty, evicted = own[0], own[-1]

    def change(cache: BlockCache) -> None:
        for entry in cache.entries:
            if entry.key.decode() == dirty:
                cache.write(entry.node_address, entry.node._replace(dirty=7).pack())
            elif entry.key.decode() == evicted:
                cache.write(entry.address, entry.record._replace(state=1).pack())

    edit(place, tmp_path / "earlier", change)
    _, backup = clear(place, tmp_path / "scratch")
    use(place)
    restore(place, backup, tmp_path / "scratch2")
    assert {*keys} - {*block_cache_keys(place.path)} == {dirty, evicted}


def test_a_file_of_a_stream_that_is_missing_is_not_taken_away(place: Place, tmp_path: Path) -> None:
    _, backup = clear(place, tmp_path / "scratch")
    files = [file.rel for file in backup.files()]
    assert restore(place, backup, tmp_path / "scratch2").problems == ()
    (place.tree.root / files[0]).unlink()
    finding, again = clear(place, tmp_path / "scratch3")
    assert finding.state is State.FOUND
    assert [file.rel for file in again.files()] == files[1:]


def test_a_file_that_has_a_name_of_one_that_went_stays(place: Place, tmp_path: Path) -> None:
    keys = block_cache_keys(place.path)
    _, backup = clear(place, tmp_path / "scratch")
    file = next(backup.files())
    (place.tree.root / file.rel).write_bytes(b"another's")
    assert restore(place, backup, tmp_path / "scratch2").problems == ()
    assert block_cache_keys(place.path) == keys
    assert (place.tree.root / file.rel).read_bytes() == b"another's"
    with opened(place) as cache:
        assert int(file.rel.rpartition("_")[2], 16) not in cache.owned.external


def test_an_index_larger_than_any_is_refused(place: Place) -> None:
    with (place.path / "index").open("r+b") as file:
        file.truncate(MAX_SIZE)
        assert store().find(place, WISH).state is State.FOUND
        file.truncate(MAX_SIZE + 1)
        with pytest.raises(DamagedFileError, match="index is too large"):
            store().find(place, WISH)


@pytest.mark.parametrize(
    ("name", "offset"),
    [("data_1", 8192 + 4 * 256 - 300), ("data_2", 8192 + 700 * 1024), ("data_3", 8192 + 90 * 4096)],
)
def test_residue_in_free_blocks_is_found_and_zeroed(
    name: str, offset: int, place: Place, tmp_path: Path
) -> None:
    clear(place, tmp_path / "scratch")
    path = place.path / name
    data = bytearray(path.read_bytes())
    free = len(data) - 20_000 if name == "data_1" else offset
    data[free : free + 40] = b"\0https://www.amazon.co.jp/leftover-page\0"
    path.write_bytes(data)
    finding = store().find(place, WISH)
    assert finding.state is State.FOUND
    assert finding.details == {"traces of deleted entries": 1}
    clear(place, tmp_path / "scratch2")
    assert b"leftover-page" not in path.read_bytes()
    assert store().find(place, WISH).state is State.CLEAN


def test_a_file_that_no_entry_refers_to_goes_when_it_names_the_site(
    place: Place, tmp_path: Path
) -> None:
    (place.path / "f_00abcd").write_bytes(b"body of www.amazon.co.jp")
    (place.path / "f_00abce").write_bytes(b"body of www.notamazon.com")
    (place.path / "data_9").write_bytes(b"https://www.amazon.com/")
    finding, _ = clear(place, tmp_path / "scratch")
    assert finding.details["left-over files"] == 2
    assert {"f_00abce"} == {"f_00abcd", "f_00abce", "data_9"} & contents(place).keys()


@pytest.mark.parametrize(
    "index", [b"SQLCacheTruncate3", bytes.fromhex("305c72a71b6dfbfc") + bytes(16)]
)
def test_files_left_by_this_back_end_go_under_another(
    index: bytes, place: Place, tmp_path: Path
) -> None:
    (place.path / "index").write_bytes(index)
    before = contents(place)
    finding, backup = clear(place, tmp_path / "scratch")
    assert finding.details["left-over files"] >= 5
    assert not any(b"www.amazon.co.jp/static" in data for data in contents(place).values())
    restore(place, backup, tmp_path / "scratch2")
    assert contents(place) == before


@pytest.mark.parametrize(
    ("name", "offset", "why"),
    [
        ("index", 4, "version"),
        ("index", 56, "corrupt"),
        ("index", 328, "in the middle of a change"),
        ("index", 288, "data_0|list|address|lead"),
        ("data_0", 56, "killed while it changed data_0"),
        ("data_1", 4, "not that block file"),
        ("data_1", -72, "hash"),
        ("data_0", 8192 + 8, "hash"),
        ("data_1", 80, "not in use"),
    ],
)
def test_what_is_not_understood_is_refused_whole(
    name: str, offset: int, why: str, place: Place, tmp_path: Path
) -> None:
    path = place.path / name
    data = bytearray(path.read_bytes())
    # Below zero: before the first key, 96 bytes into its entry's record.
    data[offset if offset > 0 else data.index(b"1/0/_dk_") + offset] ^= 0x55
    path.write_bytes(data)
    before = contents(place)
    with pytest.raises(DamagedFileError, match=why):
        store().find(place, WISH)
    with pytest.raises(DamagedFileError, match="Cache_Data was left alone"):
        clear(place, tmp_path / "scratch")
    assert contents(place) == before


def test_a_merge_that_lacks_an_entry_is_refused(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, backup = clear(place, tmp_path / "scratch")
    use(place)
    before = contents(place)
    monkeypatch.setattr(
        block_restore, "insert", lambda cache, entries: insert(cache, [*entries][1:])
    )
    with pytest.raises(DamagedFileError, match="does not hold what it should"):
        restore(place, backup, tmp_path / "scratch2")
    assert contents(place) == before


def test_a_cache_of_another_form_is_not_merged_into(place: Place, tmp_path: Path) -> None:
    finding, backup = clear(place, tmp_path / "scratch")
    for path in place.path.iterdir():
        path.unlink()
    outcome = restore(place, backup, tmp_path / "scratch2")
    (problem,) = outcome.problems
    assert str(finding.details["entries"]) in problem.message
    assert contents(place) == {}


def test_a_cache_without_room_is_said_to_be_full(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, backup = clear(place, tmp_path / "scratch")
    use(place)
    before = contents(place)
    monkeypatch.setattr(BlockFile, "allocate", lambda _, __: None)
    outcome = restore(place, backup, tmp_path / "scratch2")
    (problem,) = outcome.problems
    assert "it is full" in problem.message
    assert contents(place) == before


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("remove", lambda cache, entries: remove(cache, entries[1:])),
        ("remove", lambda cache, entries: remove(cache, {*entries, _another(cache)})),
        ("zero_unused", lambda _: None),
    ],
)
def test_an_edited_copy_that_is_not_exactly_the_rest_is_not_used(
    name: str,
    broken: Callable[..., object],
    place: Place,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = place.path / "data_1"
    data = bytearray(path.read_bytes())
    data[-20_000:-19_980] = b"www.amazon.co.jp/x y"
    path.write_bytes(data)
    before = contents(place)
    monkeypatch.setattr(block, name, broken)
    with pytest.raises((VerificationError, DamagedFileError)):
        clear(place, tmp_path / "scratch")
    assert contents(place) == before


def _another(cache: BlockCache) -> int:
    return next(e.address.value for e in cache.entries if not is_target(e.key.decode()))


def test_the_cache_that_is_copied_stays_what_it_was(place: Place, tmp_path: Path) -> None:
    copies = Copies.make(place, DirectWorkspace(place.tree.root, tmp_path / "scratch"))
    with opened(place, lambda key: is_target(key.decode())) as cache:
        owned, index = cache.owned.copy(), bytes(cache.index.data)
        with copies.of(cache) as copy:
            remove(copy, cache.chosen)
            assert not copy.owned.is_same(owned)
        assert cache.owned.is_same(owned)
        assert cache.owned.lists == owned.lists
        assert cache.index.data == index
