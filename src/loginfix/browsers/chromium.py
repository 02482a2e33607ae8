"""The profiles of a Chromium user data directory.

``Local State`` lists them: ``profile.info_cache`` maps the name of a profile's directory to an
object with the ``name`` its person gave it (chrome/browser/profiles/profile_attributes_storage.cc).
"""

import json
import os
from dataclasses import replace
from pathlib import Path

from loginfix.browsers.directories import is_directory
from loginfix.browsers.model import Discovery, Profile, Root
from loginfix.browsers.places import below
from loginfix.errors import Problem
from loginfix.files.plain import read_plain
from loginfix.words import say

LIST = "Local State"
PROFILE_FILE = "Preferences"

# Never listed, but used: a guest's traces, and the profile picker.
_UNLISTED = ("Guest Profile", "System Profile")
_OPERA_SIDE_PROFILES = "_side_profiles"


def find_profiles(root: Root) -> Discovery:
    """The profiles of the user data directory ``root.data``.

    Where ``Local State`` does not list profiles (it is missing, damaged, or the browser has not
    written the list yet), every directory with a ``Preferences`` file is one.

    Raises:
        OSError: the directory itself cannot be read.
    """
    problems: list[Problem] = []
    names = _listed(root.data, problems)
    found = _named(root, names, problems) if names else _unnamed(root)
    if found and not names and not problems and not (root.data / LIST).exists():
        problems.append(_list_problem(root.data / LIST, say("is missing")))
    found += _special(root)
    for side in _side_profiles(root.data):
        if (side / LIST).exists():
            cache = root.cache and root.cache / side.relative_to(root.data)
            more = find_profiles(replace(root, data=side, cache=cache))
            found += more.profiles
            problems += more.problems
        elif is_profile(side):
            found.append(profile_at(root, side, side.name))
    return Discovery(tuple(found), tuple(problems))


def profile_at(root: Root, path: Path, name: str) -> Profile:
    """The profile whose directory is ``path``, at or below ``root.data``."""
    return root.profile(name=name, path=path, cache_path=_cache_path(root, path))


def is_profile(path: Path) -> bool:
    """Whether ``path`` has the file that every used profile of this engine has."""
    return (path / PROFILE_FILE).is_file()


def _cache_path(root: Root, path: Path) -> Path:
    """Where the caches are: below the cache root if the browser put them there.

    It does so only while the user data directory is at its default place
    (chrome/common/chrome_paths_linux.cc, chrome_paths_mac.mm), so the disk is asked.
    """
    if root.cache is not None:
        outer = root.cache / path.relative_to(root.data)
        if is_directory(outer):
            return outer
    return path


def _listed(user_data: Path, problems: list[Problem]) -> dict[str, str]:
    """Directory names of the profiles and what their person calls them."""
    path = user_data / LIST
    try:
        state = json.loads(read_plain(path))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        problems.append(_list_problem(path, say("cannot be read ({error})", error=error)))
        return {}
    section = state.get("profile") if isinstance(state, dict) else None
    cache = section.get("info_cache") if isinstance(section, dict) else None
    if not isinstance(cache, dict):
        return {}
    return {directory: _given_name(entry) or directory for directory, entry in cache.items()}


def _given_name(entry: object) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) else ""


def _named(root: Root, names: dict[str, str], problems: list[Problem]) -> list[Profile]:
    found = []
    for directory, name in names.items():
        path = below(root.data, directory)
        if path is None:
            problems.append(
                Problem(
                    "profile-outside",
                    say(
                        "{path} names a profile outside its own directory: {directory!r}.",
                        path=root.data / LIST,
                        directory=directory,
                    ),
                    say("If this is a profile of yours, name it with --profile-dir."),
                    root.data / LIST,
                )
            )
        elif is_directory(path):
            found.append(profile_at(root, path, name))
    return found


def _unnamed(root: Root) -> list[Profile]:
    with os.scandir(root.data) as entries:
        paths = sorted(Path(entry.path) for entry in entries if entry.is_dir())
    return [
        profile_at(root, path, path.name)
        for path in paths
        if path.name not in _UNLISTED and is_profile(path)
    ]


def _special(root: Root) -> list[Profile]:
    """Profiles no list names; Opera's user data directory can itself be one."""
    candidates = (root.data, *(root.data / name for name in _UNLISTED))
    return [profile_at(root, path, path.name) for path in candidates if is_profile(path)]


def _side_profiles(user_data: Path) -> list[Path]:
    """Opera's further profiles; some are user data directories of their own."""
    parent = user_data / _OPERA_SIDE_PROFILES
    return sorted(parent.iterdir()) if is_directory(parent) else []


def _list_problem(path: Path, trouble: str) -> Problem:
    return Problem(
        "profile-list-unreadable",
        say(
            "The list of profiles {path} {trouble}; the directories that look like profiles were "
            "taken instead.",
            path=path,
            trouble=trouble,
        ),
        say("Start the browser once and close it, so that it writes the list again."),
        path,
    )
