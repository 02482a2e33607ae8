import json
import os
import sys
from pathlib import Path

import pytest

from loginfix.users.accounts import Account
from loginfix.users.audit import AuditError, audit_log

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no such log")

ANN = Account("ann\nbob", 4001, 4001, Path("/home/ann"), "/bin/sh")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "loginfix" / "audit.log"


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


def test_each_user_is_one_line_that_is_added(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "admin")
    for code, status in ((0, "ok"), (5, "error")):
        with audit_log(["browsers", "--all-users"], path) as log:
            log.note(ANN, exit_code=code, status=status)
    first, second = lines(path)
    assert first.pop("time")
    assert first == {
        "user": "ann\nbob",
        "uid": 4001,
        "by": "admin",
        "command": ["browsers", "--all-users"],
        "exit_code": 0,
        "status": "ok",
    }
    assert second["exit_code"] == 5


def test_only_its_owner_may_read_it(path: Path) -> None:
    before = os.umask(0)
    try:
        with audit_log([], path):
            pass
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_link_or_a_pipe_in_its_place_is_refused(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    victim = tmp_path / "victim"
    victim.write_text("before")
    path.symlink_to(victim)
    with pytest.raises(AuditError), audit_log([], path):
        pass
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(AuditError), audit_log([], path):
        pass
    assert victim.read_text() == "before"


def test_a_folder_that_is_a_link_is_refused(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    path.parent.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AuditError), audit_log([], path):
        pass
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can give away")
def test_a_folder_or_a_file_of_another_user_is_refused(path: Path) -> None:
    path.parent.mkdir()
    os.chown(path.parent, 4001, 4001)
    with pytest.raises(AuditError) as caught, audit_log([], path):
        pass
    assert str(path) in caught.value.message
    os.chown(path.parent, 0, 0)
    path.touch()
    os.chown(path, 4001, 4001)
    with pytest.raises(AuditError), audit_log([], path):
        pass


def test_a_full_disk_is_told(path: Path) -> None:
    with audit_log([], path) as log:
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, log.descriptor)
        os.close(full)
        with pytest.raises(AuditError, match="space"):
            log.note(ANN, exit_code=0, status="ok")
