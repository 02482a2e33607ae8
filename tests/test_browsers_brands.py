from pathlib import Path

import pytest

from loginfix.browsers.brands import load_brands
from loginfix.browsers.model import Engine, Platform
from loginfix.data import data_root
from loginfix.errors import ConfigurationError

GOOD = """
name = "Mine"
engine = "chromium"
[processes]
linux = ["mine"]
[[places]]
os = "linux"
packaging = "native"
data = "{config}/mine"
cache = "{cache}/mine"
"""


def write(directory: Path, name: str, text: str) -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_browsers_people_use_are_known() -> None:
    assert {brand.id for brand in load_brands()} == {
        *("chrome", "chromium", "edge", "brave", "vivaldi", "opera", "opera-gx", "arc"),
        *("firefox", "librewolf", "waterfox", "zen", "floorp", "mullvad", "tor-browser"),
    }


def test_a_brand_is_what_its_file_says(tmp_path: Path) -> None:
    write(tmp_path, "mine.toml", GOOD)
    brand = next(brand for brand in load_brands(tmp_path) if brand.id == "mine")
    assert (brand.name, brand.engine) == ("Mine", Engine.CHROMIUM)
    assert brand.processes == {Platform.LINUX: ("mine",)}
    assert [(place.data, place.channel) for place in brand.places] == [("{config}/mine", "")]


def test_every_brand_has_process_names_for_every_platform_it_is_on() -> None:
    for brand in load_brands():
        assert set(brand.processes) == {place.platform for place in brand.places}, brand.id
        assert all(brand.processes.values()), brand.id


def test_no_two_brands_claim_the_same_directory() -> None:
    claimed = [(place.platform, place.data) for brand in load_brands() for place in brand.places]
    assert len(claimed) == len(set(claimed))


def test_a_file_of_the_same_name_replaces_ours(tmp_path: Path) -> None:
    ours = {brand.id for brand in load_brands()}
    write(tmp_path, "chrome.toml", GOOD)
    brands = {brand.id: brand for brand in load_brands(tmp_path)}
    assert set(brands) == ours
    assert brands["chrome"].name == "Mine"


def test_a_user_directory_that_does_not_exist_changes_nothing(tmp_path: Path) -> None:
    assert load_brands(tmp_path / "none") == load_brands()


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ("name = ?", "line 1"),
        (GOOD.replace('name = "Mine"', ""), "name"),
        (GOOD.replace('"chromium"', '"webkit"'), "engine"),
        (GOOD.replace('os = "linux"', 'os = "beos"'), r"places\[1\].os"),
        (GOOD.replace('packaging = "native"', ""), r"places\[1\].packaging"),
        (GOOD.replace("{config}", "{confg}"), r"places\[1\].data.*{confg}"),
        (GOOD.replace("{cache}", "{cach}"), r"places\[1\].cache.*{cach}"),
        (GOOD.replace("cache =", "cahce ="), r"places\[1\].cahce"),
        (GOOD.replace("cache =", "channel = 1 #"), r"places\[1\].channel"),
        (GOOD.replace('["mine"]', '"mine"'), r"processes.linux"),
        (GOOD.replace("linux = [", "beos = ["), r"processes.beos"),
        (GOOD.replace("[processes]\nlinux", "processes"), "processes"),
        (GOOD.partition("[[places]]")[0], "places"),
        ("icon = 1\n" + GOOD, "icon"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_key(tmp_path: Path, wrong: str, key: str) -> None:
    path = write(tmp_path, "mine.toml", wrong)
    with pytest.raises(ConfigurationError, match=key) as caught:
        load_brands(tmp_path)
    assert str(path) in caught.value.message
    assert caught.value.path == path
    assert "move" in caught.value.next_step


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match=r"mine\.toml"):
        load_brands(tmp_path)


def test_the_reference_page_names_every_brand_and_place() -> None:
    page = data_root().parent / "docs" / "reference" / "browsers.md"
    text = page.read_text(encoding="utf-8")
    for brand in load_brands():
        for name in (f"`{brand.id}`", brand.name, *(f"`{place.data}`" for place in brand.places)):
            assert name in text, name
