import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fake_browsers import PYTHON, child, dead_pid, files_below, profile_in
from loginfix.browsers.model import Engine, Profile
from loginfix.browsers.running import running_state
from loginfix.errors import ProfileUnreadableError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these are the POSIX locks")

HOST = socket.gethostname()
TAKE_RECORD_LOCK = "import fcntl; f = open(sys.argv[1], 'r+'); fcntl.lockf(f, fcntl.LOCK_EX)"
HOLD = """
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from fake_browsers import profile_in
from loginfix.browsers.locks import hold
from loginfix.browsers.model import Engine
held = hold(profile_in(Path(sys.argv[1]), Engine(sys.argv[3]), process_names=()))
held.__enter__()
"""


def chromium(path: Path, *, packaging: str = "native", names: tuple[str, ...] = ()) -> Profile:
    return profile_in(path, Engine.CHROMIUM, packaging=packaging, process_names=names)


def firefox(path: Path, *, names: tuple[str, ...] = (PYTHON,)) -> Profile:
    return profile_in(path, Engine.FIREFOX, directory="ab.default", process_names=names)


def link(profile: Profile, target: str) -> None:
    (profile.user_data / "SingletonLock").symlink_to(target)


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[Path]:
    """A user data directory whose SingletonSocket somebody listens on."""
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{short}/socket")
        server.listen(1)
        (tmp_path / "SingletonSocket").symlink_to(f"{short}/socket")
        yield tmp_path


