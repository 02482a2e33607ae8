"""Where the real browsers are on this machine."""

import shutil
from pathlib import Path

import pytest

# Debian's /usr/bin/chromium is a wrapper that adds flags; the browser itself comes first.
_CHROMIUM = (
    "/usr/lib/chromium/chromium",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
_FIREFOX = ("firefox-esr", "firefox")


def chromium_binary() -> Path:
    """The Chromium to test with; without one the test is skipped, saying so."""
    return _first(_CHROMIUM)


def firefox_binary() -> Path:
    """The Firefox to test with; without one the test is skipped, saying so."""
    return _first(_FIREFOX)


def _first(names: tuple[str, ...]) -> Path:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip(f"no real browser here: looked for {', '.join(names)}")
    return Path(found)
