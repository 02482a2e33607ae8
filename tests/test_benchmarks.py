"""The benchmarks run, on profiles so small that their numbers mean nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="they need Unix")
def test_the_benchmarks_measure_every_kind_of_work(tmp_path: Path) -> None:
    small = ("--directory", str(tmp_path), "--scale", "0.002", "--runs", "1")
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", *small, "--only", "simple-cache", "local-storage"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert ran.returncode == 0, ran.stderr
    targets = [line for line in ran.stdout.splitlines() if line.endswith(("| yes |", "| **no** |"))]
    for what in ("--version", "C floor", "tar + rm + look", "tar -x", "cat", "ten times", "memory"):
        assert any(what in line for line in targets), what
