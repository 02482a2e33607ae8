import json
from pathlib import Path

import pytest

from fake_browsers import chromium_profile, user_data
from loginfix.browsers.chromium import find_profiles
from loginfix.browsers.model import Engine, Root


def root_at(data: Path, cache: Path | None = None) -> Root:
    return Root("chrome", "Google Chrome", Engine.CHROMIUM, "native", "", data, cache, ("chrome",))


def names(root: Root) -> dict[str, str]:
    return {profile.directory: profile.name for profile in find_profiles(root).profiles}


def test_profiles_are_those_that_local_state_lists(tmp_path: Path) -> None:
    data = user_data(tmp_path / "ud", {"Default": "Anna", "Profile 7": "Work"})
    chromium_profile(data / "Profile 9")
    found = find_profiles(root_at(data))
    assert [(one.directory, one.name) for one in found.profiles] == [
        ("Default", "Anna"),
        ("Profile 7", "Work"),
    ]
    assert found.profiles[0].path == data / "Default"
    assert found.profiles[0].user_data == data
    assert found.profiles[0].id == "chrome/Default"
    assert found.profiles[0].label == "Google Chrome (Anna)"
    assert found.problems == ()


def test_a_listed_profile_that_is_gone_is_left_out(tmp_path: Path) -> None:
    data = user_data(tmp_path, {"Default": "Anna", "Profile 1": "Work"})
    (data / "Profile 1" / "Preferences").unlink()
    (data / "Profile 1").rmdir()
    assert names(root_at(data)) == {"Default": "Anna"}


def test_a_profile_without_a_name_is_called_as_its_directory(tmp_path: Path) -> None:
    data = user_data(tmp_path, {"Default": ""})
    assert names(root_at(data)) == {"Default": "Default"}


def test_guest_and_system_profiles_count_when_they_were_used(tmp_path: Path) -> None:
    data = user_data(tmp_path, {"Default": "Anna"})
    chromium_profile(data / "Guest Profile")
    (data / "System Profile").mkdir()
    assert set(names(root_at(data))) == {"Default", "Guest Profile"}


@pytest.mark.parametrize(
    "content", [b"{", b"\xff\xfe", b'{"profile": {"info_cache"', b"[" * 100_000]
)
def test_without_a_readable_list_the_files_of_a_profile_decide(
    tmp_path: Path, content: bytes
) -> None:
    data = user_data(tmp_path, {"Default": "Anna", "Profile 2": "B"})
    (data / "Crashpad").mkdir()
    (data / "Local State").write_bytes(content)
    found = find_profiles(root_at(data))
    assert [one.directory for one in found.profiles] == ["Default", "Profile 2"]
    (problem,) = found.problems
    assert problem.code == "profile-list-unreadable"
    assert problem.path == data / "Local State"
    assert "cannot be read" in problem.message


def test_a_missing_list_is_told(tmp_path: Path) -> None:
    chromium_profile(tmp_path / "Default")
    chromium_profile(tmp_path / "Guest Profile")
    found = find_profiles(root_at(tmp_path))
    assert [one.directory for one in found.profiles] == ["Default", "Guest Profile"]
    assert "is missing" in found.problems[0].message


def test_a_list_that_is_a_directory_is_told(tmp_path: Path) -> None:
    chromium_profile(tmp_path / "Default")
    (tmp_path / "Local State").mkdir()
    found = find_profiles(root_at(tmp_path))
    assert [one.directory for one in found.profiles] == ["Default"]
    assert len(found.problems) == 1


def test_a_browser_that_has_not_yet_written_its_list_is_no_problem(tmp_path: Path) -> None:
    chromium_profile(tmp_path / "Default")
    (tmp_path / "Local State").write_text('{"profile": []}', encoding="utf-8")
    found = find_profiles(root_at(tmp_path))
    assert [one.directory for one in found.profiles] == ["Default"]
    assert found.problems == ()


def test_an_empty_directory_has_neither_profiles_nor_problems(tmp_path: Path) -> None:
    found = find_profiles(root_at(tmp_path))
    assert (found.profiles, found.problems) == ((), ())


@pytest.mark.parametrize("outside", ["../outside", "/outside", "Default/../../outside"])
def test_a_list_cannot_name_a_directory_outside(tmp_path: Path, outside: str) -> None:
    data = user_data(tmp_path / "ud", {"Default": "Anna"})
    chromium_profile(tmp_path / "outside")
    state = {"profile": {"info_cache": {"Default": {}, outside: {"name": "x"}}}}
    (data / "Local State").write_text(json.dumps(state), encoding="utf-8")
    found = find_profiles(root_at(data))
    assert [one.directory for one in found.profiles] == ["Default"]
    assert [problem.code for problem in found.problems] == ["profile-outside"]
    assert repr(outside) in found.problems[0].message


def test_the_outer_cache_is_taken_where_it_exists(tmp_path: Path) -> None:
    data = user_data(tmp_path / "config", {"Default": "A", "Profile 1": "B"})
    (tmp_path / "cache" / "Default").mkdir(parents=True)
    (data / "Profile 1" / "Cache").mkdir()
    caches = {
        one.directory: one.cache_path
        for one in find_profiles(root_at(data, tmp_path / "cache")).profiles
    }
    assert caches == {"Default": tmp_path / "cache" / "Default", "Profile 1": data / "Profile 1"}


def test_without_a_cache_root_the_caches_are_inside(tmp_path: Path) -> None:
    data = user_data(tmp_path, {"Default": "A"})
    assert find_profiles(root_at(data)).profiles[0].cache_path == data / "Default"


def test_operas_directory_can_be_the_profile(tmp_path: Path) -> None:
    data = chromium_profile(tmp_path / "Opera Stable")
    (data / "Local State").write_text("{}", encoding="utf-8")
    (tmp_path / "cache").mkdir()
    (profile,) = find_profiles(root_at(data, tmp_path / "cache")).profiles
    assert (profile.path, profile.user_data) == (data, data)
    assert profile.directory == "Opera Stable"
    assert profile.cache_path == tmp_path / "cache"


def test_operas_side_profiles_are_found(tmp_path: Path) -> None:
    data = user_data(tmp_path / "ud", {"Default": "A"})
    plain = chromium_profile(data / "_side_profiles" / "plain")
    (data / "_side_profiles" / "a file").touch()
    own = user_data(data / "_side_profiles" / "own", {"Default": "B"})
    cache = tmp_path / "cache" / "_side_profiles" / "own" / "Default"
    cache.mkdir(parents=True)
    found = find_profiles(root_at(data, tmp_path / "cache")).profiles
    assert [(one.path, one.user_data) for one in found] == [
        (data / "Default", data),
        (own / "Default", own),
        (plain, data),
    ]
    assert found[1].cache_path == cache
