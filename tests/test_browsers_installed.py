import os
from pathlib import Path

import pytest

from fake_browsers import chromium_profile, firefox_profile, profile_root, user_data
from loginfix.browsers import installed
from loginfix.browsers.brands import load_brands
from loginfix.browsers.installed import find_profiles, profile_at
from loginfix.browsers.model import Brand, Engine, Place, Platform
from loginfix.browsers.places import Home
from loginfix.errors import ProfileUnreadableError, UsageError

BRANDS = load_brands()
PLACES = [
    pytest.param(brand, place, id=f"{brand.id}-{place.platform}-{place.packaging}-{place.data}")
    for brand in BRANDS
    for place in brand.places
]

# What the reference says, spelled out: brand, platform, packaging, data and cache below the home.
DOCUMENTED = """
chrome    linux   native  .config/google-chrome
                          .cache/google-chrome
chrome    linux   flatpak .var/app/com.google.Chrome/config/google-chrome
                          .var/app/com.google.Chrome/cache/google-chrome
chrome    macos   native  Library/Application Support/Google/Chrome
                          Library/Caches/Google/Chrome
chrome    windows native  AppData/Local/Google/Chrome/User Data
                          -
chromium  linux   native  .config/chromium
                          .cache/chromium
chromium  linux   snap    snap/chromium/common/chromium
                          snap/chromium/common/.cache/chromium
chromium  linux   flatpak .var/app/org.chromium.Chromium/config/chromium
                          .var/app/org.chromium.Chromium/cache/chromium
edge      windows native  AppData/Local/Microsoft/Edge/User Data
                          -
brave     linux   native  .config/BraveSoftware/Brave-Browser
                          .cache/BraveSoftware/Brave-Browser
brave     macos   native  Library/Application Support/BraveSoftware/Brave-Browser
                          Library/Caches/BraveSoftware/Brave-Browser
vivaldi   windows native  AppData/Local/Vivaldi/User Data
                          -
opera     windows native  AppData/Roaming/Opera Software/Opera Stable
                          AppData/Local/Opera Software/Opera Stable
opera-gx  windows native  AppData/Roaming/Opera Software/Opera GX Stable
                          AppData/Local/Opera Software/Opera GX Stable
arc       macos   native  Library/Application Support/Arc/User Data
                          Library/Caches/Arc/User Data
firefox   linux   native  .mozilla/firefox
                          .cache/mozilla/firefox
firefox   linux   native  .config/mozilla/firefox
                          .cache/mozilla/firefox
firefox   linux   snap    snap/firefox/common/.mozilla/firefox
                          snap/firefox/common/.cache/mozilla/firefox
firefox   linux   flatpak .var/app/org.mozilla.firefox/.mozilla/firefox
                          .var/app/org.mozilla.firefox/cache/mozilla/firefox
firefox   linux   flatpak .var/app/org.mozilla.firefox/config/mozilla/firefox
                          .var/app/org.mozilla.firefox/cache/mozilla/firefox
firefox   macos   native  Library/Application Support/Firefox
                          Library/Caches/Firefox
firefox   windows native  AppData/Roaming/Mozilla/Firefox
                          AppData/Local/Mozilla/Firefox
firefox   windows store   AppData/Local/Packages/Mozilla.Firefox_n80bbvh6b1yt2/LocalCache/Roaming/Mozilla/Firefox
                          AppData/Local/Packages/Mozilla.Firefox_n80bbvh6b1yt2/LocalCache/Local/Mozilla/Firefox
librewolf windows store   AppData/Local/Packages/31856maltejur.LibreWolf_ssmwz6s360tct/LocalCache/Roaming/librewolf
                          AppData/Local/Packages/31856maltejur.LibreWolf_ssmwz6s360tct/LocalCache/Local/librewolf
librewolf linux   native  .config/librewolf/librewolf
                          .cache/librewolf/librewolf
waterfox  linux   native  .waterfox
                          .cache/waterfox
zen       linux   native  .config/zen
                          .cache/zen
zen       linux   flatpak .var/app/app.zen_browser.zen/config/zen
                          .var/app/app.zen_browser.zen/cache/zen
floorp    windows native  AppData/Roaming/Floorp
                          AppData/Local/Floorp
""".strip().splitlines()  # noqa: E501  long paths stay whole


def documented() -> list[tuple[str, str, str, str, str]]:
    rows = []
    for data_line, cache_line in zip(DOCUMENTED[::2], DOCUMENTED[1::2], strict=True):
        brand, platform, packaging, data = data_line.split(maxsplit=3)
        rows.append((brand, platform, packaging, data, cache_line.strip()))
    return rows


def put(engine: Engine, data: Path, directory: str) -> None:
    if engine is Engine.CHROMIUM:
        user_data(data, {directory: "Anna"})
    else:
        profile_root(data, {directory: "Anna"})


