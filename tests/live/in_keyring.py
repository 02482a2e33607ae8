"""Run in a desktop session of its own: tabs are made, cleared and restored with a real keyring.

``python -m live.in_keyring HOME``, with an unlocked keyring on the session bus; prints JSON.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from live.binaries import chromium_binary
from live.test_live_sessions import READ_ENCRYPTED
from recorder.chromium import Chromium
from recorder.web import Web

PAGES = ("https://www.example.org/", "https://www.amazon.co.jp/")
STARTS = 4


def main(home: Path) -> None:
    user_data = home / ".config" / "chromium"
    profile = user_data / "Default"
    variables = ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "LD_LIBRARY_PATH")
    desktop = {name: os.environ[name] for name in variables if name in os.environ}

    def start(web: Web, *flags: str, features: tuple[str, ...] = ()) -> Chromium:
        keyring = "--password-store=gnome-libsecret"
        flags = (keyring, *flags)
        return Chromium(chromium_binary(), home, user_data, web, features, flags, desktop)

    def names() -> dict[str, int]:
        return {
            path.parent.name: path.read_bytes().count(b"v11")
            for path in profile.glob("Sessions*/Session_*")
        }

    with Web() as web:
        with start(web) as browser:
            tab = browser.new_tab()
            for page in PAGES:
                tab.navigate(page)
                tab.evaluate("window.ready")
            time.sleep(4)  # commands are written some seconds later
        keys = names()
        command = [sys.executable, "-m", "loginfix", "clear-cache", "--site", "amazon", "--yes"]
        done = subprocess.run(
            [*command, "--home", str(home)],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        for path in (profile / "Sessions").iterdir():
            path.unlink()  # what is restored can only come from the encrypted twin
        shown: list[str] = []
        for _ in range(STARTS):
            with start(web, "--restore-last-session", features=(READ_ENCRYPTED,)) as browser:
                time.sleep(4)
                shown = sorted({url for tab in browser.tabs() for url, _ in tab.history()[1]})
            if PAGES[0] in shown:
                break
    print(  # noqa: T201  the answer
        json.dumps({"keys": keys, "code": done.returncode, "said": done.stderr, "shown": shown})
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
