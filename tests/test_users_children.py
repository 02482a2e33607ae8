import json
import os
import signal
import stat
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from loginfix.users.accounts import Account
from loginfix.users.children import run_as

if sys.platform == "win32" or os.geteuid() != 0:
    pytest.skip("only root can become somebody else", allow_module_level=True)

UID, GID, OTHER_UID = 41234, 41235, 41236


@pytest.fixture
def ann(tmp_path: Path) -> Account:
    return Account("ann", UID, GID, tmp_path, "/bin/sh")


def told(account: Account, ask: Callable[[], object]) -> object:
    """What a child of that user finds."""

    def work() -> int:
        sys.stdout.write(json.dumps(ask()))
        return 0

    reply = run_as(account, work)
    assert reply.code == 0
    return json.loads(reply.output)


def doing(act: Callable[[], object]) -> Callable[[], int]:
    """Work that ends well."""

    def work() -> int:
        act()
        return 0

    return work


def attempt(act: Callable[[], object]) -> str:
    try:
        act()
    except OSError as error:
        return type(error).__name__
    return "done"


def test_a_child_is_that_user_and_nobody_else(ann: Account) -> None:
    assert told(ann, lambda: [os.getresuid(), os.getresgid(), os.getgroups()]) == [
        [UID] * 3,
        [GID] * 3,
        [GID],
    ]
    assert os.geteuid() == 0


@pytest.mark.parametrize(
    "way_back",
    [
        lambda: os.setuid(0),
        lambda: os.setgid(0),
        lambda: os.setgroups([0]),
        lambda: os.kill(1, 0),
    ],
)
def test_there_is_no_way_back_to_root(way_back: Callable[[], object], ann: Account) -> None:
    assert told(ann, lambda: attempt(way_back)) == "PermissionError"


def test_what_only_root_may_read_stays_unread(ann: Account, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    secret.chmod(0o600)
    assert told(ann, lambda: attempt(secret.read_bytes)) == "PermissionError"


def test_no_open_file_of_roots_is_handed_on(ann: Account) -> None:
    with tempfile.TemporaryFile() as of_root:
        reach = lambda: attempt(lambda: os.fstat(of_root.fileno()))  # noqa: E731
        assert told(ann, reach) == "OSError"


def test_the_environment_is_the_users(ann: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "TMPDIR", "LD_PRELOAD", "SUDO_USER"):
        monkeypatch.setenv(name, "/root")
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    found = told(ann, lambda: dict(os.environ))
    assert isinstance(found, dict)
    assert "/root" not in found.values()
    assert found["HOME"] == str(ann.home)
    assert (found["USER"], found["LOGNAME"], found["LANG"]) == ("ann", "ann", "ja_JP.UTF-8")
    assert told(ann, lambda: [str(Path.home()), "/root" in tempfile.gettempdir()]) == [
        str(ann.home),
        False,
    ]


def test_a_new_file_is_the_users_own(ann: Account) -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own are closed to others
        os.chmod(folder, 0o777)  # noqa: PTH101, S103
        new = Path(folder, "new")
        assert told(ann, lambda: attempt(new.touch)) == "done"
        status = new.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (UID, GID, 0o600)


def test_it_has_no_terminal_and_no_place_of_roots(ann: Account) -> None:
    assert told(ann, lambda: [os.getsid(0) == os.getpid(), str(Path.cwd())]) == [True, "/"]
    assert told(ann, lambda: attempt(lambda: os.open("/dev/tty", os.O_RDWR))) == "OSError"


def test_a_child_that_cannot_become_the_user_does_nothing(
    ann: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "setuid", lambda _: None)  # as if it had worked
    reply = run_as(ann, doing((tmp_path / "done").touch))
    assert reply.code != 0
    assert reply.output == b""
    assert not (tmp_path / "done").exists()


def test_a_child_that_takes_for_ever_is_ended(ann: Account) -> None:
    started = time.monotonic()
    reply = run_as(ann, doing(lambda: time.sleep(600)), seconds=0.2)
    assert (reply.code, reply.stopped) == (-signal.SIGKILL, True)
    assert time.monotonic() - started < 60


def test_a_child_that_says_too_much_is_ended(ann: Account) -> None:
    reply = run_as(ann, doing(lambda: sys.stdout.write("x" * 1_000_000)), most_bytes=1000)
    assert reply.stopped
    assert len(reply.output) < 1_000_000


def test_a_child_that_is_killed_is_told_from_one_that_ends(ann: Account) -> None:
    reply = run_as(ann, doing(lambda: os.kill(os.getpid(), signal.SIGKILL)))
    assert (reply.code, reply.stopped) == (-signal.SIGKILL, False)


def test_ctrl_c_lets_the_child_put_back_what_it_did(ann: Account) -> None:
    read, write = os.pipe()

    def interrupt_parent() -> int:
        try:
            os.kill(os.getppid(), signal.SIGINT)
        except PermissionError:
            return 1
        return 0

    def work() -> int:
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            sys.stdout.write("put back")
        return 130

    # A child is not allowed to send root a signal: a third process does.
    assert run_as(ann, interrupt_parent).code == 1
    parent = os.getpid()
    third = os.fork()
    if third == 0:
        os.read(read, 1)
        time.sleep(0.5)
        os.kill(parent, signal.SIGINT)
        os._exit(0)
    os.write(write, b"x")
    with pytest.raises(KeyboardInterrupt):
        run_as(ann, work)
    os.waitpid(third, 0)
    os.close(read)
    os.close(write)
