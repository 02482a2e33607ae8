"""Private copies, and what a killed process leaves of them."""

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from loginfix.files.scratch import remove_abandoned, scratch

DYING = (
    "import os, signal, sys\n"
    "from loginfix.files.scratch import scratch\n"
    "with scratch() as directory:\n"
    "    (directory / 'copy').write_text('session')\n"
    "    os.kill(os.getpid(), signal.SIGKILL)\n"
)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_only_its_owner_can_enter_and_nothing_stays(temporary: Path) -> None:
    with scratch() as directory:
        (directory / "copy").write_bytes(b"x")
        assert directory.parent == temporary
        assert os.name == "nt" or stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert not list(temporary.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_what_a_killed_process_left_goes(temporary: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(temporary)}
    subprocess.run([sys.executable, "-c", DYING], check=False, env=environment)
    assert [path.read_text() for path in temporary.rglob("copy")] == ["session"]
    remove_abandoned()
    assert not list(temporary.iterdir())


def test_what_is_in_use_or_not_ours_stays(temporary: Path) -> None:
    outside = temporary / "outside"
    outside.mkdir()
    (outside / "precious").write_bytes(b"x")
    gone = 2**22 + 1  # above every process number
    (temporary / f"loginfix-{gone}-link").symlink_to(outside)
    (temporary / f"loginfix-{gone}-file").write_bytes(b"x")
    (temporary / "loginfix-demo-x").mkdir()
    with scratch() as directory:
        remove_abandoned()
        assert directory.exists()
    left = {path.name for path in temporary.iterdir()}
    assert left == {"outside", f"loginfix-{gone}-link", f"loginfix-{gone}-file", "loginfix-demo-x"}
    assert (outside / "precious").exists()


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="needs two users")
def test_what_is_another_users_stays(temporary: Path) -> None:
    other = temporary / f"loginfix-{2**22 + 1}-x"
    other.mkdir()
    os.chown(other, 65534, 65534)
    remove_abandoned()
    assert other.exists()
