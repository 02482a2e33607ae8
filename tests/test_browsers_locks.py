import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

import pytest

from fake_browsers import PYTHON, child, dead_pid, files_below, profile_in
from loginfix.browsers.locks import hold, release_stale
from loginfix.browsers.model import Engine, Profile
from loginfix.browsers.running import running_state
from loginfix.errors import BrowserRunningError, BusyError, ProfileWriteError
from test_browsers_running import HOLD, TAKE_RECORD_LOCK

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these are the POSIX locks")

HOST = socket.gethostname()
PROBE = """
import fcntl
try:
    fcntl.lockf(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    print('locked')
else:
    print('free')
"""


def link_of(profile: Profile) -> Path:
    return profile.user_data / "SingletonLock"


def target_of(profile: Profile) -> str:
    return str(link_of(profile).readlink())


def locked_for_others(file: Path) -> bool:
    """Whether another process, as Firefox does, finds a record lock on the file."""
    command = [sys.executable, "-c", f"import sys{PROBE}", str(file)]
    return subprocess.run(command, check=True, capture_output=True).stdout.strip() == b"locked"


class TestChromium:
    @pytest.fixture
    def profile(self, tmp_path: Path) -> Profile:
        return profile_in(tmp_path, Engine.CHROMIUM, process_names=(PYTHON,))

    def test_is_locked_as_if_by_another_computer(self, profile: Profile) -> None:
        with hold(profile):
            assert target_of(profile) == f"loginfix-{os.getpid()}"
        assert not link_of(profile).is_symlink()

    def test_does_not_look_running_to_the_one_who_holds_it(self, profile: Profile) -> None:
        with hold(profile):
            assert running_state(profile) is None

    def test_lock_is_released_when_the_work_fails(self, profile: Profile) -> None:
        with pytest.raises(ZeroDivisionError), hold(profile):
            raise ZeroDivisionError
        assert not link_of(profile).is_symlink()

    def test_profiles_of_one_directory_share_one_lock(
        self, tmp_path: Path, profile: Profile
    ) -> None:
        other = profile_in(tmp_path, Engine.CHROMIUM, directory="Profile 1")
        with ExitStack() as first, ExitStack() as second:
            first.enter_context(hold(profile))
            second.enter_context(hold(other))
            first.close()
            assert link_of(profile).is_symlink()
            second.close()
            assert not link_of(profile).is_symlink()

    @pytest.mark.parametrize("target", ["{host}-{dead}", "loginfix-{dead}", "nonsense"])
    def test_a_stale_link_is_replaced(self, profile: Profile, target: str) -> None:
        link_of(profile).symlink_to(target.format(host=HOST, dead=dead_pid()))
        with hold(profile):
            assert target_of(profile) == f"loginfix-{os.getpid()}"
        assert not link_of(profile).is_symlink()

    def test_a_running_browser_is_refused_by_name(self, profile: Profile) -> None:
        with child("") as browser:
            link_of(profile).symlink_to(f"{HOST}-{browser.pid}")
            with pytest.raises(BrowserRunningError) as caught, hold(profile):
                pass
            assert "Fake Browser (Person 1)" in caught.value.message
            assert "--close-browser" in caught.value.next_step
            assert target_of(profile) == f"{HOST}-{browser.pid}"

    def test_a_browser_on_another_computer_is_refused(self, profile: Profile) -> None:
        link_of(profile).symlink_to("other-1")
        with pytest.raises(BrowserRunningError, match="another computer") as caught, hold(profile):
            pass
        assert "--close-browser" not in caught.value.next_step
        assert target_of(profile) == "other-1"

    def test_another_loginfix_is_refused_as_busy(self, profile: Profile) -> None:
        with child(HOLD, profile.user_data, Path(__file__).parent, "chromium"):
            other = profile_in(profile.user_data, Engine.CHROMIUM, process_names=())
            with pytest.raises(BusyError, match="loginfix"), hold(other):
                pass
            assert link_of(profile).is_symlink()

    def test_a_browser_that_starts_between_looking_and_locking_wins(
        self, profile: Profile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = Path.symlink_to

        def too_late(path: Path, target: str) -> None:
            real(path, "other-1")
            real(path, target)

        monkeypatch.setattr(Path, "symlink_to", too_late)
        with pytest.raises(BrowserRunningError), hold(profile):
            pass
        assert target_of(profile) == "other-1"

    def test_a_lock_that_is_no_longer_ours_is_left(self, profile: Profile) -> None:
        with hold(profile):
            link_of(profile).unlink()
            link_of(profile).symlink_to("other-1")
        assert target_of(profile) == "other-1"

    def test_a_file_in_place_of_the_link_is_told(self, profile: Profile) -> None:
        link_of(profile).write_text("x", encoding="utf-8")
        with pytest.raises(ProfileWriteError, match="Fake Browser"), hold(profile):
            pass
        assert link_of(profile).read_text(encoding="utf-8") == "x"

    def test_a_lock_that_cannot_be_given_back_is_told(self, profile: Profile) -> None:
        with (
            mock.patch.object(Path, "unlink", side_effect=PermissionError(1, "Not permitted")),
            pytest.raises(ProfileWriteError, match="may not start"),
            hold(profile),
        ):
            pass
        assert release_stale(profile)

    def test_a_lock_that_could_not_be_taken_is_not_held(self, profile: Profile) -> None:
        link_of(profile).symlink_to("other-1")
        for _ in range(2):
            with pytest.raises(BrowserRunningError), hold(profile):
                pass
        assert running_state(profile) is not None


class TestFirefox:
    @pytest.fixture
    def profile(self, tmp_path: Path) -> Profile:
        return profile_in(tmp_path, Engine.FIREFOX, process_names=(PYTHON,))

    @pytest.fixture
    def lock_file(self, profile: Profile) -> Path:
        file = profile.path / ".parentlock"
        file.touch()
        return file

    def test_is_locked_while_held(self, profile: Profile, lock_file: Path) -> None:
        with hold(profile):
            assert locked_for_others(lock_file)
        assert not locked_for_others(lock_file)

    def test_lock_changes_nothing_on_disk(self, profile: Profile, lock_file: Path) -> None:
        before = files_below(profile.path)
        with hold(profile):
            assert files_below(profile.path) == before
        assert files_below(profile.path) == before
        assert lock_file.exists()

    def test_lock_file_that_was_not_there_goes_again(self, profile: Profile) -> None:
        with hold(profile):
            assert locked_for_others(profile.path / ".parentlock")
        assert list(profile.path.iterdir()) == []

    def test_stays_locked_when_we_look_whether_it_runs(
        self, profile: Profile, lock_file: Path
    ) -> None:
        with hold(profile):
            assert running_state(profile) is None
            assert locked_for_others(lock_file)

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux has locks of descriptors")
    def test_stays_locked_when_the_lock_file_is_read(
        self, profile: Profile, lock_file: Path
    ) -> None:
        with hold(profile):
            lock_file.read_bytes()
            assert locked_for_others(lock_file)

    def test_may_be_held_twice(self, profile: Profile, lock_file: Path) -> None:
        with hold(profile):
            with hold(profile):
                pass
            assert locked_for_others(lock_file)
        assert not locked_for_others(lock_file)

    def test_profiles_of_one_root_are_locked_apart(self, tmp_path: Path, profile: Profile) -> None:
        other = profile_in(tmp_path, Engine.FIREFOX, directory="other")
        with hold(profile):
            (other.path / ".parentlock").touch()
            assert not locked_for_others(other.path / ".parentlock")

    def test_a_running_browser_is_refused_by_name(self, profile: Profile, lock_file: Path) -> None:
        with child(TAKE_RECORD_LOCK, lock_file) as browser:
            with pytest.raises(BrowserRunningError, match=str(browser.pid)), hold(profile):
                pass
            assert locked_for_others(lock_file)
        with hold(profile):
            pass

    def test_a_browser_that_only_its_link_names_is_refused(self, profile: Profile) -> None:
        with child("") as browser:
            (profile.path / "lock").symlink_to(f"127.0.0.1:{browser.pid}")
            with pytest.raises(BrowserRunningError, match=str(browser.pid)), hold(profile):
                pass
        with hold(profile):
            pass

    def test_another_loginfix_is_refused_as_busy(self, profile: Profile, lock_file: Path) -> None:
        with child(HOLD, profile.user_data, Path(__file__).parent, "firefox"):
            other = profile_in(profile.user_data, Engine.FIREFOX, process_names=())
            with pytest.raises(BusyError, match="loginfix"), hold(other):
                pass
        assert lock_file.exists()

    def test_a_browser_that_starts_between_looking_and_locking_wins(
        self, profile: Profile, lock_file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("loginfix.browsers.firefox_lock.state", lambda _: None)
        with child(TAKE_RECORD_LOCK, lock_file):
            with pytest.raises(BrowserRunningError, match="Person 1"), hold(profile):
                pass
            assert locked_for_others(lock_file)

    def test_a_lock_file_that_cannot_be_made_is_told(self, profile: Profile) -> None:
        (profile.path / ".parentlock").mkdir()
        with pytest.raises(ProfileWriteError, match="Fake Browser") as caught, hold(profile):
            pass
        assert str(profile.path) in caught.value.next_step


class TestAStaleLock:
    def test_of_ours_is_removed(self, tmp_path: Path) -> None:
        profile = profile_in(tmp_path, Engine.CHROMIUM)
        for pid in (dead_pid(), os.getpid()):
            link_of(profile).symlink_to(f"loginfix-{pid}")
            assert release_stale(profile)
            assert not link_of(profile).is_symlink()
        assert not release_stale(profile)

    def test_of_a_browser_is_left(self, tmp_path: Path) -> None:
        profile = profile_in(tmp_path, Engine.CHROMIUM)
        link_of(profile).symlink_to(f"{HOST}-{dead_pid()}")
        assert not release_stale(profile)
        assert link_of(profile).is_symlink()

    def test_that_a_living_loginfix_holds_is_left(self, tmp_path: Path) -> None:
        profile = profile_in(tmp_path, Engine.CHROMIUM, process_names=())
        with child(HOLD, tmp_path, Path(__file__).parent, "chromium"):
            assert not release_stale(profile)
            assert link_of(profile).is_symlink()

    def test_that_we_hold_is_left(self, tmp_path: Path) -> None:
        profile = profile_in(tmp_path, Engine.CHROMIUM)
        with hold(profile):
            assert not release_stale(profile)
            assert link_of(profile).is_symlink()

    def test_of_firefox_does_not_exist(self, tmp_path: Path) -> None:
        profile = profile_in(tmp_path, Engine.FIREFOX)
        (profile.path / ".parentlock").touch()
        assert not release_stale(profile)
        assert (profile.path / ".parentlock").exists()
