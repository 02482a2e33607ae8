import os
import subprocess
import sys
from pathlib import Path

import pytest

from loginfix.clearing.failures import JournalError
from loginfix.clearing.runlock import run_lock
from loginfix.errors import BusyError, ExitCode


def test_only_one_run_holds_the_lock(tmp_path: Path) -> None:
    with run_lock(tmp_path / "data"):
        with pytest.raises(BusyError) as caught, run_lock(tmp_path / "data"):
            pass
        assert caught.value.exit_code is ExitCode.BUSY
    with run_lock(tmp_path / "data"):
        pass


def test_the_lock_holds_between_processes_and_ends_with_them(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from loginfix.clearing.runlock import run_lock\n"
        f"with run_lock(Path({str(tmp_path)!r})): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(BusyError), run_lock(tmp_path):
            pass
        holder.kill()
    with run_lock(tmp_path):
        pass


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_the_lock_and_its_directory_are_private(tmp_path: Path) -> None:
    with run_lock(tmp_path / "new/data"):
        assert (tmp_path / "new/data").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "new/data/lock").stat().st_mode & 0o777 == 0o600


def test_a_link_in_the_place_of_the_lock_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalError), run_lock(tmp_path):
        pass
    assert not (tmp_path / "elsewhere").exists()
