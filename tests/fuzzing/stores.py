"""Every declared store, each with a damaged file of a recorded profile; and the raw search."""

import functools
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from fuzzing.model import Target
from fuzzing.recorded import recording
from loginfix.browsers.brands import load_brands
from loginfix.browsers.installed import profile_at
from loginfix.browsers.model import Brand, Engine, Profile
from loginfix.browsers.places import Home
from loginfix.clearing.plan import Request, look, open_places
from loginfix.errors import LoginfixError
from loginfix.formats.data_storage import build_slot
from loginfix.stores.model import Category
from loginfix.tracing.scope import Scope
from loginfix.tracing.search import trace_profile
from store_doubles import TARGET, DirectWorkspace, MemoryBackup

RECORDINGS = ("chromium-156", "chromium-156-blockfile", "chromium-156-sql", "firefox-esr-153")
_LARGEST = 6 << 20
_MOST_KINDS = 6
_WEIGHT = 0.15
"""There are many of them, and what they call is fuzzed on its own too."""
_REQUEST = Request(
    TARGET, frozenset(Category), asked=frozenset(Category), drop_locked_sessions=True
)


def targets() -> Iterator[Target]:
    """One for each kind of file of each store that a recorded profile has; and browsers' lists."""
    seen = set[tuple[str, str, bytes]]()
    for name in RECORDINGS:
        profile = _profile(name)
        with open_places(profile, _REQUEST, shared=True) as places:
            for declared, place in places:
                for kind, path in _kinds_of_file(place.path).items():
                    alike = (declared.store.id, kind, path.read_bytes()[:4])
                    if alike in seen:
                        continue
                    seen.add(alike)
                    yield _target(
                        f"{name}/{declared.store.id}{kind}",
                        path,
                        functools.partial(_clear, profile, declared.store.id, place.path),
                    )
        for listed in ("Local State", "profiles.ini", "installs.ini"):
            if (path := profile.user_data / listed).is_file():
                find = functools.partial(profile_at, profile.user_data, *_home(name))
                yield _target(f"{name}/{listed.replace(' ', '-')}", path, find)


def _target(name: str, path: Path, work: Callable[[], object]) -> Target:
    def run(data: bytes) -> None:
        whole = path.read_bytes()
        path.write_bytes(data)
        try:
            work()
        finally:
            path.write_bytes(whole)

    return Target(name, run, (LoginfixError,), lambda: [path.read_bytes()], _WEIGHT)


def _clear(profile: Profile, store: str, path: Path) -> None:
    """Look for the site in the store, stage the store without it, and search the profile raw."""
    with open_places(profile, _REQUEST, shared=True) as places:
        declared, place = next(
            (declared, place)
            for declared, place in places
            if (declared.store.id, place.path) == (store, path)
        )
        look(declared, place, _REQUEST.wish)
        trace_profile(profile, TARGET, scope=Scope(frozenset({path})))
        with TemporaryDirectory(prefix="fuzzing-") as scratch:
            work = DirectWorkspace(place.tree.root, Path(scratch))
            declared.store.clear(place, _REQUEST.wish, work, MemoryBackup())


@functools.cache
def _home(name: str) -> tuple[Home, Sequence[Brand]]:
    home = Home.at(recording(name).home)
    return home, load_brands(home.path / "no-brands-of-ones-own")


@functools.cache
def _profile(name: str) -> Profile:
    (profile,) = profile_at(recording(name).profile, *_home(name)).profiles
    if profile.engine is Engine.FIREFOX:
        _make_up(profile.path)
    return profile


def _make_up(profile: Path) -> None:
    """Write files of the kinds that no recorded profile has, as small as they can be."""
    for rel, content in {
        "SiteSecurityServiceState.bin": build_slot(b"www.amazon.com", b"1" * 24, value_size=24),
        "SiteSecurityServiceState.txt": b"www.amazon.com:HSTS\t0\t20000\t1,1,1\n",
        "gmp/Linux/gmp-plugin/id/1/origin": b"https://www.amazon.com",
        "gmp/Linux/gmp-plugin/id/1/topLevelOrigin": b"https://www.amazon.com",
        "gmp/Linux/gmp-plugin/id/1/salt": b"salt1",
        "gmp/Linux/gmp-plugin/storage/salt1/record": b"licence",
        "places-previews/0123456789abcdef0123456789abcdef.png": b"picture",
    }.items():
        path = profile / rel
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with closing(sqlite3.connect(profile / "places_semantic.sqlite")) as database, database:
        database.execute(
            "CREATE TABLE vec_history_mapping"
            " (rowid INTEGER PRIMARY KEY, url_hash INTEGER NOT NULL UNIQUE)"
        )
        database.execute("INSERT INTO vec_history_mapping VALUES (1, 47356370932282)")


def _kinds_of_file(path: Path) -> dict[str, Path]:
    """The file; or of a directory, the smallest file of each kind, by what its name says of it."""
    if path.is_file():
        return {"": path} if 0 < path.stat().st_size <= _LARGEST else {}
    kinds: dict[str, Path] = {}
    for each in sorted(path.rglob("*"), key=lambda each: (each.stat().st_size, each)):
        if each.is_file() and 0 < each.stat().st_size <= _LARGEST:
            kinds.setdefault("/" + re.sub(r"[0-9a-fA-F]{6,}|[^\w.-]", "", each.name), each)
    return dict(sorted(kinds.items())[:_MOST_KINDS])
