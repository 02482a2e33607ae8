"""Every profile of every brand in one home, or the profiles at one given directory."""

from collections.abc import Callable, Sequence
from pathlib import Path

from loginfix.browsers import chromium, firefox
from loginfix.browsers.directories import is_directory, same_file_key
from loginfix.browsers.model import Brand, Discovery, Engine, Profile, Root
from loginfix.browsers.places import Home
from loginfix.errors import Problem, ProfileUnreadableError, UsageError
from loginfix.words import say

_FINDERS: dict[Engine, Callable[[Root], Discovery]] = {
    Engine.CHROMIUM: chromium.find_profiles,
    Engine.FIREFOX: firefox.find_profiles,
}
GIVEN = "custom"


def find_profiles(home: Home, brands: Sequence[Brand], *, only: Sequence[str] = ()) -> Discovery:
    """Every profile in a home, in the order of the brands; a directory counts once.

    Args:
        home: whose browsers to look for.
        brands: the brands to look for.
        only: if given, the brands to keep, as ``chrome`` (all its channels) or ``chrome-beta``.

    Raises:
        UsageError: ``only`` names a brand that is not among ``brands``.
    """
    roots = [root for brand in brands for root in home.roots(brand)]
    if only:
        _refuse_unknown(only, brands)
        roots = [root for root in roots if _ids(root.brand, root.channel) & set(only)]
    profiles: dict[str, Profile] = {}
    problems: list[Problem] = []
    for root in roots:
        found = _in_root(root)
        problems += found.problems
        for profile in found.profiles:
            profiles.setdefault(same_file_key(profile.path), profile)
    return Discovery(tuple(profiles.values()), tuple(problems))


def profile_at(path: Path, home: Home, brands: Sequence[Brand]) -> Discovery:
    """The profiles of a given directory: a user data directory, a profile root, or one profile.

    Below a place that is known, a profile belongs to that brand and has its caches where the
    brand keeps them. Anywhere else only its engine is known, and caches are inside.

    Raises:
        ProfileUnreadableError: the directory is none of these, or cannot be read.
    """
    path = path.absolute()
    try:
        if not is_directory(path):
            raise _unreadable(path, say("is not a directory"))
        found = _known(path, home, brands) or _unknown(path, brands)
    except OSError as error:
        raise _unreadable(path, say("cannot be read: {reason}", reason=error.strerror)) from error
    if not found.profiles:
        raise _unreadable(path, say("is neither a profile nor a directory with profiles in it"))
    return found


def _known(path: Path, home: Home, brands: Sequence[Brand]) -> Discovery | None:
    key = same_file_key(path)
    for root in (root for brand in brands for root in home.roots(brand)):
        if not Path(key).is_relative_to(same_file_key(root.data)):
            continue
        found = _FINDERS[root.engine](root)
        if key == same_file_key(root.data):
            return found
        for profile in found.profiles:
            if same_file_key(profile.path) == key:
                return Discovery((profile,))
        if path.is_relative_to(root.data) and (unlisted := _single(root, path)):
            return Discovery((unlisted,))
    return None


def _unknown(path: Path, brands: Sequence[Brand]) -> Discovery:
    if (path / firefox.LIST).is_file():
        return firefox.find_profiles(_given_root(Engine.FIREFOX, path, brands))
    if not (path / chromium.LIST).is_file():
        # A copy of a profile that stands alone is its own user data directory.
        inside = (path.parent / chromium.LIST).is_file()
        for root in (
            _given_root(Engine.CHROMIUM, path.parent if inside else path, brands),
            _given_root(Engine.FIREFOX, path.parent, brands),
        ):
            if profile := _single(root, path):
                return Discovery((profile,))
    return chromium.find_profiles(_given_root(Engine.CHROMIUM, path, brands))


def _single(root: Root, path: Path) -> Profile | None:
    """The directory ``path`` as a profile of ``root``, if its files are those of one."""
    if root.engine is Engine.CHROMIUM:
        is_one = chromium.is_profile(path)
        return chromium.profile_at(root, path, path.name) if is_one else None
    return firefox.profile_at(root, path, path.name) if firefox.is_profile(path) else None


def _in_root(root: Root) -> Discovery:
    try:
        return _FINDERS[root.engine](root) if is_directory(root.data) else Discovery()
    except OSError as error:
        unreadable = _unreadable(root.data, say("cannot be read: {reason}", reason=error.strerror))
        return Discovery(problems=(unreadable.as_problem(),))


def _given_root(engine: Engine, path: Path, brands: Sequence[Brand]) -> Root:
    """A root nobody knows: any brand of the engine may be using it."""
    relatives = [brand for brand in brands if brand.engine is engine]
    names = {name for brand in relatives for list_ in brand.processes.values() for name in list_}
    return Root(
        brand=engine.value,
        brand_name=say("{engine}-based browser", engine=engine.value.capitalize()),
        engine=engine,
        packaging=GIVEN,
        channel="",
        data=path,
        cache=None,
        process_names=tuple(sorted(names)),
    )


def _ids(brand: str, channel: str) -> set[str]:
    return {brand, f"{brand}-{channel}"} if channel else {brand}


def _refuse_unknown(only: Sequence[str], brands: Sequence[Brand]) -> None:
    known = set().union(
        *(_ids(brand.id, place.channel) for brand in brands for place in brand.places)
    )
    for name in only:
        if name not in known:
            raise UsageError(
                say("There is no browser called {name!r}.", name=name),
                next_step=say("Use one of: {known}.", known=", ".join(sorted(known))),
            )


def _unreadable(path: Path, trouble: str) -> ProfileUnreadableError:
    return ProfileUnreadableError(
        f"{path} {trouble}.",
        next_step=say(
            "Check the path and that you may read it. A Chromium profile has a file "
            "Preferences, a Firefox profile a file prefs.js."
        ),
        path=path,
    )
