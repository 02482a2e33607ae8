"""The recordings are true: the live browser reads back what their manifests say."""

import hashlib
import operator
import re
import subprocess
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path

import pytest

from live.binaries import chromium_binary, firefox_binary
from recorder.cast import CAST
from recorder.contents import Contents
from recorder.recordings import Manifest, Recording, names

pytestmark = pytest.mark.live

KINDS = [field.name for field in fields(Contents)]


def newer_than_the_browser(manifest: Manifest) -> bool:
    """Browsers migrate an earlier version's profile; a later version's they may refuse."""
    binary = chromium_binary() if manifest.engine == "chromium" else firefox_binary()
    stated = subprocess.run(
        [str(binary), "--version"], capture_output=True, text=True, check=True, timeout=60
    )
    found = re.search(r"(\d+)\.", stated.stdout)
    assert found, stated
    return int(manifest.version.partition(".")[0]) > int(found[1])


def state_of(directory: Path) -> dict[str, tuple[int, str]]:
    """Every path below a directory, with its time and its content's hash."""
    return {
        str(path.relative_to(directory)): (
            path.lstat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in directory.rglob("*")
    }


@pytest.mark.parametrize("name", names())
def test_the_live_browser_reads_what_the_manifest_says(
    name: str,
    unpacked: Callable[[str], Recording],
    read_back: Callable[[Recording], Contents],
) -> None:
    recording = unpacked(name)
    if newer_than_the_browser(recording.manifest):
        pytest.skip(f"{name} is of a later version than the browser here")
    before = state_of(recording.home)
    found = read_back(recording)
    for kind in KINDS:
        assert getattr(found, kind) == getattr(recording.manifest.contents, kind), kind
    assert found.complaints == []
    assert state_of(recording.home) == before


@pytest.mark.parametrize("name", names())
def test_every_host_of_the_cast_left_something(
    name: str, unpacked: Callable[[str], Recording]
) -> None:
    manifest = unpacked(name).manifest
    for host in CAST:
        bare = host.name.partition(":")[0]
        left = manifest.contents.of_hosts(partial(operator.eq, bare))
        assert left.count(), host.name
        if host.pages and manifest.clean:
            assert left.cookies, host.name
            assert left.history, host.name
            assert left.icons, host.name
            assert left.storage, host.name
            assert left.cached, host.name
