"""Whether a directory is copied to other machines, where a backup's sessions must not go.

Known by the names that the services give their folders and by the files they leave in them:
the folder's own name on Windows and Linux; ``~/Library/CloudStorage/<service>-<account>`` (macOS
12.3 and later) and ``~/Library/Mobile Documents`` (iCloud) on macOS; Syncthing's folder marker
``.stfolder``; the databases ``.sync_*.db`` of Nextcloud and ownCloud; ``.dropbox.cache``;
``.tmp.drivedownload`` and ``.tmp.driveupload`` of Google Drive. A guess, for a warning.
"""

import re
from pathlib import Path

_NAMES = {
    "Dropbox": re.compile(r"dropbox(-.*| \(.*\))?"),
    "OneDrive": re.compile(r"onedrive(-.*| - .*)?"),
    "iCloud Drive": re.compile(r"mobile documents|icloud ?drive"),
    "Google Drive": re.compile(r"google ?drive(-.*| \(.*\))?|my drive"),
    "Nextcloud": re.compile(r"(nextcloud|owncloud)\d*"),
}
_MARKERS = {
    "Syncthing": (".stfolder",),
    "Dropbox": (".dropbox.cache",),
    "Google Drive": (".tmp.drivedownload", ".tmp.driveupload"),
    "Nextcloud": (".sync_*.db", "._sync_*.db"),
}


def synced_folder(path: Path) -> str | None:
    """Name the service whose folder ``path`` seems to lie in, also through a link; else None."""
    # As it was written and as it is: a link may lead into such a folder, or be its name.
    for start in (path.absolute(), path.resolve()):
        for folder in (start, *start.parents):
            service = _by_name(folder.name) or _by_marker(folder)
            if service is not None:
                return service
    return None


def _by_name(name: str) -> str | None:
    return next((who for who, form in _NAMES.items() if form.fullmatch(name.lower())), None)


def _by_marker(folder: Path) -> str | None:
    for service, patterns in _MARKERS.items():
        for pattern in patterns:
            try:
                if any(folder.glob(pattern)):
                    return service
            except OSError:
                # A directory that cannot be listed tells nothing.
                continue
    return None
