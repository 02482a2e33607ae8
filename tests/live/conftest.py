"""What the live tests share: the fake web, the browsers, unpacked recordings."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from live.binaries import chromium_binary, firefox_binary
from recorder.contents import Contents
from recorder.probe import probe
from recorder.recordings import Recording, unpack
from recorder.web import Web


@pytest.fixture(scope="session")
def web() -> Iterator[Web]:
    with Web() as running:
        yield running


@pytest.fixture
def unpacked(tmp_path: Path) -> Callable[[str], Recording]:
    """Unpacks a recording by name into a home directory of this test's own."""
    return lambda name: unpack(name, tmp_path / name)


@pytest.fixture
def read_back(web: Web) -> Callable[[Recording], Contents]:
    """Reads, in the live browser and on a copy, what a recording holds."""

    def read(recording: Recording) -> Contents:
        engine = recording.manifest.engine
        binary = chromium_binary() if engine == "chromium" else firefox_binary()
        return probe(recording, binary, web)

    return read
