import os
import sys
from pathlib import Path

import pytest

from loginfix.errors import RefusedError
from loginfix.users import homes
from loginfix.users.accounts import Account
from loginfix.users.homes import refuse_foreign, require_own

if sys.platform == "win32" or os.geteuid() != 0:
    pytest.skip("only root has to stay out", allow_module_level=True)

UID = 41234


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A home of another user."""
    path = tmp_path / "home"
    path.mkdir()
    os.chown(path, UID, UID)
    return path


def test_root_may_work_in_homes_of_its_own(tmp_path: Path) -> None:
    refuse_foreign([tmp_path, tmp_path / "not" / "there"])


@pytest.mark.parametrize("below", ["", "profile", "not/there"])
def test_a_home_and_all_that_is_in_it_is_refused(below: str, foreign: Path) -> None:
    (foreign / "profile").mkdir()  # root's own, but in a folder where it can be exchanged
    with pytest.raises(RefusedError) as caught:
        refuse_foreign([foreign / below])
    assert str(foreign) in caught.value.message
    assert str(UID) in caught.value.message
    assert "as that user" in caught.value.next_step


def test_a_link_does_not_hide_whose_home_it_is(foreign: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(foreign)
    with pytest.raises(RefusedError):
        refuse_foreign([link])


def test_whoever_came_by_sudo_is_told_so(foreign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homes, "name_of", lambda _: "ann")
    monkeypatch.setenv("SUDO_USER", "ann")
    with pytest.raises(RefusedError) as caught:
        refuse_foreign([foreign])
    assert "without sudo" in caught.value.next_step
    monkeypatch.setenv("SUDO_USER", "somebody-else")
    with pytest.raises(RefusedError) as caught:
        refuse_foreign([foreign])
    assert "--user ann" in caught.value.next_step


def test_others_than_root_are_left_to_the_system(
    foreign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: UID + 1)
    refuse_foreign([foreign])


def test_a_user_works_only_in_a_home_of_their_own(foreign: Path, tmp_path: Path) -> None:
    require_own(Account("ann", UID, UID, foreign, "/bin/sh"))
    require_own(Account("ann", UID, UID, tmp_path / "not there", "/bin/sh"))
    (tmp_path / "link").symlink_to(foreign)
    for home in (foreign, tmp_path / "link", tmp_path):
        with pytest.raises(RefusedError, match="bob"):
            require_own(Account("bob", UID + 1, UID + 1, home, "/bin/sh"))
