"""Recorded profiles: packing a home directory, unpacking it with every time as it was."""

import json
import stat
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from loginfix.demo.recordings import unpack as unpack_home
from recorder.contents import Contents
from recorder.tour import Stored

RECORDINGS = Path(__file__).resolve().parent.parent / "recordings"


@dataclass(frozen=True)
class Manifest:
    """What a recording is and holds.

    ``user_data``, ``profile`` and ``cache`` are relative to the home directory. ``hosts`` maps
    each host, without port, to its role. ``features`` are those of the browser that are off by
    default and must be on. ``places`` say where storage was filled. ``cache_keys`` are the keys
    of the HTTP cache's entries as they are on disk. ``contents`` is what the same browser read
    back from a copy.
    """

    name: str
    engine: str
    version: str
    recorded: str
    clean: bool
    user_data: str
    profile: str
    cache: str
    hosts: dict[str, str]
    places: list[Stored]
    cache_keys: list[str]
    contents: Contents
    features: list[str] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Write as JSON."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Read what ``write`` wrote."""
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        data["places"] = [
            Stored(place["origin"], place["top"], tuple(place["loaded"]))
            for place in data["places"]
        ]
        data["contents"] = Contents(**data["contents"])
        return cls(**data)


@dataclass(frozen=True)
class Recording:
    """An unpacked recording: a home directory and what it holds."""

    home: Path
    manifest: Manifest

    @property
    def user_data(self) -> Path:
        """Chromium's user data directory; the directory of Firefox's ``profiles.ini``."""
        return self.home / self.manifest.user_data

    @property
    def profile(self) -> Path:
        """The profile directory."""
        return self.home / self.manifest.profile

    @property
    def cache(self) -> Path:
        """The directory that holds the profile's caches."""
        return self.home / self.manifest.cache


def names() -> list[str]:
    """Return the names of all recordings."""
    return sorted(path.stem for path in RECORDINGS.glob("*.json"))


def unpack(name: str, into: Path, recordings: Path = RECORDINGS) -> Recording:
    """Unpack a recording into a directory, which becomes its home directory."""
    manifest = Manifest.read(recordings / f"{name}.json")
    unpack_home(recordings / f"{name}.tar.xz", into)
    return Recording(into, manifest)


def pack(home: Path, archive_path: Path, keep: Callable[[str], bool]) -> None:
    """Write the files and directories of ``home`` whose relative path is to be kept.

    The order depends on the names only; owners are left out; modes and times are kept.
    """
    with tarfile.open(archive_path, "w:xz", preset=9, format=tarfile.PAX_FORMAT) as archive:
        for path in _walk(home, home, keep):
            member = archive.gettarinfo(path, path.relative_to(home).as_posix())
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            # Text: a float, tarfile's own way, holds a time of today to a quarter microsecond.
            nanoseconds = path.lstat().st_mtime_ns
            time = f"{nanoseconds // 10**9}.{nanoseconds % 10**9:09}"
            member.pax_headers = {"mtime": time}
            if member.isreg():
                with path.open("rb") as file:
                    archive.addfile(member, file)
            else:
                archive.addfile(member)


def _walk(directory: Path, home: Path, keep: Callable[[str], bool]) -> Iterator[Path]:
    for path in sorted(directory.iterdir()):
        mode = path.lstat().st_mode
        if not keep(path.relative_to(home).as_posix()):
            continue
        if stat.S_ISDIR(mode):
            yield path
            yield from _walk(path, home, keep)
        elif stat.S_ISREG(mode):
            yield path
