import os
import sys
from pathlib import Path

import pytest

import fake_browsers
import synthetic
from loginfix.api import machine as machine_module
from loginfix.api.machine import Machine
from loginfix.browsers.model import Discovery, Profile
from loginfix.errors import NoBrowsersError, Problem, ProfileUnreadableError, UsageError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="homes in Linux' layout")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    synthetic.firefox(tmp_path, name="Private")
    fake_browsers.user_data(
        tmp_path / ".config" / "chromium", {"Default": "Person 1", "Profile 1": "Work"}
    )
    return tmp_path


def ids(profiles: tuple[Profile, ...]) -> list[str]:
    return sorted(each.id for each in profiles)


ALL = ["chromium/Default", "chromium/Profile 1", "firefox/ab12cd34.default"]


def test_without_names_every_profile_is_meant(home: Path) -> None:
    assert ids(Machine(home).profiles().profiles) == ALL


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Profile 1", ["chromium/Profile 1"]),
        ("work", ["chromium/Profile 1"]),
        ("chromium/Default", ["chromium/Default"]),
        ("Private", ["firefox/ab12cd34.default"]),
    ],
)
def test_a_profile_goes_by_its_directory_its_name_and_its_id(
    home: Path, name: str, expected: list[str]
) -> None:
    assert ids(Machine(home).profiles(names=[name]).profiles) == expected


def test_an_unknown_profile_is_refused_with_what_there_is(home: Path) -> None:
    with pytest.raises(UsageError) as caught:
        Machine(home).profiles(names=["Default", "Nobody"])
    assert "'Nobody'" in caught.value.message
    for name in (*ALL, "Work", "Private"):
        assert name in caught.value.next_step


def test_a_brand_narrows_and_an_unknown_one_is_refused(home: Path) -> None:
    assert ids(Machine(home).profiles(["firefox"]).profiles) == ["firefox/ab12cd34.default"]
    with pytest.raises(UsageError):
        Machine(home).profiles(["netscape"])


def test_a_home_without_browsers_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoBrowsersError):
        Machine(tmp_path).profiles()


def test_a_home_whose_only_browser_cannot_be_read_is_not_an_empty_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = Problem("profile-unreadable", "It cannot be read.", "Look.", tmp_path)
    found = Discovery(problems=(problem,))
    monkeypatch.setattr(machine_module, "find_profiles", lambda *_, **__: found)
    with pytest.raises(ProfileUnreadableError) as caught:
        Machine(tmp_path).profiles()
    assert caught.value.as_problem() == problem


def test_given_directories_are_looked_at_instead_of_the_usual_places(
    home: Path, tmp_path: Path
) -> None:
    unusual = fake_browsers.user_data(tmp_path / "unusual", {"Default": "Old"})
    found = Machine(home, (unusual, unusual / "Default")).profiles()
    assert [each.path for each in found.profiles] == [unusual / "Default"]


def test_a_given_directory_says_which_browser_it_is(home: Path) -> None:
    with pytest.raises(UsageError):
        Machine(home, (home,)).profiles(["chromium"])


def test_a_backup_finds_its_unusual_profiles_again(home: Path, tmp_path: Path) -> None:
    unusual = fake_browsers.chromium_profile(tmp_path / "unusual" / "Default")
    machine = Machine(home)
    found = machine.all_profiles([unusual, tmp_path / "gone", home / ".config/chromium/Default"])
    assert len(found) == 4
    assert unusual in {each.path for each in found}


def test_everything_of_another_home_is_below_it(tmp_path: Path) -> None:
    assert Machine(tmp_path).directories.backups.is_relative_to(tmp_path)
    assert Machine(tmp_path).directories.journal.is_relative_to(tmp_path)


def test_a_command_to_copy_names_the_other_home(tmp_path: Path) -> None:
    home = tmp_path / "another person"
    home.mkdir()
    assert Machine().command("restore", "one") == "loginfix restore one"
    quote = '"' if os.name == "nt" else "'"
    assert Machine(home).command("restore", "one") == (
        f"loginfix restore one --home {quote}{home}{quote}"
    )


def test_own_brand_files_add_to_the_known_ones(home: Path) -> None:
    brands = Machine(home).directories.config / "browsers"
    brands.mkdir(parents=True)
    brands.joinpath("mine.toml").write_text(
        'name = "Mine"\nengine = "chromium"\n'
        '[[places]]\nos = "linux"\npackaging = "deb"\ndata = "{home}/mine"\n',
        encoding="utf-8",
    )
    fake_browsers.user_data(home / "mine", {"Default": "Me"})
    assert "mine/Default" in ids(Machine(home).profiles().profiles)
