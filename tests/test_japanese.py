"""What a Japanese person sees at 80 columns: kept as files, to be looked at, and compared.

``LOGINFIX_UPDATE=1`` writes the files anew.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

import synthetic
from loginfix.cli.program import main

KEPT = Path(__file__).parent / "data" / "japanese"
UPDATE = bool(os.environ.get("LOGINFIX_UPDATE"))
WIDTH = 80
# As long as the directory that the runs are in, so that lines break at the same places.
HOME = "/home/hanako"
CHANGING = {
    r"\d{8}-\d{6}-amazon": "20261124-035030-amazon",
    r"\d{4}-\d\d-\d\d \d\d:\d\d": "2026-11-24 12:50",
    r"\d+\.\d 秒": "0.2 秒",
    r"\d+\.\d KiB": "4.2 KiB",
    r"\d+ バイト目": "8053 バイト目",
}
COMMANDS: dict[str, tuple[str, ...]] = {
    "browsers": ("browsers",),
    "dry-run": ("clear-cache", "--site", "amazon", "--dry-run"),
    "trace-before": ("trace", "--site", "amazon"),
    "clear": ("clear-cache", "--site", "amazon", "--yes"),
    "trace-after": ("trace", "--site", "amazon"),
    "backups": ("backups", "list"),
    "verify": ("backups", "verify"),
    "restore": ("restore", "--yes"),
    "restore-again": ("restore", "--yes"),
    "recover": ("recover",),
    "schedules": ("schedule", "list"),
    "no-such-site": ("clear-cache", "--site", "amazn", "--yes"),
    "no-yes": ("clear-cache", "--site", "amazon"),
}


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="") as directory:
        path = Path(directory)
        assert len(str(path)) == len(HOME) + 1
        yield path


def japanese(*arguments: str) -> str:
    result = CliRunner().invoke(main, [*arguments, "--lang", "ja"], env={"COLUMNS": str(WIDTH)})
    return result.output


def as_kept(text: str, home: Path) -> str:
    text = text.replace(str(home), f"{HOME}0")
    for pattern, instead in CHANGING.items():
        text = re.sub(pattern, instead, text)
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def assert_kept(name: str, text: str) -> None:
    path = KEPT / f"{name}.txt"
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text("utf-8"), f"look at it, then run with LOGINFIX_UPDATE=1: {path}"


@pytest.mark.skipif(sys.platform != "linux", reason="directories have other lengths elsewhere")
def test_the_whole_job_is_told_as_it_was(home: Path) -> None:
    synthetic.firefox(home)
    synthetic.chromium(home)
    for name, arguments in COMMANDS.items():
        assert_kept(name, as_kept(japanese(*arguments, "--home", str(home)), home))


@pytest.mark.parametrize("verb", ["", "clear-cache"])
def test_help_is_told_as_it_was(verb: str) -> None:
    name = "-".join(("help", *verb.split()))
    assert_kept(name, as_kept(japanese(*verb.split(), "--help"), Path("/nowhere")))


def test_every_line_fits_but_for_what_must_stay_whole() -> None:
    files = sorted(KEPT.glob("*.txt"))
    assert len(files) >= len(COMMANDS) + 2
    for path in files:
        for line in path.read_text("utf-8").splitlines():
            whole = HOME in line or "loginfix " in line
            assert cell_len(line) <= WIDTH or whole, (path, line)
            # Never a full stop, a closing bracket or a small letter first.
            assert not re.match(r"\s*[、。)」ーっゃゅょッャュョ]", line), (path, line)


def test_columns_stand_below_each_other() -> None:
    """Names and values of a profile: each value begins at the same column."""
    lines = (KEPT / "browsers.txt").read_text("utf-8").splitlines()
    pairs = [re.match(r"(  \S.*?  +)\S", line) for line in lines if line.startswith("  ")]
    assert len({cell_len(pair[1]) for pair in pairs if pair}) == 1
