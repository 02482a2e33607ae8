"""Twice as much is twice the work, and takes little more memory: counted, not timed."""

import gc
import shutil
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest
from benchmarks.profiles import RECIPES, prepare

from loginfix import workers
from loginfix.api.clear import clear, find
from loginfix.api.machine import Machine

WARM, *SIZES = 100, 200, 400, 800
# Twice is linear; what sorts takes a little more.
MOST_GROWTH = 2.3
# The names of what is looked through are kept, and where what is the site's is; nothing of what
# there is in it.
MOST_BYTES_EACH = 1000

# What these hold at the most is reached late: the log of a LevelDB, and the bits of all blocks.
LARGE = {"local-storage": (3200, 12_800), "block-cache": (1600, 6400)}

Homes = Callable[[str, int], Path]


@pytest.fixture(autouse=True)
def in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_processors", lambda: 1)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("made")


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Homes:
    """Gives a fresh profile with so many things in it."""

    def fresh(name: str, size: int) -> Path:
        profile = prepare(name, made, (size + 0.5) / RECIPES[name].count)
        assert profile.count == size
        copy = tmp_path / str(size)
        shutil.copytree(profile.home, copy, symlinks=True)
        return copy

    return fresh


def look(home: Path) -> None:
    assert not find("amazon", machine=Machine(home)).plan.is_empty


def take_out(home: Path) -> None:
    assert clear(find("amazon", machine=Machine(home))).result.backup_id


def calls(work: Callable[[Path], None], home: Path) -> int:
    """How many functions are called, of ours and of others."""
    count = 0

    def note(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work(home)
    finally:
        sys.setprofile(None)
    return count


def peak(work: Callable[[Path], None], home: Path) -> int:
    """The most memory that was in use at a time, in bytes."""
    # Python looks the more seldom for what only holds itself the more there is from other tests.
    gc.freeze()
    gc.collect()
    tracemalloc.start()
    try:
        work(home)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.unfreeze()


@pytest.mark.parametrize("work", [look, take_out])
@pytest.mark.parametrize("name", RECIPES)
def test_work_grows_no_faster_than_what_there_is(
    name: str, work: Callable[[Path], None], home: Homes
) -> None:
    work(home(name, WARM))
    small, middle, large = (calls(work, home(name, size)) for size in SIZES)
    assert large - middle < MOST_GROWTH * (middle - small)


@pytest.mark.parametrize("work", [look, take_out])
@pytest.mark.parametrize("name", RECIPES)
def test_memory_hardly_grows_with_what_there_is(
    name: str, work: Callable[[Path], None], home: Homes
) -> None:
    work(home(name, WARM))
    few, many = LARGE.get(name, (400, 1600))
    small, large = (peak(work, home(name, size)) for size in (few, many))
    assert large - small < MOST_BYTES_EACH * (many - few)
