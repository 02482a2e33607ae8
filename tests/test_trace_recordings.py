"""``loginfix trace`` on every recorded profile, held against a search of another kind."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from grep_oracle import files_naming_the_target
from oracle import digests
from recorder.recordings import Recording, names, unpack
from test_recorded_profiles import loginfix

EXPECTED = tomllib.loads(Path(__file__).with_name("leftovers.toml").read_text("utf-8"))
ALL_CLEAR, LEFTOVERS = 0, 17


def trace(recording: Recording, *arguments: str, code: int = LEFTOVERS) -> dict[str, Any]:
    data = loginfix(recording, "trace", "--site", "amazon", *arguments, code=code)["data"]
    (profile,) = data["profiles"]
    found: dict[str, Any] = profile
    return found


def files(traced: dict[str, Any], *verdicts: str) -> dict[Path, dict[str, Any]]:
    return {
        Path(each["path"]): each
        for each in traced["files"]
        if not verdicts or set(verdicts) & set(each["verdicts"])
    }


def missing(wanted: set[Path], found: set[Path]) -> list[Path]:
    """Paths of ``wanted`` that are not found; a database and its log count as one."""
    known = {_database(path) for path in found}
    return sorted(path for path in wanted if _database(path) not in known)


def _database(path: Path) -> Path:
    return path.with_name(path.name.removesuffix("-wal").removesuffix("-journal"))


def only_by_hash(file: dict[str, Any]) -> bool:
    places = [place for each in file["verdicts"].values() for place in each["places"]]
    return all(place["encoding"] in ("hash", "interleaved") for place in places)


def agree(found: dict[Path, dict[str, Any]], wanted: set[Path]) -> None:
    assert missing(wanted, set(found)) == []
    assert missing({path for path in found if not only_by_hash(found[path])}, wanted) == []


def test_the_list_of_leftovers_names_every_recording() -> None:
    assert sorted(EXPECTED) == names()


@pytest.mark.parametrize("name", names())
def test_before_a_clear_it_finds_what_another_search_finds(name: str, tmp_path: Path) -> None:
    recording = unpack(name, tmp_path)
    before = digests(recording.home)
    found = files(trace(recording))
    assert digests(recording.home) == before
    wanted = files_naming_the_target(recording)
    assert len(wanted) > 100
    agree(found, wanted)


@pytest.mark.parametrize("name", names())
def test_after_a_clear_only_what_is_listed_is_left(name: str, tmp_path: Path) -> None:
    recording = unpack(name, tmp_path)
    loginfix(recording, "clear-cache", "--site", "amazon", "--yes", code=EXPECTED[name]["code"])
    expected = EXPECTED[name]["stores"]
    traced = trace(recording, code=LEFTOVERS if expected else ALL_CLEAR)
    left = {each["store"] for each in files(traced, "leftover").values()}
    assert left - set(expected) == set(), "something of the site is left in these stores"
    assert set(expected) - left == set(), "take these out of leftovers.toml: nothing is left"
    found = files(traced)
    wanted = files_naming_the_target(recording)
    agree(found, wanted)
    assert traced["counts"]["protected"] >= 2
    assert traced["counts"]["excluded"] > 100
