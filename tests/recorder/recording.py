"""Makes one recording: seed, tour, end, pack, read back, write the manifest."""

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from recorder import seeding
from recorder.cachekeys import cache2_keys, chromium_cache_keys
from recorder.cast import CAST
from recorder.chromium import Chromium
from recorder.contents import Contents
from recorder.firefox import Firefox
from recorder.probe import probe
from recorder.pruning import forget_driving, keep
from recorder.recordings import RECORDINGS, Manifest, pack, unpack
from recorder.tour import Stored, Tour
from recorder.web import Web

# A neutral place: browsers write absolute paths into profiles.
HOME = Path("/home/person")
CHROMIUM = Path(".config/chromium")
CHROMIUM_CACHE = Path(".cache/chromium/Default")
FIREFOX = Path(".mozilla/firefox")
FIREFOX_PROFILE = "k3x9q2ab.default-esr"
FIREFOX_CACHE = Path(".cache/mozilla/firefox") / FIREFOX_PROFILE
PROFILES_INI = f"""[Profile0]
Name=default-esr
IsRelative=1
Path={FIREFOX_PROFILE}
Default=1

[General]
StartWithLastProfile=1
Version=2
"""
# Forms in which Chromium may have things on disk: the cache of Windows, and what is all SQLite.
FLAVOURS = {
    "": (),
    "blockfile": ("DiskCacheBackendExperiment:backend/blockfile",),
    "sql": (
        "DiskCacheBackendExperiment:backend/sql",
        "DomStorageSqlite",
        "DomStorageSqliteNewDatabases",
        "DomStorageSqliteMigration",
        "IdbSqliteOnDiskRollout",
        "IdbSqliteBackingStore",
    ),
}
FIREFOX_FLAVOURS = ("containers", "private")
NOTHING = Contents([], [], [], [], [], [], [], [], [])


class RecordingError(Exception):
    """The browser did not read back what the tour left."""


def record_chromium(name: str, binary: Path, *, killed: bool, flavour: str = "") -> None:
    """Record a Chromium; ``killed`` ends it without a chance to write."""
    features = FLAVOURS[flavour]
    profile = HOME / CHROMIUM / "Default"
    with Web() as web:
        seeding.write_chromium_bookmarks(profile)
        with Chromium(binary, HOME, HOME / CHROMIUM, web, features) as browser:
            version = browser.version
            tour = Tour(browser, web)
            tour.run()
            if killed:
                browser.kill()
        if not killed:
            seeding.seed_chromium(profile)
        _finish(
            Manifest(
                name=name,
                engine="chromium",
                version=version,
                recorded=datetime.now(UTC).date().isoformat(),
                clean=not killed,
                user_data=CHROMIUM.as_posix(),
                profile=(CHROMIUM / "Default").as_posix(),
                cache=CHROMIUM_CACHE.as_posix(),
                hosts=_roles(),
                places=[*tour.stored.values()],
                cache_keys=chromium_cache_keys(HOME / CHROMIUM_CACHE / "Cache" / "Cache_Data"),
                contents=NOTHING,
                features=[*features],
            ),
            binary,
            web,
        )


def record_firefox(name: str, binary: Path, *, killed: bool, flavour: str = "") -> None:
    """Record a Firefox; ``killed`` ends it without a chance to write.

    With the flavour ``containers`` it has storage in several containers, and what else a profile
    holds by container: permissions, settings of sites, push subscriptions; and pictures of pages.
    With ``private``, which wants ``killed``, it leaves what private windows stored.
    """
    if flavour not in ("", *FIREFOX_FLAVOURS) or (flavour == "private" and not killed):
        raise RecordingError(f"Firefox has no {flavour} flavour that ends so")
    profile = HOME / FIREFOX / FIREFOX_PROFILE
    profile.mkdir(parents=True)
    (HOME / FIREFOX / "profiles.ini").write_text(PROFILES_INI, encoding="utf-8")
    with Web() as web:
        prefs = {"browser.startup.page": 3, "browser.sessionstore.interval": 1000}
        with Firefox(binary, HOME, profile, web, prefs) as browser:
            version = browser.version
            seeding.seed_firefox(browser)
            tour = Tour(browser, web)
            tour.run()
            if flavour == "containers":
                tour.visit_in_containers()
                seeding.seed_by_container(browser)
            elif flavour == "private":
                seeding.browse_privately(browser)
            if killed:
                browser.kill()
        forget_driving(profile)
        _finish(
            Manifest(
                name=name,
                engine="firefox",
                version=version,
                recorded=datetime.now(UTC).date().isoformat(),
                clean=not killed,
                user_data=FIREFOX.as_posix(),
                profile=(FIREFOX / FIREFOX_PROFILE).as_posix(),
                cache=FIREFOX_CACHE.as_posix(),
                hosts=_roles(),
                places=[*tour.stored.values()],
                cache_keys=cache2_keys(HOME / FIREFOX_CACHE / "cache2"),
                contents=NOTHING,
            ),
            binary,
            web,
        )


def _finish(manifest: Manifest, binary: Path, web: Web) -> None:
    """Pack, unpack, let the browser read the copy, and write both files."""
    RECORDINGS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="recording-") as directory:
        made = Path(directory)
        pack(HOME, made / f"{manifest.name}.tar.xz", keep)
        manifest.write(made / f"{manifest.name}.json")
        recording = unpack(manifest.name, made / "unpacked", made)
        contents = probe(recording, binary, web)
        if manifest.clean:
            _check(contents, manifest.places)
        replace(manifest, contents=contents).write(made / f"{manifest.name}.json")
        for suffix in ("tar.xz", "json"):
            shutil.copyfile(
                made / f"{manifest.name}.{suffix}", RECORDINGS / f"{manifest.name}.{suffix}"
            )


def _check(contents: Contents, places: Iterable[Stored]) -> None:
    """Raise unless every place's storage and sub-resources were read back."""
    stored = {(item["origin"], item["partition"] or item["origin"]) for item in contents.storage}
    cached = {(item["frame"], item["partition"], item["url"]) for item in contents.cached}
    lost = [place for place in places if (place.origin, place.top) not in stored]
    if lost:
        raise RecordingError(f"nothing was read back of {lost}")
    due = {(place.origin, place.top, url) for place in places for url in place.loaded}
    if due - cached:
        raise RecordingError(f"not in the cache: {sorted(due - cached)}")


def _roles() -> dict[str, str]:
    return {host.name.partition(":")[0]: host.role.value for host in CAST}