@pytest.mark.parametrize(("brand", "place"), PLACES)
def test_every_place_of_every_brand_is_found(tmp_path: Path, brand: Brand, place: Place) -> None:
    home = Home.at(tmp_path, place.platform)
    directory = "Default" if brand.engine is Engine.CHROMIUM else "ab12.default-release"
    put(brand.engine, home.expand(place.data), directory)
    expected = home.expand(place.data) / directory
    if place.cache:
        expected = home.expand(place.cache) / directory
        expected.mkdir(parents=True)
    found = find_profiles(home, BRANDS)
    assert [one.path for one in found.profiles] == [home.expand(place.data) / directory]
    (profile,) = found.profiles
    assert (profile.brand, profile.packaging) == (brand.id, place.packaging)
    assert profile.channel == place.channel
    assert profile.cache_path == expected
    assert profile.process_names == brand.processes[place.platform]
    assert found.problems == ()


@pytest.mark.parametrize(("brand", "platform", "packaging", "data", "cache"), documented())
def test_documented_places_are_where_the_reference_says(
    tmp_path: Path, brand: str, platform: str, packaging: str, data: str, cache: str
) -> None:
    engine = next(one.engine for one in BRANDS if one.id == brand)
    put(engine, tmp_path / data, "Default")
    expected = tmp_path / data / "Default"
    if cache != "-":
        expected = tmp_path / cache / "Default"
        expected.mkdir(parents=True)
    found = find_profiles(Home.at(tmp_path, Platform(platform)), BRANDS).profiles
    assert [(one.brand, one.packaging, one.cache_path) for one in found] == [
        (brand, packaging, expected)
    ]


def test_copies_that_a_change_of_packaging_left_are_all_found(tmp_path: Path) -> None:
    profile_root(tmp_path / ".mozilla/firefox", {"a.default": "deb"})
    profile_root(tmp_path / ".config/mozilla/firefox", {"b.default": "xdg"})
    profile_root(tmp_path / "snap/firefox/common/.mozilla/firefox", {"c.default": "snap"})
    user_data(tmp_path / ".config/chromium", {"Default": "deb"})
    user_data(tmp_path / "snap/chromium/common/chromium", {"Default": "snap"})
    found = find_profiles(Home.at(tmp_path, Platform.LINUX), BRANDS).profiles
    assert {one.id: one.name for one in found} == {
        "firefox/a.default": "deb",
        "firefox/b.default": "xdg",
        "firefox@snap/c.default": "snap",
        "chromium/Default": "deb",
        "chromium@snap/Default": "snap",
    }


def test_channels_have_ids_and_names_of_their_own(tmp_path: Path) -> None:
    for directory in ("google-chrome", "google-chrome-beta"):
        user_data(tmp_path / ".config" / directory, {"Default": "Anna"})
    found = find_profiles(Home.at(tmp_path, Platform.LINUX), BRANDS).profiles
    assert {one.id: one.label for one in found} == {
        "chrome/Default": "Google Chrome (Anna)",
        "chrome-beta/Default": "Google Chrome Beta (Anna)",
    }


def test_one_directory_reached_twice_counts_once(tmp_path: Path) -> None:
    profile_root(tmp_path / ".mozilla/firefox", {"a.default": "me"})
    (tmp_path / ".config/mozilla").mkdir(parents=True)
    (tmp_path / ".config/mozilla/firefox").symlink_to(tmp_path / ".mozilla/firefox")
    (profile,) = find_profiles(Home.at(tmp_path, Platform.LINUX), BRANDS).profiles
    assert profile.user_data == tmp_path / ".mozilla/firefox"


def test_other_platforms_are_not_looked_at(tmp_path: Path) -> None:
    user_data(tmp_path / "AppData/Local/Google/Chrome/User Data", {"Default": "Anna"})
    assert find_profiles(Home.at(tmp_path, Platform.LINUX), BRANDS).profiles == ()


def test_only_keeps_a_brand_or_one_of_its_channels(tmp_path: Path) -> None:
    for directory in ("google-chrome", "google-chrome-beta", "chromium"):
        user_data(tmp_path / ".config" / directory, {"Default": "Anna"})
    home = Home.at(tmp_path, Platform.LINUX)

    def ids(*only: str) -> set[str]:
        return {one.id for one in find_profiles(home, BRANDS, only=only).profiles}

    assert ids("chrome") == {"chrome/Default", "chrome-beta/Default"}
    assert ids("chrome-beta", "chromium") == {"chrome-beta/Default", "chromium/Default"}
    assert ids("firefox") == set()


def test_an_unknown_brand_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'netscape'") as caught:
        find_profiles(Home.at(tmp_path), BRANDS, only=("chrome", "netscape"))
    assert "chrome-beta" in caught.value.next_step
    assert "librewolf" in caught.value.next_step


def test_an_unreadable_directory_is_named_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".config/chromium").mkdir(parents=True)
    user_data(tmp_path / ".config/vivaldi", {"Default": "Anna"})
    real = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "chromium":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find_profiles(Home.at(tmp_path, Platform.LINUX), BRANDS)
    assert [one.brand for one in found.profiles] == ["vivaldi"]
    (problem,) = found.problems
    assert problem.code == "profile-unreadable"
    assert problem.path == tmp_path / ".config/chromium"
    assert "Permission denied" in problem.message


