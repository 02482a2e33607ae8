"""Caches in storage partitions other than the default one: those of apps and isolated contexts."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from oracle import Oracle
from recorder.cachekeys import chromium_cache_keys
from recorder.recordings import Recording, unpack

PARTITIONS = ("Storage/ext/abcdefgh/def", "Storage/ext/abcdefgh/0123456789ab")


def loginfix(recording: Recording, *arguments: str) -> Any:
    command = [sys.executable, "-m", "loginfix", *arguments, "--only", "cache", "--yes", "--json"]
    done = subprocess.run(
        [*command, "--home", str(recording.home)],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", ["chromium-156-blockfile", "chromium-156-sql", "chromium-156"])
def test_every_kind_of_cache_is_found_in_every_partition(name: str, tmp_path: Path) -> None:
    recording = unpack(name, tmp_path / "home")
    oracle = Oracle(recording)
    for partition in PARTITIONS:
        for base, part in (
            (recording.cache, "Cache"),
            (recording.cache, "Code Cache"),
            (recording.profile, "Shared Dictionary"),
        ):
            shutil.copytree(base / part, base / partition / part)
    caches = [recording.cache / each / "Cache/Cache_Data" for each in (".", *PARTITIONS)]
    before = [chromium_cache_keys(cache) for cache in caches]
    assert before[0] == before[1] == before[2]
    loginfix(recording, "clear-cache", "--site", "amazon")
    for cache, keys in zip(caches, before, strict=True):
        left = chromium_cache_keys(cache)
        assert left == [key for key in keys if key in left]
        assert [key for key in left if oracle.is_target_key(_own(key).encode())] == []
        assert len(left) > len(keys) // 3
    for base in (recording.cache, recording.profile):
        for partition in PARTITIONS:
            for part in ("Code Cache", "Shared Dictionary"):
                files = (base / partition / part).rglob("*_0")
                assert not any(b"www.amazon.co.jp" in path.read_bytes() for path in files)
    loginfix(recording, "restore")
    assert [chromium_cache_keys(cache) for cache in caches] == before


def _own(key: str) -> str:
    return key.removeprefix("Range_").rpartition(":")[0] if key.startswith("Range_") else key


def test_a_cache_on_its_way_out_goes_when_it_names_the_site(tmp_path: Path) -> None:
    recording = unpack("chromium-156-blockfile", tmp_path / "home")
    old = recording.cache / "Cache/old_Cache_Data_000"
    other = recording.cache / "Cache/old_Cache_Data_001"
    for directory, host in ((old, b"www.amazon.co.jp"), (other, b"www.notamazon.com")):
        directory.mkdir()
        (directory / "data_1").write_bytes(b"\0https://" + host + b"/\0")
    loginfix(recording, "clear-cache", "--site", "amazon")
    assert not old.exists()
    assert other.exists()
