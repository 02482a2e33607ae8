"""A recorded Chromium profile in the layout of every brand on every system, cleared and restored.

The files are the recorded ones; where a brand and a system put them is what is tried here. On
Windows the network service's files are in a folder of their own and caches are inside the profile,
Opera's user data directory is itself a profile and holds further ones.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from databases import dump
from loginfix.browsers.brands import load_brands
from loginfix.browsers.installed import find_profiles
from loginfix.browsers.model import Brand, Engine, Platform, Profile
from loginfix.browsers.places import Home
from loginfix.clearing.clear import clear
from loginfix.clearing.plan import Request, make_plan
from loginfix.clearing.restore import restore
from loginfix.directories import Directories
from loginfix.sites.catalog import load_catalog
from oracle import Oracle
from recorder.recordings import Recording, unpack

BRANDS = [brand for brand in load_brands() if brand.engine is Engine.CHROMIUM]
LAYOUTS = [
    pytest.param(brand, platform, id=f"{brand.id}-{platform.value}")
    for brand in BRANDS
    for platform in sorted({place.platform for place in brand.places})
]
NETWORK = ("Cookies", "Reporting and NEL", "Trust Tokens", "TransportSecurity")
DATABASES = ("History", "Favicons", "DIPS", "Network Action Predictor", *NETWORK[:3])
# Recorded without a row, and the tables in which a bare name is always whose row it is.
EMPTY = ("Network Action Predictor", "Trust Tokens")
KEYED = {"bounces", "icon_mapping", "nel_policies", "urls"}
LEFT_OUT = ("IndexedDB", "Service Worker", "File System", "WebStorage", "Code Cache")
# What brands add: gone where it names the site, and what the person collected, which stays.
GOES = {
    "suggestions_cache.json": b'[["ama", "https://www.amazon.co.jp/"]]',
    "load_statistics.db": b"\x00www.amazon.com\x03",
    "EdgeCoupons/coupons_data.db/000003.log": b"\x01coupons of www.amazon.com\x01",
    "DownloadMetadata": b"\x0a\x2bhttps://www.amazon.com/download/invoice.bin",
}
STAYS = {
    "Collections/collectionsSQLite": b"see www.amazon.com",
    "Notes": b'{"url": "https://www.amazon.com/"}',
    "publisher_info_db": b"www.amazon.com",
    "Calendar": b"www.amazon.com",
}


@dataclass(frozen=True)
class Layout:
    """A home of one brand on one system, with as many profiles as it lays out."""

    brand: Brand
    platform: Platform
    home: Home
    oracle: Oracle

    def profiles(self) -> list[Profile]:
        found = find_profiles(self.home, BRANDS)
        assert found.problems == ()
        return list(found.profiles)

    def build(self) -> None:
        root = self.home.roots(self.brand)[0]
        recorded = self.oracle.recording
        root.data.mkdir(parents=True)
        shutil.copytree(
            recorded.user_data / "segmentation_platform", root.data / "segmentation_platform"
        )
        opera = self.brand.id.startswith("opera")
        places = [Path(), Path("_side_profiles/work")] if opera else [Path("Default")]
        if not opera:
            shutil.copy2(recorded.user_data / "Local State", root.data)
        for place in places:
            self._profile(root.data / place, (root.cache or root.data) / place)

    def _profile(self, profile: Path, cache: Path) -> None:
        recorded = self.oracle.recording
        # The recording has no row in this one either; this is another Chromium 156's.
        reporting = Path(__file__).parent / "data/stores/reporting-156.sqlite"
        ignored = shutil.ignore_patterns(*LEFT_OUT)
        shutil.copytree(recorded.profile, profile, ignore=ignored, dirs_exist_ok=True)
        shutil.copyfile(reporting, profile / "Reporting and NEL")
        (cache / "Cache").mkdir(parents=True, exist_ok=True)
        shutil.copytree(recorded.cache / "Cache/Cache_Data", cache / "Cache/Cache_Data")
        for name, content in {**GOES, **STAYS}.items():
            (profile / name).parent.mkdir(parents=True, exist_ok=True)
            (profile / name).write_bytes(content)
        if self.platform is Platform.WINDOWS:
            (profile / "Network").mkdir()
            for name in NETWORK:
                for file in profile.glob(f"{name}*"):
                    file.rename(profile / "Network" / file.name)
        partition = profile / "Storage/ext/abcdefgh/def"
        partition.mkdir(parents=True)
        for name in ("Cookies", "DIPS"):
            shutil.copy2(recorded.profile / name, partition / name)


def databases(profile: Path) -> list[Path]:
    places = ("", "Network/", "Storage/ext/abcdefgh/def/")
    paths = [profile / f"{place}{name}" for place in places for name in DATABASES]
    return [path for path in paths if path.exists()]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """The recorded profile that all layouts are made of."""
    return unpack("chromium-156", tmp_path_factory.mktemp("recorded"))


def entries(profile: Profile) -> int:
    return len([*(profile.cache_path / "Cache/Cache_Data").glob("*_0")])


@pytest.mark.parametrize(("brand", "platform"), LAYOUTS)
def test_a_profile_is_found_cleared_and_restored_wherever_it_lies(
    brand: Brand, platform: Platform, recording: Recording, tmp_path: Path
) -> None:
    layout = Layout(brand, platform, Home.at(tmp_path / "home", platform), Oracle(recording))
    layout.build()
    profiles = layout.profiles()
    assert len(profiles) == (2 if brand.id.startswith("opera") else 1)
    assert {profile.brand for profile in profiles} == {brand.id}
    before = {
        path: dump(path, tmp_path / "dump")
        for profile in profiles
        for path in databases(profile.path)
    }
    assert len(before) == (len(DATABASES) + 2) * len(profiles)
    cached = entries(profiles[0])
    directories = Directories.at(tmp_path / "own")
    result = clear(make_plan(Request(load_catalog().resolve("amazon")), profiles), directories)
    assert result.problems == ()
    assert len(result.cleared) == len(profiles)
    for profile in profiles:
        for path in databases(profile.path):
            assert layout.oracle.unexplained(path) == {}, path
            after = dump(path, tmp_path / "dump")
            assert (after == before[path]) == (path.name in EMPTY), path
            for table in KEYED.intersection(after):
                assert not any(map(layout.oracle.names_target, sum(after[table], ()))), path
            for table, rows in after.items():
                assert all(row in before[path][table] for row in rows), (path, table)
        assert not any((profile.path / name).exists() for name in GOES)
        assert {name: (profile.path / name).read_bytes() for name in STAYS} == STAYS
        assert 30 < entries(profile) < cached
        network = profile.path / ("Network" if platform is Platform.WINDOWS else "")
        assert len(json.loads((network / "TransportSecurity").read_bytes())["sts"]) > 3
    restored = restore(None, directories, profiles)
    assert restored.problems == ()
    assert {path: dump(path, tmp_path / "dump") for path in before} == before
    for profile in profiles:
        assert {name: (profile.path / name).read_bytes() for name in GOES} == GOES
        assert entries(profile) == cached