class TestAGivenDirectory:
    @pytest.fixture
    def home(self, tmp_path: Path) -> Home:
        return Home.at(tmp_path / "home", Platform.LINUX)

    def test_can_be_a_user_data_directory(self, tmp_path: Path, home: Home) -> None:
        data = user_data(tmp_path / "ud", {"Default": "Anna", "Profile 1": "Work"})
        found = profile_at(data, home, BRANDS).profiles
        assert [(one.engine, one.name, one.user_data) for one in found] == [
            (Engine.CHROMIUM, "Anna", data),
            (Engine.CHROMIUM, "Work", data),
        ]
        assert found[0].packaging == installed.GIVEN
        assert {"chrome", "msedge.exe", "Brave Browser"} <= set(found[0].process_names)
        assert "firefox" not in found[0].process_names

    def test_can_be_a_profile_root(self, tmp_path: Path, home: Home) -> None:
        root = profile_root(tmp_path / "root", {"ab.default": "me"})
        (profile,) = profile_at(root, home, BRANDS).profiles
        assert (profile.engine, profile.name) == (Engine.FIREFOX, "me")
        assert profile.cache_path == profile.path

    def test_can_be_one_chromium_profile(self, tmp_path: Path, home: Home) -> None:
        data = user_data(tmp_path / "ud", {"Default": "Anna", "Profile 1": "Work"})
        (profile,) = profile_at(data / "Profile 1", home, BRANDS).profiles
        assert (profile.path, profile.user_data) == (data / "Profile 1", data)

    def test_can_be_a_chromium_profile_that_stands_alone(self, tmp_path: Path, home: Home) -> None:
        path = chromium_profile(tmp_path / "copy")
        (profile,) = profile_at(path, home, BRANDS).profiles
        assert (profile.path, profile.user_data, profile.cache_path) == (path, path, path)

    @pytest.mark.parametrize(
        "name",
        ["prefs.js", "compatibility.ini", "places.sqlite", "cookies.sqlite", "times.json"],
    )
    def test_can_be_one_firefox_profile(self, tmp_path: Path, home: Home, name: str) -> None:
        path = tmp_path / "mine"
        path.mkdir()
        (path / name).touch()
        (profile,) = profile_at(path, home, BRANDS).profiles
        assert (profile.engine, profile.path) == (Engine.FIREFOX, path)

    def test_below_a_known_place_belongs_to_its_brand(self, home: Home) -> None:
        data = user_data(home.path / ".config/vivaldi", {"Default": "Anna"})
        leftover = chromium_profile(data / "Profile 5")
        for name in ("Default", "Profile 5"):
            (home.path / ".cache/vivaldi" / name).mkdir(parents=True)
        (listed,) = profile_at(data / "Default", home, BRANDS).profiles
        (unlisted,) = profile_at(leftover, home, BRANDS).profiles
        assert (listed.brand, listed.name) == ("vivaldi", "Anna")
        assert listed.cache_path == home.path / ".cache/vivaldi/Default"
        assert (unlisted.brand, unlisted.path) == ("vivaldi", leftover)
        assert unlisted.cache_path == home.path / ".cache/vivaldi/Profile 5"
        (whole,) = profile_at(data, home, BRANDS).profiles
        assert whole == listed

    def test_below_a_known_firefox_root_has_its_outer_cache(self, home: Home) -> None:
        root = profile_root(home.path / ".mozilla/firefox", {"ab.default": "me"})
        leftover = firefox_profile(root / "cd.old")
        cache = home.path / ".cache/mozilla/firefox/cd.old"
        cache.mkdir(parents=True)
        (profile,) = profile_at(leftover, home, BRANDS).profiles
        assert (profile.brand, profile.cache_path) == ("firefox", cache)

    def test_without_a_readable_list_says_so(self, tmp_path: Path, home: Home) -> None:
        data = user_data(tmp_path / "ud", {"Default": "Anna"})
        (data / "Local State").write_text("{", encoding="utf-8")
        found = profile_at(data, home, BRANDS)
        assert [one.directory for one in found.profiles] == ["Default"]
        assert [one.code for one in found.problems] == ["profile-list-unreadable"]

    @pytest.mark.parametrize("kind", ["nothing", "file", "empty", "others"])
    def test_that_is_neither_is_refused(self, tmp_path: Path, home: Home, kind: str) -> None:
        path = tmp_path / "given"
        if kind == "file":
            path.touch()
        elif kind != "nothing":
            path.mkdir()
        if kind == "others":
            (path / "photos").mkdir()
            (path / "letter.txt").touch()
        with pytest.raises(ProfileUnreadableError) as caught:
            profile_at(path, home, BRANDS)
        assert str(path) in caught.value.message
        assert "Preferences" in caught.value.next_step

    def test_that_cannot_be_read_is_refused(
        self, tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_: Path) -> object:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "scandir", refuse)
        with pytest.raises(ProfileUnreadableError, match="Permission denied"):
            profile_at(tmp_path, home, BRANDS)
