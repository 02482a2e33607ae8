import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.browsers.model import Brand, Engine, Place, Platform
from loginfix.browsers.places import Home, below, this_platform, unknown_placeholder

VARIABLES = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "APPDATA", "LOCALAPPDATA")


def test_the_current_home_is_moved_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in VARIABLES:
        monkeypatch.setenv(variable, str(tmp_path / variable))
    home = Home.current()
    assert home.platform is this_platform()
    assert home.path == Path.home()
    assert home.expand("{config}/a") == tmp_path / "XDG_CONFIG_HOME" / "a"
    assert home.expand("{cache}") == tmp_path / "XDG_CACHE_HOME"
    assert home.expand("{appdata}") == tmp_path / "APPDATA"
    assert home.expand("{localappdata}") == tmp_path / "LOCALAPPDATA"


def test_a_relative_or_empty_variable_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.setenv(variable, "" if variable == "XDG_CACHE_HOME" else "somewhere")
    home = Home.current()
    assert home.config == Path.home() / ".config"
    assert home.cache == Path.home() / ".cache"


def test_a_named_home_ignores_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in VARIABLES:
        monkeypatch.setenv(variable, "/elsewhere")
    home = Home.at(tmp_path)
    expected = {
        "{home}/snap": "snap",
        "{config}/chromium": ".config/chromium",
        "{cache}/chromium": ".cache/chromium",
        "{appdata}/Mozilla": "AppData/Roaming/Mozilla",
        "{localappdata}/Google": "AppData/Local/Google",
        "{appsupport}/Firefox": "Library/Application Support/Firefox",
        "{caches}/Firefox": "Library/Caches/Firefox",
    }
    assert {template: home.expand(template) for template in expected} == {
        template: tmp_path / relative for template, relative in expected.items()
    }


def test_a_named_home_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Home.at(Path("somebody")).path == tmp_path / "somebody"


def test_only_the_places_of_the_platform_become_roots(tmp_path: Path) -> None:
    brand = Brand(
        id="mine",
        name="Mine",
        engine=Engine.CHROMIUM,
        processes={Platform.MACOS: ("Mine",), Platform.LINUX: ("mine",)},
        places=(
            Place(Platform.LINUX, "native", "", "{config}/mine", "{cache}/mine"),
            Place(Platform.MACOS, "native", "beta", "{appsupport}/Mine Beta", ""),
        ),
    )
    (root,) = Home.at(tmp_path, Platform.MACOS).roots(brand)
    assert root.data == tmp_path / "Library/Application Support/Mine Beta"
    assert root.cache is None
    assert (root.brand_name, root.channel) == ("Mine Beta", "beta")
    assert root.process_names == ("Mine",)


def test_an_unknown_placeholder_is_found() -> None:
    assert unknown_placeholder("{config}/x/{nope}") == "{nope}"
    assert unknown_placeholder("{home}/x") is None


@pytest.mark.parametrize(
    "relative",
    ["..", "../x", "a/../../x", "/etc", "C:\\x", "C:x", "\\\\host\\share", "a\\..\\..\\x", "", "."],
)
def test_a_path_that_leads_out_is_refused(relative: str) -> None:
    assert below(Path("/home/me/.config/chromium"), relative) is None


@given(st.text())
def test_what_is_accepted_stays_below(relative: str) -> None:
    directory = Path("/base/directory")
    path = below(directory, relative)
    if path is not None:
        assert Path(os.path.normpath(path)).is_relative_to(directory)
        assert os.path.normpath(path) != str(directory)
