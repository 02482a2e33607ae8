"""The people of this computer, by its user database."""

import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from loginfix.errors import UsageError
from loginfix.words import say

LOGIN_DEFS = Path("/etc/login.defs")
_UID_MIN = re.compile(r"^\s*UID_MIN\s+(\d+)\s*$", re.MULTILINE)
# login.defs(5); on macOS, everything below 501 is the system's.
_FIRST_UID = 501 if sys.platform == "darwin" else 1000
# "nobody", of 16 or 32 bits, as different systems have it.
_NOBODY = frozenset({65534, 65535, 4294967294, 4294967295})
# Whoever has one of these cannot log in, so that no browser was ever started.
_NO_SHELLS = frozenset({"nologin", "false", "sync", "halt", "shutdown"})


@dataclass(frozen=True, slots=True)
class Account:
    """One user: ``uid`` and ``gid`` are the system's numbers, ``home`` need not exist."""

    name: str
    uid: int
    gid: int
    home: Path
    shell: str

    def is_person(self, first_uid: int) -> bool:
        """Whether somebody may log in with it and use a browser."""
        return (
            self.uid >= first_uid
            and self.uid not in _NOBODY
            and PurePosixPath(self.shell).name not in _NO_SHELLS
            and self.home.is_absolute()
            and self.home != Path("/")
        )


def is_root() -> bool:
    """Whether this process may do what it likes in everybody's home."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def people() -> tuple[Account, ...]:
    """Everybody who may have a browser, by name; of several names of one uid, the first.

    Some directory services (sssd, Active Directory) do not list their users: those have to be
    named.
    """
    found: dict[int, Account] = {}
    first_uid = _first_uid()
    for account in sorted(_all(), key=lambda each: each.name):
        if account.is_person(first_uid):
            found.setdefault(account.uid, account)
    return tuple(found.values())


def named(names: Iterable[str]) -> tuple[Account, ...]:
    """The accounts with these names, whatever their uid or shell, each once.

    Raises:
        UsageError: There is none of a name, or it is root's.
    """
    return tuple(dict.fromkeys(map(_chosen, names)))


def _chosen(name: str) -> Account:
    account = _by_name(name)
    if account is None:
        raise UsageError(
            say("There is no user {name!r}.", name=name),
            next_step=say("See who there is with: getent passwd"),
        )
    if account.uid == 0:
        raise UsageError(
            say("{name!r} is root, and loginfix runs as root already.", name=name),
            next_step=say("For root's own browsers, leave --user out."),
        )
    return account


def _first_uid() -> int:
    """The first number that the administrator gives to people."""
    try:
        found = _UID_MIN.search(LOGIN_DEFS.read_text("utf-8", "replace"))
    except OSError:
        return _FIRST_UID
    return int(found[1]) if found else _FIRST_UID


if sys.platform == "win32":

    def _all() -> list[Account]:
        return []

    def _by_name(_name: str) -> Account | None:
        return None

    def name_of(uid: int) -> str:
        """The name of a user, or the number where there is none."""
        return str(uid)

else:
    import pwd

    def _all() -> list[Account]:
        return [_account(each) for each in pwd.getpwall()]

    def _by_name(name: str) -> Account | None:
        try:
            return _account(pwd.getpwnam(name))
        except (KeyError, ValueError):  # there is none, or no system has such names
            return None

    def name_of(uid: int) -> str:
        """The name of a user, or the number where there is none."""
        try:
            return pwd.getpwuid(uid).pw_name
        except KeyError:
            return str(uid)

    def _account(it: pwd.struct_passwd) -> Account:
        return Account(it.pw_name, it.pw_uid, it.pw_gid, Path(it.pw_dir), it.pw_shell)
