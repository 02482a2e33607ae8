from pathlib import Path

import pytest

from loginfix.vault.synced import synced_folder
from test_vault_writer import needs_posix


@pytest.mark.parametrize(
    ("folder", "service"),
    [
        ("Dropbox/x", "Dropbox"),
        ("Dropbox (Company)/x", "Dropbox"),
        ("Library/CloudStorage/Dropbox-Work/x", "Dropbox"),
        ("OneDrive/x", "OneDrive"),
        ("OneDrive - Company/x", "OneDrive"),
        ("Library/CloudStorage/OneDrive-Personal", "OneDrive"),
        ("Library/Mobile Documents/com~apple~CloudDocs/x", "iCloud Drive"),
        ("iCloudDrive/x", "iCloud Drive"),
        ("Google Drive/x", "Google Drive"),
        ("Library/CloudStorage/GoogleDrive-me@example.com/My Drive", "Google Drive"),
        ("Nextcloud/x", "Nextcloud"),
        ("ownCloud2", "Nextcloud"),
    ],
)
def test_a_folder_is_known_by_its_name(tmp_path: Path, folder: str, service: str) -> None:
    assert synced_folder(tmp_path / folder / "backups") == service


@pytest.mark.parametrize(
    ("marker", "service"),
    [
        (".stfolder", "Syncthing"),
        (".dropbox.cache", "Dropbox"),
        (".tmp.driveupload", "Google Drive"),
        (".tmp.drivedownload", "Google Drive"),
        (".sync_0a1b2c.db", "Nextcloud"),
        ("._sync_0a1b2c.db", "Nextcloud"),
    ],
)
def test_a_folder_is_known_by_what_the_service_leaves_in_it(
    tmp_path: Path, marker: str, service: str
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / marker).touch()
    assert synced_folder(tmp_path / "home" / "a" / "backups") == service
    assert synced_folder(tmp_path / "other" / "backups") is None


@pytest.mark.parametrize(
    "folder", [".local/share/loginfix", ".dropbox", "Dropboxes", "my-onedrive", "Library/Caches"]
)
def test_other_folders_are_not_synced(tmp_path: Path, folder: str) -> None:
    assert synced_folder(tmp_path / folder / "backups") is None


@needs_posix
def test_a_link_does_not_hide_a_synced_folder(tmp_path: Path) -> None:
    (tmp_path / "Dropbox").mkdir()
    (tmp_path / "plain").symlink_to("Dropbox")
    assert synced_folder(tmp_path / "plain" / "backups") == "Dropbox"
