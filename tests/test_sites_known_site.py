import sys
from pathlib import Path

import pytest

from loginfix.errors import ConfigurationError
from loginfix.sites.known_site import read_known_site
from loginfix.sites.site import Entry

GROUP = '[groups.main]\ntitle = "Main"\ndomains = ["shop.com"]\n'
GOOD = 'title = "Shop"\n' + GROUP


def write(directory: Path, text: str, name: str = "shop.toml") -> Path:
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_becomes_a_site(tmp_path: Path) -> None:
    text = """
        title = "Shop"
        title_ja = "ショップ"
        never_by_suffix = ["hosting.net"]
        [groups.main]
        title = "Main"
        title_ja = "本店"
        domains = ["Shop.com", "bücher.example"]
        [groups.extra-things]
        title = "Extra"
        default = false
        hosts = ["d1.hosting.net", "10.0.0.1"]
        public_suffixes = ["アマゾン"]
    """
    site = read_known_site(write(tmp_path, text))
    assert (site.name, site.title, site.title_ja) == ("shop", "Shop", "ショップ")
    assert site.never_by_suffix == ("hosting.net",)
    assert site.group_keys == ("main", "extra-things")
    assert site.groups[0].default
    assert site.groups[1].title_ja == "Extra"
    assert site.default_domains == ("shop.com", "xn--bcher-kva.example")
    assert site.rules.selected == {"main"}
    assert site.rules.entries == {
        Entry("shop.com", "main"),
        Entry("xn--bcher-kva.example", "main"),
        Entry("d1.hosting.net", "extra-things", exact=True),
        Entry("10.0.0.1", "extra-things", exact=True),
        Entry("xn--cckwcxetd", "extra-things"),
    }


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("title = ", "not valid TOML"),
        (GROUP, "title must be text"),
        ("title = 3\n" + GROUP, "title must be text"),
        ('title = "Shop"\n', "groups has no groups"),
        ('title = "Shop"\ngroups = 3\n', "groups has no groups"),
        ('title = "Shop"\ngroups.main = 3\n', "groups.main must be a table"),
        ('title = "Shop"\ncolour = "red"\n' + GROUP, "colour is not known"),
        (GOOD + 'domain = ["a.com"]\n', "groups.main.domain is not known"),
        (GOOD + 'default = "yes"\n', "groups.main.default must be true or false"),
        (GOOD + 'hosts = "a.com"\n', "groups.main.hosts must be a list"),
        (GOOD + "hosts = [3]\n", "groups.main.hosts has 3"),
        (GOOD + 'hosts = ["https://a.com"]\n', "groups.main.hosts has 'https://a.com'"),
        (GOOD.replace("shop.com", "co.jp"), "groups.main.domains has co.jp, a public suffix"),
        (GOOD.replace("shop.com", "10.0.0.1"), "groups.main.domains has the IP address"),
        (GOOD.replace("groups.main", 'groups."My Group"'), "groups.My Group is not a usable"),
        ('title = "Shop"\n[groups.main]\ntitle = "Main"\n', "groups.main names no domain"),
        (
            GOOD + GROUP.replace("groups.main", "groups.again"),
            "shop.com is in two groups, main and again",
        ),
    ],
)
def test_a_file_with_a_mistake_is_refused_by_name_and_key(
    tmp_path: Path, text: str, named: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigurationError) as caught:
        read_known_site(path)
    assert caught.value.message.startswith(f"{path}: ")
    assert named in caught.value.message
    assert caught.value.next_step
    assert caught.value.path == path


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="not valid TOML"):
        read_known_site(path)


def test_a_file_with_an_impossible_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be the name of a site"):
        read_known_site(write(tmp_path, GOOD, "My Shop.toml"))


@pytest.mark.skipif(sys.platform == "win32", reason="a directory opens differently there")
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.mkdir()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_known_site(path)
