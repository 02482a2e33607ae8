"""Another program's cookie reader, browser-cookie3, reads what clearing and restoring left."""

import shutil
from collections.abc import Callable
from pathlib import Path

import browser_cookie3
import pytest

from oracle import Oracle
from recorder.recordings import unpack
from test_recorded_profiles import clear, loginfix

Cookies = set[tuple[str, str, str, str | None]]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Path], Cookies]:
    # The recordings are of browsers without a keyring: Chromium then uses this fixed password.
    password = browser_cookie3._LinuxPasswordManager
    monkeypatch.setattr(password, "get_password", lambda *_: b"peanuts")

    def cookies(database: Path) -> Cookies:
        # By itself, so that the reader does not add Firefox's session cookies from beside it.
        alone = shutil.copy(database, tmp_path)
        is_firefox = database.suffix == ".sqlite"
        reader = browser_cookie3.firefox if is_firefox else browser_cookie3.chromium
        jar = reader(cookie_file=alone)
        return {(cookie.domain, cookie.path, cookie.name, cookie.value) for cookie in jar}

    return cookies


@pytest.mark.parametrize(
    "name", ["chromium-156", "chromium-150", "firefox-esr-153", "firefox-esr-140"]
)
def test_another_program_reads_every_other_sites_cookies_as_before(
    name: str, read: Callable[[Path], Cookies], tmp_path: Path
) -> None:
    oracle = Oracle(unpack(name, tmp_path / "home"))
    (database,) = (path for path in oracle.databases if path.name.lower().startswith("cookies"))
    before = read(database)
    own = {cookie for cookie in before if oracle.is_target(cookie[0])}
    assert own
    assert all(value for *_, value in before)
    clear(oracle)
    left = read(database)
    assert not {cookie for cookie in left if oracle.is_target(cookie[0])}
    assert left <= before
    loginfix(oracle.recording, "restore", "--yes")
    assert read(database) == before
