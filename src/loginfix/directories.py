"""Where loginfix itself keeps things: backups and journals, and the person's own TOML files."""

import sys
from dataclasses import dataclass
from pathlib import Path

from platformdirs import PlatformDirs

_NAME = "loginfix"
# The places that platformdirs gives for the current person, below somebody else's home.
_LAYOUT = {
    "win32": ("AppData/Local/loginfix", "AppData/Local/loginfix"),
    "darwin": (
        "Library/Application Support/loginfix",
        "Library/Application Support/loginfix",
    ),
}
_XDG = (".local/share/loginfix", ".config/loginfix")


@dataclass(frozen=True, slots=True)
class Directories:
    """The directories of one person's loginfix."""

    data: Path
    config: Path
    elsewhere: Path | None = None
    """A folder of the person's choice that the backups are kept in."""

    @classmethod
    def current(cls) -> "Directories":
        """Those of whoever runs this process, where the platform has such things."""
        # Not the roaming directory of Windows: backups hold live sessions of this machine.
        places = PlatformDirs(_NAME, appauthor=False, roaming=False)
        return cls(places.user_data_path, places.user_config_path)

    @classmethod
    def at(cls, home: Path) -> "Directories":
        """Those below another home directory, in the platform's default layout."""
        data, config = _LAYOUT.get(sys.platform, _XDG)
        return cls(home / data, home / config)

    @staticmethod
    def log_file() -> Path:
        """The log of whoever runs this process, where the platform has such things."""
        return PlatformDirs(_NAME, appauthor=False).user_log_path / "loginfix.log"

    @property
    def backups(self) -> Path:
        """Where the backups are.

        Elsewhere in a folder of their own: it is made private, which the person's may not be.
        """
        return self.elsewhere / "loginfix-backups" if self.elsewhere else self.data / "backups"

    @property
    def journal(self) -> Path:
        """Where unfinished runs are noted."""
        return self.data / "journal"
