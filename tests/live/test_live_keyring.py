"""Session files that are encrypted with a key of the desktop's keyring are edited."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.live

SESSION = """
printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 &
sleep 2
"$0" -m live.in_keyring "$1"
kill %1
"""


@pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")),
    reason="needs gnome-keyring and dbus",
)
def test_tabs_with_a_key_of_the_keyring_are_cleared_and_restored(tmp_path: Path) -> None:
    home = tmp_path / "home"
    runtime = tmp_path / "run"
    home.mkdir()
    runtime.mkdir(mode=0o700)
    done = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", SESSION, sys.executable, str(home)],
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.stdout, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["keys"]["Sessions_Encrypted"] > 10
    assert found["code"] == 0, found
    assert "https://www.example.org/" in found["shown"]
    assert not [url for url in found["shown"] if "amazon" in url]
