"""The words of this package: engine, brand, place, root, profile."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from loginfix.errors import Problem

# Packagings that keep a copy of their own beside the native one, so that both can be there.
_SEPARATE = frozenset({"snap", "flatpak", "store"})


class Engine(StrEnum):
    """The two families of browsers; a family shares its stores on disk."""

    CHROMIUM = "chromium"
    FIREFOX = "firefox"


class Platform(StrEnum):
    """The operating systems whose layouts are known; every other POSIX system counts as Linux."""

    LINUX = "linux"
    MACOS = "macos"
    WINDOWS = "windows"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one packaging of a brand keeps its data, as templates such as ``{config}/chromium``.

    ``cache`` is empty where the engine keeps its caches inside the profile. ``channel`` is empty
    for the stable channel, and for brands whose channels share one directory.
    """

    platform: Platform
    packaging: str
    channel: str
    data: str
    cache: str


@dataclass(frozen=True, slots=True)
class Brand:
    """A browser people know by name. ``id`` is the name of its TOML file."""

    id: str
    name: str
    engine: Engine
    processes: Mapping[Platform, tuple[str, ...]]
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Root:
    """A place on this machine: the directory ``data`` holds profiles of one brand.

    ``cache`` is the directory below which their caches have the same relative path as the
    profiles have below ``data``, or ``None`` where caches are inside the profile.
    """

    brand: str
    brand_name: str
    engine: Engine
    packaging: str
    channel: str
    data: Path
    cache: Path | None
    process_names: tuple[str, ...]

    def profile(
        self, *, name: str, path: Path, cache_path: Path, moved_cache: Path | None = None
    ) -> "Profile":
        """A profile of this root; the directory's name on disk is that of ``path``."""
        return Profile(
            brand=self.brand,
            brand_name=self.brand_name,
            engine=self.engine,
            packaging=self.packaging,
            name=name,
            directory=path.name,
            path=path,
            cache_path=cache_path,
            user_data=self.data,
            process_names=self.process_names,
            channel=self.channel,
            moved_cache=moved_cache,
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile of one installed brand.

    ``path`` is the profile directory, ``cache_path`` the directory that holds its caches (equal
    to ``path`` where the engine keeps them inside), ``user_data`` the directory above: the
    user data directory of Chromium, the profile root of Firefox. ``directory`` is the profile's
    name on disk (``Default``, ``ab12cd34.default-release``), ``name`` what the person called it.
    ``moved_cache`` is the directory to which the person had the web cache moved, if any.
    """

    brand: str
    brand_name: str
    engine: Engine
    packaging: str
    name: str
    directory: str
    path: Path
    cache_path: Path
    user_data: Path
    process_names: tuple[str, ...] = ()
    channel: str = ""
    moved_cache: Path | None = None

    @property
    def separate_cache(self) -> Path | None:
        """Where the web cache was moved to, if nothing else of the profile is there or above."""
        moved, others = self.moved_cache, (self.path, self.cache_path)
        if moved is None or any(
            moved.is_relative_to(one) or one.is_relative_to(moved) for one in others
        ):
            return None
        return moved

    @property
    def id(self) -> str:
        """Short name for commands and reports, such as ``chrome/Default``.

        Copies that can stand beside the native stable one say which they are:
        ``chrome-beta/Default``, ``chromium@snap/Default``.
        """
        channel = f"-{self.channel}" if self.channel else ""
        packaging = f"@{self.packaging}" if self.packaging in _SEPARATE else ""
        return f"{self.brand}{channel}{packaging}/{self.directory}"

    @property
    def label(self) -> str:
        """Name for a person, such as ``Google Chrome (Person 1)``."""
        return f"{self.brand_name} ({self.name})"


@dataclass(frozen=True, slots=True)
class Discovery:
    """The profiles that were found, and what could not be read on the way."""

    profiles: tuple[Profile, ...] = ()
    problems: tuple[Problem, ...] = ()
