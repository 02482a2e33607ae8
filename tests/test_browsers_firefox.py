import json
import sqlite3
from pathlib import Path

import pytest

from damaged_databases import make_schema_odd
from fake_browsers import files_below, firefox_profile, profile_root
from loginfix.browsers.firefox import find_profiles
from loginfix.browsers.model import Engine, Root


def root_at(data: Path, cache: Path | None = None) -> Root:
    return Root("firefox", "Firefox", Engine.FIREFOX, "native", "", data, cache, ("firefox",))


def group(root: Path, rows: dict[str, str], store: str = "e2ba0ebd") -> sqlite3.Connection:
    """A profile group's database, as Firefox keeps it: with a write-ahead log."""
    (root / "Profile Groups").mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(root / "Profile Groups" / f"{store}.sqlite")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(
        "CREATE TABLE Profiles (id INTEGER PRIMARY KEY, path TEXT, name TEXT, avatar TEXT)"
    )
    connection.executemany("INSERT INTO Profiles (path, name) VALUES (?, ?)", rows.items())
    connection.commit()
    return connection


def test_profiles_ini_names_profiles(tmp_path: Path) -> None:
    root = profile_root(tmp_path, {"ab.default": "default", "cd.default-release": "100% me"})
    found = find_profiles(root_at(root))
    assert [(one.directory, one.name) for one in found.profiles] == [
        ("ab.default", "default"),
        ("cd.default-release", "100% me"),
    ]
    assert found.profiles[0].path == root / "ab.default"
    assert found.profiles[0].user_data == root
    assert found.problems == ()


def test_a_profile_that_is_gone_is_left_out(tmp_path: Path) -> None:
    root = profile_root(tmp_path, {"ab.default": "default", "cd.x": "x"})
    (root / "cd.x" / "prefs.js").unlink()
    (root / "cd.x").rmdir()
    assert [one.directory for one in find_profiles(root_at(root)).profiles] == ["ab.default"]


def test_an_absolute_profile_is_found_with_its_cache_inside(tmp_path: Path) -> None:
    root = profile_root(tmp_path / "root", {})
    inside = firefox_profile(root / "ab.inside")
    elsewhere = firefox_profile(tmp_path / "disk" / "mine")
    (tmp_path / "cache" / "ab.inside").mkdir(parents=True)
    with (root / "profiles.ini").open("a", encoding="utf-8") as ini:
        for number, path in enumerate((inside, elsewhere)):
            ini.write(f"\n[Profile{number}]\nName=n{number}\nIsRelative=0\nPath={path}\n")
    found = find_profiles(root_at(root, tmp_path / "cache")).profiles
    assert [(one.path, one.cache_path) for one in found] == [
        (inside, inside),
        (elsewhere, elsewhere),
    ]


def test_a_relative_profile_has_its_cache_below_the_cache_root(tmp_path: Path) -> None:
    root = profile_root(tmp_path / "root", {"Profiles/ab.default": "a", "Profiles/cd.x": "b"})
    cache = tmp_path / "cache" / "Profiles" / "ab.default"
    cache.mkdir(parents=True)
    found = find_profiles(root_at(root, tmp_path / "cache")).profiles
    assert [one.cache_path for one in found] == [cache, root / "Profiles" / "cd.x"]


@pytest.mark.parametrize("comment", ["", "// "])
def test_a_preference_moves_the_cache_but_a_comment_does_not(tmp_path: Path, comment: str) -> None:
    root = profile_root(tmp_path / "root", {"ab.default": "a"})
    cache = tmp_path / "cache" / "ab.default"
    moved = tmp_path / 'on a "RAM" disk'
    for directory in (cache, moved):
        directory.mkdir(parents=True)
    line = f'user_pref("browser.cache.disk.parent_directory", {json.dumps(str(moved))});\n'
    (root / "ab.default" / "prefs.js").write_text(f"// prefs\n{comment}{line}", encoding="utf-8")
    (profile,) = find_profiles(root_at(root, tmp_path / "cache")).profiles
    assert profile.cache_path == cache
    assert profile.moved_cache == (None if comment else moved)


def test_a_cache_that_was_moved_to_nowhere_is_where_it_always_is(tmp_path: Path) -> None:
    root = profile_root(tmp_path / "root", {"ab.default": "a"})
    line = 'user_pref("browser.cache.disk.parent_directory", "/not/there");'
    (root / "ab.default" / "prefs.js").write_text(line, encoding="utf-8")
    assert find_profiles(root_at(root)).profiles[0].cache_path == root / "ab.default"


def test_installs_name_profiles_too(tmp_path: Path) -> None:
    root = profile_root(tmp_path, {"ab.default": "default"})
    for name in ("cd.by-installs", "ef.by-profiles-ini"):
        firefox_profile(root / name)
    (root / "installs.ini").write_text(
        "[4F96D1932A9F858E]\nDefault=cd.by-installs\nLocked=1\n\n[X]\nDefault=ab.default\n",
        encoding="utf-8",
    )
    with (root / "profiles.ini").open("a", encoding="utf-8") as ini:
        ini.write("\n[Install4F96D1932A9F858E]\nDefault=ef.by-profiles-ini\nLocked=1\n")
    found = find_profiles(root_at(root)).profiles
    assert {one.directory: one.name for one in found} == {
        "ab.default": "default",
        "cd.by-installs": "cd.by-installs",
        "ef.by-profiles-ini": "ef.by-profiles-ini",
    }


def test_an_ini_with_a_byte_order_mark_and_stray_lines_is_read(tmp_path: Path) -> None:
    root = profile_root(tmp_path, {"ab.default": "default"})
    text = (root / "profiles.ini").read_text(encoding="utf-8")
    (root / "profiles.ini").write_text(f"\ufeff{text}\nstray\n[Profile0]\nName=again", "utf-8")
    found = find_profiles(root_at(root))
    assert [(one.directory, one.name) for one in found.profiles] == [("ab.default", "again")]
    assert found.problems == ()