class TestChromium:
    def test_without_a_link_is_not_running(self, tmp_path: Path) -> None:
        assert running_state(chromium(tmp_path)) is None

    def test_of_a_living_browser_is_running(self, tmp_path: Path) -> None:
        profile = chromium(tmp_path, names=(PYTHON,))
        with child("") as browser:
            link(profile, f"{HOST}-{browser.pid}")
            running = running_state(profile)
            assert running is not None
            assert running.pid == browser.pid
            assert not running.by_loginfix
            assert "Fake Browser (Person 1) is open" in running.sentence
            assert str(browser.pid) in running.sentence
        assert running_state(profile) is None

    def test_of_a_process_that_ended_but_was_not_reaped_is_not_running(
        self, tmp_path: Path
    ) -> None:
        profile = chromium(tmp_path, names=(PYTHON,))
        with subprocess.Popen([sys.executable, "-c", ""]) as browser:
            os.waitid(os.P_PID, browser.pid, os.WEXITED | os.WNOWAIT)
            link(profile, f"{HOST}-{browser.pid}")
            assert running_state(profile) is None

    def test_of_a_dead_process_is_stale(self, tmp_path: Path) -> None:
        profile = chromium(tmp_path, names=(PYTHON,))
        link(profile, f"{HOST}-{dead_pid()}")
        assert running_state(profile) is None

    def test_of_a_process_of_another_name_is_stale(self, tmp_path: Path) -> None:
        profile = chromium(tmp_path, names=("chrome",))
        with child("") as other:
            link(profile, f"{HOST}-{other.pid}")
            assert running_state(profile) is None

    def test_of_a_process_of_somebody_else_is_stale(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        profile = chromium(tmp_path, names=(PYTHON,))
        monkeypatch.setattr("loginfix.browsers.processes.owned_with", lambda *_: False)
        with child("") as other:
            link(profile, f"{HOST}-{other.pid}")
            assert running_state(profile) is None

    def test_whose_socket_answers_is_running_whatever_its_process_is_called(
        self, listening: Path
    ) -> None:
        profile = chromium(listening, names=("chrome",))
        link(profile, f"{HOST}-{dead_pid()}")
        running = running_state(profile)
        assert running is not None
        assert running.pid is None

    def test_of_another_computer_is_running_there(self, tmp_path: Path) -> None:
        profile = chromium(tmp_path)
        link(profile, f"other-host-{dead_pid()}")
        running = running_state(profile)
        assert running is not None
        assert running.elsewhere
        assert "another computer (other-host)" in running.sentence

    @pytest.mark.parametrize("target", ["nonsense", "host-", "host-12x", f"{HOST}-{2**80}", "²-²"])
    def test_with_a_link_that_means_nothing_is_not_running(
        self, tmp_path: Path, target: str
    ) -> None:
        profile = chromium(tmp_path, names=(PYTHON,))
        link(profile, target)
        assert running_state(profile) is None

    def test_that_a_dead_loginfix_locked_is_not_running(self, tmp_path: Path) -> None:
        profile = chromium(tmp_path)
        link(profile, f"loginfix-{dead_pid()}")
        assert running_state(profile) is None

    def test_locked_by_what_has_our_own_process_id_is_not_running(self, tmp_path: Path) -> None:
        profile = chromium(tmp_path)
        link(profile, f"loginfix-{os.getpid()}")
        assert running_state(profile) is None

    def test_that_another_loginfix_holds_is_marked_so(self, tmp_path: Path) -> None:
        profile = chromium(tmp_path)
        with child(HOLD, tmp_path, Path(__file__).parent, "chromium") as other:
            running = running_state(profile)
            assert running is not None
            assert running.by_loginfix
            assert running.pid == other.pid
        assert running_state(profile) is None

    def test_in_a_flatpak_is_running_while_any_process_has_its_name(self, tmp_path: Path) -> None:
        named = chromium(tmp_path, packaging="flatpak", names=(PYTHON,))
        running = running_state(named)
        assert running is not None
        assert running.pid is None
        assert running_state(chromium(tmp_path, packaging="flatpak", names=("no-such",))) is None


class TestFirefox:
    def test_without_a_lock_file_is_not_running_and_gets_none(self, tmp_path: Path) -> None:
        profile = firefox(tmp_path)
        assert running_state(profile) is None
        assert list(profile.path.iterdir()) == []

    def test_with_a_lock_file_that_was_left_behind_is_not_running(self, tmp_path: Path) -> None:
        profile = firefox(tmp_path)
        (profile.path / ".parentlock").touch()
        (profile.path / "lock").symlink_to(f"127.0.0.1:+{os.getpid()}")
        assert running_state(profile) is None

    def test_that_holds_its_lock_is_running(self, tmp_path: Path) -> None:
        profile = firefox(tmp_path)
        (profile.path / ".parentlock").write_text("kept", encoding="utf-8")
        with child(TAKE_RECORD_LOCK, profile.path / ".parentlock") as browser:
            before = files_below(tmp_path)
            running = running_state(profile)
            assert running is not None
            assert running.pid == browser.pid
            assert not running.by_loginfix
            assert str(browser.pid) in running.sentence
            # Asking must not have taken the lock away.
            assert running_state(profile) is not None
            assert files_below(tmp_path) == before
        assert running_state(profile) is None

    def test_that_another_loginfix_holds_is_marked_so(self, tmp_path: Path) -> None:
        profile = profile_in(tmp_path, Engine.FIREFOX, process_names=())
        with child(HOLD, tmp_path, Path(__file__).parent, "firefox") as other:
            running = running_state(profile)
            assert running is not None
            assert running.by_loginfix
            assert running.pid == other.pid
        assert running_state(profile) is None

    def test_on_a_file_system_without_locks_the_living_process_decides(
        self, tmp_path: Path
    ) -> None:
        profile = firefox(tmp_path)
        with child("") as browser:
            (profile.path / "lock").symlink_to(f"127.0.0.1:{browser.pid}")
            running = running_state(profile)
            assert running is not None
            assert running.pid == browser.pid
        assert running_state(profile) is None

    def test_with_a_link_in_place_of_its_lock_file_is_told(self, tmp_path: Path) -> None:
        profile = firefox(tmp_path)
        (profile.path / ".parentlock").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(ProfileUnreadableError, match="Fake Browser") as caught:
            running_state(profile)
        assert str(profile.path) in caught.value.next_step
