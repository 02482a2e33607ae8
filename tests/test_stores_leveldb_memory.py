"""However large a database is, looking at it, clearing and restoring it take the same memory."""

import gc
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from loginfix.browsers.model import Engine
from loginfix.formats.leveldb import build, writing
from loginfix.stores.catalog import declared_stores
from loginfix.stores.leveldb.store import LevelDBStore
from store_doubles import WISH, MemoryBackup, place_of, workspace_for

SMALL = 1_000
LARGE = 4 * SMALL
_VALUE = bytes(300)
_TABLE = 1 << 16
# Less than the keys of so many more pairs would take.
_NOISE = 100 << 10


class Peaks(NamedTuple):
    """The most bytes that were in use at a time."""

    find: int
    clear: int
    restore: int


def store() -> LevelDBStore:
    stores = {each.store.id: each.store for each in declared_stores(Engine.CHROMIUM)}
    found = stores["chromium.local_storage"]
    assert isinstance(found, LevelDBStore)
    return found


def write(directory: Path, count: int) -> None:
    """Items of others, a hundred a site, and ten of the site."""
    directory.mkdir()
    hosts = (f"https://{number // 100:05}.example" for number in range(count))
    keys = [f"_{host}\0{number:08}" for number, host in enumerate(hosts)]
    keys += [f"_https://www.amazon.com\0{number}" for number in range(10)]
    pairs = ((key.encode(), _VALUE) for key in sorted(keys))
    for name, data in build(pairs, last_sequence=0, next_file_number=1):
        (directory / name).write_bytes(data)


def peak(work: Callable[[], object]) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def peaks(directory: Path, count: int) -> Peaks:
    write(directory, count)
    place, backup = place_of(directory), MemoryBackup()
    scratch = directory.parent / f"scratch-{count}"
    find = peak(lambda: store().find(place, WISH))
    work = workspace_for(place, scratch)
    clear = peak(lambda: store().clear(place, WISH, work, backup))
    work.apply()
    assert len(backup.all_rows) == 10
    back = workspace_for(place, scratch)
    restore = peak(lambda: store().restore(place, backup, back, overwrite=False))
    assert back.operations
    return Peaks(find, clear, restore)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Peaks, Peaks]:
    home = tmp_path_factory.mktemp("databases")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "_TABLE_BYTES", _TABLE)
        patch.setattr(writing, "_MAX_LOG", _TABLE)
        peaks(home / "first", SMALL)  # what is made once, such as compiled patterns
        return peaks(home / "small", SMALL), peaks(home / "large", LARGE)


@pytest.mark.parametrize("work", Peaks._fields)
def test_memory_does_not_grow_with_the_database(work: str, measured: tuple[Peaks, Peaks]) -> None:
    small, large = (getattr(each, work) for each in measured)
    assert large < small + _NOISE
