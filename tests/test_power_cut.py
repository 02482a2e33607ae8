"""Power that is cut in the middle of a clear, on a real file system.

A disk is a file with ext4 in it. While a clear runs on it, this file is copied: each copy holds
what had reached the disk by then, and is recovered.
"""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import synthetic
from disks import CLEAR, ENVIRONMENT, mounted, profile_of, told
from other_users import missing_rights

if reason := missing_rights():
    pytest.skip(reason, allow_module_level=True)

# Copies the image after every flush, and at the end: what the command claims then must hold.
CUT = """
import os, subprocess, sys
from itertools import count
from loginfix.cli.program import main
image, flush, numbers = sys.argv.pop(1), os.fsync, count()

def cut(name):
    subprocess.run(["cp", "--sparse=always", image, f"{image}.{name}"], check=True)

def fsync(descriptor):
    flush(descriptor)
    cut(f"{next(numbers):03}")

os.fsync = fsync
try:
    main()
finally:
    cut("end")
"""
NOTHING_TO_DO = 3


def make_disk(image: Path) -> None:
    image.touch()
    os.truncate(image, 16 << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True, capture_output=True)


def missing_disks(tmp_path: Path) -> str:
    """Why a disk cannot be made of a file here; empty if it can."""
    image = tmp_path / "tried"
    try:
        make_disk(image)
        with mounted(tmp_path / "disk", "-o", "loop", str(image)):
            return ""
    except (OSError, subprocess.CalledProcessError) as error:
        return f"needs disks made of files (mkfs.ext4, loop devices): {error}"


def state(home: Path) -> dict[str, tuple[str, int, int]]:
    """All files of the profile but the browser's lock, whose left-over means nothing."""
    return {p: facts for p, facts in profile_of(home).items() if not p.endswith("/.parentlock")}


def build(home: Path) -> None:
    """A profile with a database to be written anew, and a folder to be moved away."""
    profile = synthetic.firefox(home)
    origin = profile.path / "storage/default/https+++www.amazon.co.jp"
    origin.joinpath("ls").mkdir(parents=True)
    origin.joinpath("ls/data.sqlite").write_bytes(b"of the site")


def test_power_that_is_cut_leaves_before_or_after(tmp_path: Path) -> None:
    if reason := missing_disks(tmp_path):
        pytest.skip(reason)
    image, disk = tmp_path / "image", tmp_path / "disk"
    home = disk / "home"
    make_disk(image)
    # Nothing gets to the disk by itself while the run lasts.
    with mounted(disk, "-o", "loop,commit=300,noauto_da_alloc", str(image)):
        build(home)
        before = state(home)
        os.sync()
        subprocess.run(
            [sys.executable, "-c", CUT, str(image), *CLEAR, "--home", str(home)],
            env=ENVIRONMENT, check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        after = state(home)
    assert before.keys() > after.keys()
    outcomes: Counter[str] = Counter()
    for copy in sorted(tmp_path.glob("image.*")):
        with mounted(disk, "-o", "loop", str(copy)):
            recovered, _ = told(home, "recover")
            assert recovered in (0, NOTHING_TO_DO), copy.name
            found = state(home)
            assert found in (before, after), copy.name
            outcomes["before" if found == before else "after"] += 1
            if found == after:
                assert told(home, "backups", "verify")[0] == 0, copy.name
        copy.unlink()
    assert (recovered, found) == (NOTHING_TO_DO, after), "it was done, so the command said"
    assert set(outcomes) == {"before", "after"}
