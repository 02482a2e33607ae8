"""The profiles of a Firefox profile root.

``profiles.ini`` lists most of them, ``installs.ini`` the ones an installation starts with, and
``Profile Groups/*.sqlite`` those made in the profile selector
(toolkit/profile/nsToolkitProfileService.cpp, ProfilesDatastoreService.sys.mjs).
"""

import configparser
import json
import os
import re
from pathlib import Path

from loginfix.browsers import profile_groups
from loginfix.browsers.directories import has_any, is_directory, same_file_key
from loginfix.browsers.model import Discovery, Profile, Root
from loginfix.browsers.places import below
from loginfix.errors import Problem
from loginfix.files.plain import read_plain
from loginfix.words import say

LIST = "profiles.ini"
_INSTALLS = "installs.ini"
_PROFILE_FILES = (
    "prefs.js",
    "compatibility.ini",
    "places.sqlite",
    "cookies.sqlite",
    "times.json",
)
_CACHE_PREFERENCE = re.compile(
    rb'^user_pref\("browser\.cache\.disk\.parent_directory",\s*("(?:[^"\\]|\\.)*")\s*\);',
    re.MULTILINE,
)


def find_profiles(root: Root) -> Discovery:
    """The profiles that the files of the profile root ``root.data`` name, and that exist.

    Where none of these files is there, or ``profiles.ini`` is damaged, every directory with the
    files of a profile is one.

    Raises:
        OSError: the directory itself cannot be read.
    """
    problems: list[Problem] = []
    names = _from_ini(root.data / LIST, problems)
    names |= {path: "" for path in _from_ini(root.data / _INSTALLS, problems) if path not in names}
    for database in profile_groups.databases(root.data):
        try:
            names |= profile_groups.read(database)
        except profile_groups.UnreadableGroupError as error:
            problems.append(_list_problem(database, str(error)))
    if problems or not names:
        unlisted = [path for path in _likely(root.data) if path not in names]
        if unlisted and not problems:
            problems.append(_list_problem(root.data / LIST, say("does not name any profile")))
        names |= dict.fromkeys(unlisted, "")
    return _existing(root, names, problems)


def profile_at(root: Root, path: Path, name: str, *, listed_absolute: bool = False) -> Profile:
    """The profile whose directory is ``path``, below ``root.data`` or anywhere."""
    return root.profile(
        name=name,
        path=path,
        cache_path=_cache_path(root, path, inside=listed_absolute),
        moved_cache=_moved_cache(path),
    )


def is_profile(path: Path) -> bool:
    """Whether ``path`` has one of the files a used profile of this engine has."""
    return has_any(path, _PROFILE_FILES)


def _existing(root: Root, names: dict[str, str], problems: list[Problem]) -> Discovery:
    found: dict[str, Profile] = {}
    for listed, name in names.items():
        absolute = Path(listed).is_absolute()
        path = Path(listed) if absolute else below(root.data, listed)
        if path is None:
            problems.append(_outside_problem(root.data, listed))
        elif is_directory(path):
            profile = profile_at(root, path, name or path.name, listed_absolute=absolute)
            found.setdefault(same_file_key(path), profile)
    return Discovery(tuple(found.values()), tuple(problems))


def _from_ini(path: Path, problems: list[Problem]) -> dict[str, str]:
    """Paths that an ini file names, as written there, with the profile's name or ``""``."""
    ini = configparser.RawConfigParser(
        strict=False,
        allow_no_value=True,
        delimiters=("=",),
        comment_prefixes=("#", ";"),
        default_section="",
    )
    try:
        ini.read_string(read_plain(path).decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        reason = str(error).partition("\n")[0]
        problems.append(_list_problem(path, say("cannot be read ({reason})", reason=reason)))
        return {}
    names: dict[str, str] = {}
    for title in ini.sections():
        section = ini[title]
        if title.startswith("Profile"):
            listed = section.get("Path") or ""
            if section.get("IsRelative") == "1" and Path(listed).is_absolute():
                problems.append(_outside_problem(path.parent, listed))
            elif listed:
                names[listed] = section.get("Name") or ""
        # [Install<hash>] in profiles.ini; installs.ini has the bare hash as title
        elif listed := section.get("Default") or "":
            names.setdefault(listed, "")
    return names


def _likely(root: Path) -> list[str]:
    """Directories below the root that look like profiles: the root's own, or ``Profiles/``."""
    found = []
    for parent in (root, root / "Profiles"):
        if is_directory(parent):
            with os.scandir(parent) as entries:
                paths = sorted(Path(entry.path) for entry in entries if entry.is_dir())
            found += [path.relative_to(root).as_posix() for path in paths if is_profile(path)]
    return found


def _cache_path(root: Root, path: Path, *, inside: bool) -> Path:
    """Where caches are.

    A profile that is listed by an absolute path keeps them inside, any other below the cache root
    if there is one.
    """
    if root.cache is not None and not inside and path.is_relative_to(root.data):
        outer = root.cache / path.relative_to(root.data)
        if is_directory(outer):
            return outer
    return path


def _moved_cache(path: Path) -> Path | None:
    """Where a preference moved the web cache; all other caches stay, and the earlier one too."""
    try:
        match = _CACHE_PREFERENCE.search(read_plain(path / "prefs.js"))
        moved = Path(json.loads(match.group(1))) if match else None
        return moved if moved and moved.is_absolute() and is_directory(moved) else None
    except (OSError, ValueError):  # no preferences, or a text that is none: nothing was moved
        return None


def _list_problem(path: Path, trouble: str) -> Problem:
    return Problem(
        "profile-list-unreadable",
        say(
            "The list of profiles {path} {trouble}; the directories that look like profiles were "
            "taken instead.",
            path=path,
            trouble=trouble,
        ),
        say(
            "Start the browser once and close it. If a profile is missing here, name it with "
            "--profile-dir."
        ),
        path,
    )


def _outside_problem(root: Path, listed: str) -> Problem:
    return Problem(
        "profile-outside",
        say(
            "A list of profiles in {root} names one outside its own directory: {listed!r}.",
            root=root,
            listed=listed,
        ),
        say("If this is a profile of yours, name it with --profile-dir."),
        root,
    )