def test_profiles_of_a_group_are_found_and_named(tmp_path: Path) -> None:
    root = profile_root(tmp_path, {"ab.default": "default-release"})
    firefox_profile(root / "cd.work")
    group(root, {"ab.default": "Home", "cd.work": "Work", "ef.gone": "Gone"}).close()
    found = find_profiles(root_at(root)).profiles
    assert {one.directory: one.name for one in found} == {"ab.default": "Home", "cd.work": "Work"}


def test_reading_a_group_changes_nothing_and_sees_what_is_only_in_its_log(tmp_path: Path) -> None:
    root = profile_root(tmp_path, {})
    firefox_profile(root / "cd.work")
    connection = group(root, {})
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("INSERT INTO Profiles (path, name) VALUES ('cd.work', 'Work')")
    connection.commit()
    assert (root / "Profile Groups" / "e2ba0ebd.sqlite-wal").stat().st_size > 0
    before = files_below(root)
    assert [one.name for one in find_profiles(root_at(root)).profiles] == ["Work"]
    assert files_below(root) == before
    connection.close()
    before = files_below(root)
    assert "Profile Groups/e2ba0ebd.sqlite-wal" not in before
    assert [one.name for one in find_profiles(root_at(root)).profiles] == ["Work"]
    assert files_below(root) == before


def test_a_damaged_group_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    root = profile_root(tmp_path, {"ab.default": "default"})
    firefox_profile(root / "cd.work")
    (root / "Profile Groups").mkdir()
    (root / "Profile Groups" / "x.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    (root / "Profile Groups" / "y.sqlite").write_bytes(b"")
    group(root, {"cd.work": "Work"}, "z").close()
    make_schema_odd(root / "Profile Groups" / "z.sqlite")
    found = find_profiles(root_at(root))
    assert [one.directory for one in found.profiles] == ["ab.default", "cd.work"]
    assert [problem.path for problem in found.problems] == [
        root / "Profile Groups" / "x.sqlite",
        root / "Profile Groups" / "y.sqlite",
        root / "Profile Groups" / "z.sqlite",
    ]


@pytest.mark.parametrize("section", ["Profile7", "Install0"])
def test_what_can_be_no_path_is_no_profile_and_the_rest_goes_on(
    tmp_path: Path, section: str
) -> None:
    root = profile_root(tmp_path, {"ab.default": "default"})
    key = "Path" if section.startswith("Profile") else "Default"
    with (root / "profiles.ini").open("a", encoding="utf-8") as ini:
        ini.write(f"\n[{section}]\nIsRelative=1\n{key}=cd.\0default\n")
    group(root, {"ef.\0default": "Odd"}).close()
    found = find_profiles(root_at(root))
    assert [one.directory for one in found.profiles] == ["ab.default"]
    assert found.problems == ()


def test_a_damaged_list_is_told_and_the_files_decide(tmp_path: Path) -> None:
    firefox_profile(tmp_path / "ab.default")
    firefox_profile(tmp_path / "Profiles" / "cd.default")
    (tmp_path / "Crash Reports").mkdir()
    (tmp_path / "profiles.ini").write_bytes(b"\xff\xfe\x00")
    found = find_profiles(root_at(tmp_path))
    assert [one.directory for one in found.profiles] == ["ab.default", "cd.default"]
    (problem,) = found.problems
    assert str(tmp_path / "profiles.ini") in problem.message


def test_a_missing_list_is_told_only_where_profiles_are(tmp_path: Path) -> None:
    assert find_profiles(root_at(tmp_path)).problems == ()
    firefox_profile(tmp_path / "ab.default")
    found = find_profiles(root_at(tmp_path))
    assert [one.directory for one in found.profiles] == ["ab.default"]
    assert [problem.code for problem in found.problems] == ["profile-list-unreadable"]


@pytest.mark.parametrize("section", ["Profile7", "Install0"])
def test_a_list_cannot_lead_out_of_its_directory(tmp_path: Path, section: str) -> None:
    root = profile_root(tmp_path / "root", {"ab.default": "default"})
    firefox_profile(tmp_path / "outside")
    key = "Path" if section.startswith("Profile") else "Default"
    with (root / "profiles.ini").open("a", encoding="utf-8") as ini:
        ini.write(f"\n[{section}]\nIsRelative=1\n{key}=../outside\n")
    found = find_profiles(root_at(root))
    assert "outside" not in {one.directory for one in found.profiles}
    assert [problem.code for problem in found.problems] == ["profile-outside"]


def test_a_path_is_absolute_only_if_it_says_so(tmp_path: Path) -> None:
    root = profile_root(tmp_path / "root", {"ab.default": "default"})
    outside = firefox_profile(tmp_path / "outside")
    with (root / "profiles.ini").open("a", encoding="utf-8") as ini:
        ini.write(f"\n[Profile7]\nIsRelative=1\nPath={outside}\n")
    found = find_profiles(root_at(root))
    assert "outside" not in {one.directory for one in found.profiles}
    assert "profile-outside" in {problem.code for problem in found.problems}


def test_one_directory_listed_twice_is_one_profile(tmp_path: Path) -> None:
    root = profile_root(tmp_path, {"ab.default": "default"})
    with (root / "profiles.ini").open("a", encoding="utf-8") as ini:
        ini.write(f"\n[Profile9]\nName=again\nIsRelative=0\nPath={root / 'ab.default'}\n")
    (profile,) = find_profiles(root_at(root)).profiles
    assert profile.name == "default"
