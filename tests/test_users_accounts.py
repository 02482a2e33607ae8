import sys
from pathlib import Path

import pytest

from loginfix.errors import UsageError
from loginfix.users import accounts
from loginfix.users.accounts import Account, named, people

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such accounts")


def account(**changes: object) -> Account:
    facts = {"name": "ann", "uid": 1000, "gid": 1000, "home": Path("/home/ann"), "shell": "/bin/sh"}
    return Account(**{**facts, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [{}, {"shell": ""}, {"uid": 1_234_567_890}],  # passwd(5): an empty shell is /bin/sh
)
def test_a_person_may_log_in_and_has_a_home(changes: dict[str, object]) -> None:
    assert account(**changes).is_person(1000)


@pytest.mark.parametrize(
    "changes",
    [
        {"uid": 999},
        {"uid": 0},
        {"uid": 65534},
        {"shell": "/usr/sbin/nologin"},
        {"shell": "/bin/false"},
        {"home": Path("/")},
        {"home": Path("nowhere")},
    ],
)
def test_a_service_is_no_person(changes: dict[str, object]) -> None:
    assert not account(**changes).is_person(1000)


@pytest.mark.parametrize(
    ("defs", "expected"),
    [("UID_MIN 500\n", ["ann", "old"]), ("#UID_MIN 500\nUID_MAX 2\n", ["ann"]), (None, ["ann"])],
)
def test_the_administrator_says_where_people_begin(
    defs: str | None, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "LOGIN_DEFS", tmp_path / "login.defs")
    monkeypatch.setattr(accounts, "_FIRST_UID", 1000)
    monkeypatch.setattr(accounts, "_all", lambda: [account(), account(name="old", uid=600)])
    if defs is not None:
        (tmp_path / "login.defs").write_text(defs)
    assert [each.name for each in people()] == expected


def test_two_names_of_one_user_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_first_uid", lambda: 1000)
    monkeypatch.setattr(accounts, "_all", lambda: [account(name="zoe"), account(name="ann")])
    assert [each.name for each in people()] == ["ann"]


@pytest.mark.parametrize("name", ["root", "nobody-has-this-name", "", "a\0b"])
def test_neither_root_nor_a_stranger_can_be_named(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        named([name])
    assert caught.value.next_step


def test_a_user_who_is_named_twice_is_one() -> None:
    assert [each.name for each in named(["daemon", "daemon"])] == ["daemon"]
