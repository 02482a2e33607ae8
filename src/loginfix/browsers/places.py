"""Whose browsers we look for, and where that person's directories are."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from loginfix.browsers.model import Brand, Platform, Root

_PLACEHOLDER = re.compile(r"\{[^}]*\}")
_KNOWN = frozenset(
    {"{home}", "{config}", "{cache}", "{appdata}", "{localappdata}", "{appsupport}", "{caches}"}
)


def this_platform() -> Platform:
    """The platform this process runs on."""
    names = {"win32": Platform.WINDOWS, "darwin": Platform.MACOS}
    return names.get(sys.platform, Platform.LINUX)


@dataclass(frozen=True, slots=True)
class Home:
    """One person's directories on one platform.

    ``config`` and ``cache`` are those of the XDG base directory specification; ``roaming`` and
    ``local`` are Windows' ``%APPDATA%`` and ``%LOCALAPPDATA%``.
    """

    path: Path
    platform: Platform
    config: Path
    cache: Path
    roaming: Path
    local: Path

    @classmethod
    def current(cls) -> "Home":
        """The home of whoever runs this process, moved as their environment says."""
        return cls._laid_out(Path.home(), this_platform(), os.environ)

    @classmethod
    def at(cls, path: Path, platform: Platform | None = None) -> "Home":
        """The directory ``path`` as a home in the platform's default layout.

        The environment is not asked: it speaks of somebody else's directories.
        """
        return cls._laid_out(path.absolute(), platform or this_platform(), {})

    @classmethod
    def _laid_out(cls, path: Path, platform: Platform, environment: Mapping[str, str]) -> "Home":
        def moved(variable: str, default: str) -> Path:
            value = Path(environment.get(variable, ""))
            # The XDG specification has relative values ignored.
            return value if value.is_absolute() else path / default

        return cls(
            path=path,
            platform=platform,
            config=moved("XDG_CONFIG_HOME", ".config"),
            cache=moved("XDG_CACHE_HOME", ".cache"),
            roaming=moved("APPDATA", "AppData/Roaming"),
            local=moved("LOCALAPPDATA", "AppData/Local"),
        )

    def expand(self, template: str) -> Path:
        """The directory that a template of a brand file means in this home."""
        values = {
            "{home}": self.path,
            "{config}": self.config,
            "{cache}": self.cache,
            "{appdata}": self.roaming,
            "{localappdata}": self.local,
            "{appsupport}": self.path / "Library/Application Support",
            "{caches}": self.path / "Library/Caches",
        }
        return Path(_PLACEHOLDER.sub(lambda match: str(values[match.group()]), template))

    def roots(self, brand: Brand) -> tuple[Root, ...]:
        """The directories where this brand may keep profiles in this home."""
        return tuple(
            Root(
                brand=brand.id,
                brand_name=f"{brand.name} {place.channel.capitalize()}".rstrip(),
                engine=brand.engine,
                packaging=place.packaging,
                channel=place.channel,
                data=self.expand(place.data),
                cache=self.expand(place.cache) if place.cache else None,
                process_names=brand.processes.get(self.platform, ()),
            )
            for place in brand.places
            if place.platform is self.platform
        )


def unknown_placeholder(template: str) -> str | None:
    """The first ``{placeholder}`` of a template that no home can fill in."""
    return next((name for name in _PLACEHOLDER.findall(template) if name not in _KNOWN), None)


def below(directory: Path, relative: str) -> Path | None:
    """``relative`` below ``directory``, or ``None`` if it leads or could lead out of it.

    A browser's list of profiles is a file like any other: what it names is not trusted. Both
    kinds of separators and drive letters are judged, since a list may come from any platform.
    """
    windows, posix = PureWindowsPath(relative), PurePosixPath(relative)
    if windows.anchor or posix.is_absolute() or ".." in windows.parts or not posix.parts:
        return None
    return directory / relative
